/** What the drawings of every kind have in common. */
import type { Row } from "./rows";

/** What a drawing says to the reader, in the reader's language. */
export type Messages = Readonly<Record<string, string>>;

/** What a drawing is given. */
export interface Task {
  /** Where it is drawn; empty, and as wide as it may be. */
  readonly place: HTMLElement;
  readonly rows: readonly Row[];
  /** What the drawing shows, for those who do not see it. */
  readonly caption: string;
  readonly messages: Messages;
  /** Called with the rows that are shown, when the reader filters. */
  readonly onFilter?: (shown: ReadonlySet<Row>) => void;
}

/** Draws; false where the rows have nothing that could be drawn. */
export type Draw = (task: Task) => boolean;

/** The kinds of drawing and the columns that each needs; the modules are fetched when one is to be drawn. */
export const KINDS: Readonly<Record<string, { needs: readonly string[]; load: () => Promise<{ draw: Draw }> }>> = {
  network: { needs: ["source", "target"], load: () => import("./network") },
  timeline: { needs: ["item", "start"], load: () => import("./timeline") },
  map: { needs: ["item", "lat", "long"], load: () => import("./map") },
  chart: { needs: ["label", "value"], load: () => import("./chart") },
};

/** Colours of series are custom properties, `--series-1` to `--series-8`; beyond that they begin again. */
export function series(index: number): string {
  return `series-${(index % 8) + 1}`;
}

/** A message with its `{name}`s filled in. */
export function say(messages: Messages, key: string, values: Record<string, string | number> = {}): string {
  return (messages[key] ?? key).replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole));
}

let measure: CanvasRenderingContext2D | null | undefined;

/** How wide a text is, in pixels at the given size, in the font of the page. */
export function width(text: string, size: number): number {
  measure ??= document.createElement("canvas").getContext("2d");
  if (!measure) return text.length * size;
  measure.font = `${size}px ${getComputedStyle(document.body).fontFamily}`;
  return measure.measureText(text).width;
}

/** The beginning of a text that is no wider than so many pixels, in whole words where one fits. */
export function fitting(text: string, most: number, size: number): string {
  if (width(text, size) <= most) return text;
  const words = Array.from(new Intl.Segmenter(undefined, { granularity: "word" }).segment(text), ({ segment }) => segment);
  return longest(words, most, size) || longest([...text], most, size);
}

function longest(parts: readonly string[], most: number, size: number): string {
  const cut = (count: number): string => `${parts.slice(0, count).join("").replace(/[\s([]+$|\s*\([^)]*$/, "")}…`;
  let [low, high] = [0, parts.length];
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (width(cut(middle), size) <= most) low = middle;
    else high = middle;
  }
  return low === 0 ? "" : cut(low);
}

/** Calls once now, and again whenever the width of the place changes. */
export function onWidth(place: HTMLElement, draw: (width: number) => void): void {
  let last = 0;
  const redraw = (): void => {
    const now = Math.floor(place.clientWidth);
    if (now > 0 && now !== last) draw((last = now));
  };
  redraw();
  new ResizeObserver(redraw).observe(place);
}
