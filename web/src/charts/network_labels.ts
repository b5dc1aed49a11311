/** Where the labels of a network fit: beside their nodes, inside the picture, on nothing else. */
import type { Node } from "./graph";
import { breakLines, overlap, textWidth, type Box } from "./labels";

export const SIZE = 12; // of the font, in pixels
export const LINE = 14; // pixels from one line of a label to the next
const HALO = 1; // pixels around the letters
const GAP = 4; // pixels between a symbol and its label
const EDGE = 2; // pixels between a label and the edge of the picture
const FORMS = [[150, 2], [104, 3], [128, 1]] as const; // width in pixels and lines, the first that fits

/** A node as it is drawn: its middle and its radius in pixels of the picture. */
export interface Spot {
  readonly x: number;
  readonly y: number;
  readonly radius: number;
}

export interface Label {
  readonly lines: readonly string[];
  readonly anchor: "start" | "middle" | "end";
  /** Of the baseline of the first line, from the middle of the node. */
  readonly x: number;
  readonly y: number;
  readonly box: Box;
}

/** The boxes of the nodes themselves, which no label may lie on. */
export function boxOf({ x, y, radius }: Spot): Box {
  const side = radius + 2;
  return { x: x - side, y: y - side, width: 2 * side, height: 2 * side };
}

/** The labels of those of the nodes that have room, in their order; their boxes are added to `taken`. */
export function placeLabels(nodes: readonly Node[], spots: ReadonlyMap<Node, Spot>, taken: Box[], width: number, height: number): Map<Node, Label> {
  const placed = new Map<Node, Label>();
  for (const node of nodes) {
    const spot = spots.get(node);
    if (!spot || spot.x < 0 || spot.y < 0 || spot.x > width || spot.y > height) continue;
    const label = placeLabel(node.cell.text, spot, taken, width, height);
    if (!label) continue;
    placed.set(node, label);
    taken.push(label.box);
  }
  return placed;
}

function placeLabel(text: string, spot: Spot, taken: readonly Box[], width: number, height: number): Label | undefined {
  for (const [limit, most] of FORMS) {
    const lines = breakLines(text, limit, SIZE, most);
    const wide = Math.max(...lines.map((line) => textWidth(line, SIZE)));
    for (const label of around(lines, spot, wide)) {
      const { box } = label;
      const isInside = box.x >= EDGE && box.y >= EDGE && box.x + box.width <= width - EDGE && box.y + box.height <= height - EDGE;
      if (isInside && !taken.some((other) => overlap(other, box))) return label;
    }
  }
  return undefined;
}

/** The label to the right of its node, to the left, below and above. */
function around(lines: readonly string[], { x, y, radius }: Spot, wide: number): Label[] {
  const tall = lines.length * LINE + 2 * HALO;
  const away = radius + GAP;
  const at = (anchor: Label["anchor"], dx: number, top: number): Label => {
    const left = anchor === "start" ? x + dx : anchor === "end" ? x + dx - wide : x - wide / 2;
    return { lines, anchor, x: dx, y: top + HALO + LINE - 3, box: { x: left - 1, y: y + top, width: wide + 2, height: tall } };
  };
  return [at("start", away, -tall / 2), at("end", -away, -tall / 2), at("middle", 0, away - 1), at("middle", 0, -away - tall + 1)];
}
