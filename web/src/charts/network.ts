/** A network: nodes that link to their pages, and edges from `source` to `target` with a colour for each kind. */
import { html, svg } from "../elements";
import { formatMessage } from "../messages";
import { onWidth, setSize, type ChartInput, type DrawChart } from "./chart";
import { Filters, kindsOf } from "./filters";
import { graphOf, layOut, type Edge, type Graph, type Node } from "./graph";
import { overlap, textWidth, truncate, type Box } from "./labels";
import { Viewport, type Transform } from "./viewport";

const MARGIN = 30; // pixels around the nodes
const SIZE = 12; // of the font, in pixels
const MAX_LABEL = 210; // pixels
const MAX_ZOOM = 8;
const CLICK = 4; // pixels; a pointer that moves by more drags the node and does not follow its link
const MAX_NEIGHBOURS = 6; // in the accessible name of a node

export const draw: DrawChart = (input) => {
  const graph = graphOf(input.rows);
  if (graph.edges.length === 0) return false;
  const network = new Network(graph, input);
  onWidth(input.place, (width) => network.fit(width));
  return true;
};

let arrows = 0; // arrowheads on the page, each with an id of its own

interface Shape {
  readonly element: SVGElement;
  readonly label: SVGTextElement;
  readonly radius: number;
}

class Network {
  private readonly surface = svg("svg", { class: "network", role: "group", tabindex: 0 });
  private readonly status = html("p", { class: "status", role: "status" });
  private readonly edges = new Map<Edge, SVGPathElement>();
  private readonly nodes = new Map<Node, Shape>();
  private readonly filters: Filters;
  private readonly viewport: Viewport;
  private shown: ReadonlySet<Node>;

  constructor(
    private readonly graph: Graph,
    private readonly input: ChartInput,
  ) {
    const { caption, messages, place, rows } = input;
    const kinds = kindsOf(rows);
    this.shown = new Set(graph.nodes);
    this.surface.setAttribute("aria-label", `${caption}. ${formatMessage(messages, "keysNetwork")}`);
    const arrow = input.isDirected ? this.addArrow() : undefined;
    for (const edge of graph.edges) {
      const { source, target, ...more } = edge.row;
      const title = [`${source?.text} ${input.isDirected ? "→" : "–"} ${target?.text}`, ...Object.values(more).map(({ text }) => text)].join(", ");
      const colour = kinds.get(more["kind"]?.value ?? "")?.colour ?? "plain";
      this.edges.set(edge, svg("path", { class: `edge ${colour}`, "marker-mid": arrow }, svg("title", {}, title)));
    }
    for (const node of graph.nodes) this.nodes.set(node, this.shape(node));
    this.surface.append(
      svg("g", {}, ...this.edges.values()),
      svg("g", {}, ...[...this.nodes.values()].map(({ element }) => element)),
    );
    this.filters = new Filters(rows, kinds, messages, () => this.filter());
    this.viewport = new Viewport(this.surface, MAX_ZOOM, messages, (transform) => this.show(transform));
    place.append(this.filters.element, this.surface, html("div", { class: "controls" }, this.viewport.buttons, this.status));
    this.filter();
  }

  /** Draws the network at a width in pixels. */
  fit(width: number): void {
    const height = Math.round(Math.min(Math.max(300, 60 * Math.sqrt(this.graph.nodes.length)), Math.max(width * 0.75, 420), 720));
    setSize(this.surface, width, height);
    layOut(this.graph, width, height, MARGIN);
    this.viewport.resize(width, height);
  }

  /** Adds an arrowhead to the chart; the reference to it. */
  private addArrow(): string {
    const id = `arrow-${(arrows += 1)}`;
    const size = { viewBox: "0 0 8 8", refX: 4, refY: 4, markerWidth: 8, markerHeight: 8 };
    const head = svg("path", { d: "M0 0 8 4 0 8Z" });
    this.surface.append(svg("defs", {}, svg("marker", { id, ...size, markerUnits: "userSpaceOnUse", orient: "auto" }, head)));
    return `url(#${id})`;
  }

  private shape(node: Node): Shape {
    const radius = Math.min(4 + 1.5 * Math.sqrt(node.edges.length), 12);
    const label = svg("text", { class: "label", x: radius + 4, y: 4 }, truncate(node.cell.text, MAX_LABEL, SIZE));
    const parts = [svg("circle", { class: "hit", r: 12 }), svg("circle", { class: "node", r: radius }), label];
    const name = accessibleName(node);
    const { href } = node.cell;
    const element = href
      ? svg("a", { href, "aria-label": name }, svg("title", {}, node.cell.text), ...parts)
      : svg("g", { role: "img", "aria-label": name, tabindex: 0 }, svg("title", {}, node.cell.text), ...parts);
    for (const event of ["pointerenter", "focus"]) element.addEventListener(event, () => this.highlight(node, true));
    for (const event of ["pointerleave", "blur"]) element.addEventListener(event, () => this.highlight(node, false));
    this.makeDraggable(element, node);
    return { element, label, radius };
  }

  /** Lets a mouse drag a node; touch keeps panning the chart. */
  private makeDraggable(element: SVGElement, node: Node): void {
    let moved = -1; // pixels since the button went down; -1 while it is up
    element.addEventListener("dragstart", (event) => event.preventDefault());
    element.addEventListener("pointerdown", (event) => {
      if (event.pointerType !== "mouse" || event.button !== 0) return;
      event.preventDefault();
      element.setPointerCapture(event.pointerId);
      moved = 0;
    });
    element.addEventListener("pointermove", (event) => {
      if (moved < 0) return;
      moved += Math.abs(event.movementX) + Math.abs(event.movementY);
      if (moved <= CLICK) return;
      const [x, y] = this.viewport.position(event);
      const { transform } = this.viewport;
      Object.assign(node, { x: (x - transform.x) / transform.k, y: (y - transform.y) / transform.k });
      this.show(transform);
    });
    for (const end of ["pointerup", "pointercancel"]) {
      element.addEventListener(end, () => {
        if (moved > CLICK) {
          const prevent = (event: Event): void => event.preventDefault();
          element.addEventListener("click", prevent, { once: true });
          requestAnimationFrame(() => element.removeEventListener("click", prevent));
        }
        moved = -1;
      });
    }
  }

  /** Sets or removes the highlight of a node, its edges and its neighbours. */
  private highlight(node: Node, on: boolean): void {
    this.surface.classList.toggle("highlighted", on);
    this.nodes.get(node)?.element.classList.toggle("adjacent", on);
    for (const edge of node.edges) {
      this.edges.get(edge)?.classList.toggle("adjacent", on);
      for (const end of [edge.source, edge.target]) this.nodes.get(end)?.element.classList.toggle("adjacent", on);
    }
  }

  /** Applies the filters to the chart and, by `onFilter`, to its table. */
  private filter(): void {
    const { graph, input } = this;
    const rows = new Set(input.rows.filter((row) => this.filters.passes(row)));
    const edges = graph.edges.filter(({ row }) => rows.has(row));
    this.shown = new Set(edges.flatMap(({ source, target }) => [source, target]));
    for (const [edge, path] of this.edges) path.classList.toggle("hidden", !rows.has(edge.row));
    for (const [node, { element }] of this.nodes) element.classList.toggle("hidden", !this.shown.has(node));
    const more = graph.more > 0 ? ` ${formatMessage(input.messages, "more", { number: graph.more })}` : "";
    this.status.textContent = formatMessage(input.messages, "shown", { nodes: this.shown.size, edges: edges.length }) + more;
    input.onFilter?.(rows);
    this.show(this.viewport.transform);
  }

  private show({ x, y, k }: Transform): void {
    const at = (node: Node): [number, number] => [node.x * k + x, node.y * k + y];
    for (const [edge, path] of this.edges) path.setAttribute("d", curve(at(edge.source), at(edge.target), edge.bend));
    const taken: Box[] = [];
    for (const [node, { element, label, radius }] of this.nodes) {
      const [cx, cy] = at(node);
      element.setAttribute("transform", `translate(${cx.toFixed(1)},${cy.toFixed(1)})`);
      if (this.shown.has(node)) taken.push({ x: cx - radius, y: cy - radius, width: 2 * radius, height: 2 * radius });
      label.classList.add("crowded");
    }
    for (const [node, { label, radius }] of this.nodes) {
      if (!this.shown.has(node)) continue;
      const [cx, cy] = at(node);
      const length = textWidth(label.textContent ?? "", SIZE);
      const isLeft = cx + radius + 4 + length > this.viewport.width;
      label.setAttribute("x", String(isLeft ? -radius - 4 : radius + 4));
      label.setAttribute("text-anchor", isLeft ? "end" : "start");
      const box = { x: isLeft ? cx - radius - 4 - length : cx + radius + 3, y: cy - 8, width: length, height: 16 };
      if (taken.some((other) => overlap(other, box))) continue;
      taken.push(box);
      label.classList.remove("crowded");
    }
  }
}

/** The name of a node, the number of its edges, and the names of its neighbours. */
function accessibleName(node: Node): string {
  const others = new Set(node.edges.map(({ source, target }) => (source === node ? target : source).cell.text));
  const names = [...others].slice(0, MAX_NEIGHBOURS).join(", ");
  return `${node.cell.text} (${node.edges.length}): ${names}${others.size > MAX_NEIGHBOURS ? ", …" : ""}`;
}

/**
 * The path of an edge between two points: a quadratic Bézier curve, off the straight line by `bend`. It is split in the
 * middle, where its arrowhead is.
 */
function curve([x1, y1]: [number, number], [x2, y2]: [number, number], bend: number): string {
  const length = Math.hypot(x2 - x1, y2 - y1) || 1;
  const off = bend * 24;
  const [cx, cy] = [(x1 + x2) / 2 - ((y2 - y1) / length) * off, (y1 + y2) / 2 + ((x2 - x1) / length) * off];
  const [middleX, middleY] = [(x1 + 2 * cx + x2) / 4, (y1 + 2 * cy + y2) / 4];
  const points = [[(x1 + cx) / 2, (y1 + cy) / 2], [middleX, middleY], [(cx + x2) / 2, (cy + y2) / 2], [x2, y2]];
  const [first, middle, second, last] = points.map((point) => point.map((value) => value?.toFixed(1)).join());
  return `M${x1.toFixed(1)},${y1.toFixed(1)}Q${first} ${middle}Q${second} ${last}`;
}
