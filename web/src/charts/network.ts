/**
 * A network: nodes with a symbol for each class, and edges from `source` to `target` with a colour for each kind. What is
 * pointed at or chosen is told of in a panel; the legend in it filters the network, which is then laid out anew.
 */
import { html, svg } from "../elements";
import { formatMessage } from "../messages";
import { onWidth, setSize, textLines, type ChartInput, type DrawChart } from "./chart";
import { Details, isEdge, type Subject } from "./details";
import { Filters, kindsOf, swatch, type Kind } from "./filters";
import { graphOf, keyOf, type Edge, type Graph, type Node } from "./graph";
import { layOut, type Positions } from "./layout";
import type { Box } from "./labels";
import { boxOf, LINE, placeLabels, type Label, type Spot } from "./network_labels";
import { colourOf, outlineOf } from "./symbols";
import { Viewport, type Transform } from "./viewport";

const MARGIN = 34; // pixels around the nodes, at least
const BESIDE = 0.11; // of the width, to either side of the nodes, where their labels have room
const MAX_ZOOM = 8;
const CLICK = 4; // pixels; a pointer that moves by more drags the node and does not choose it
const MAX_NEIGHBOURS = 6; // in the accessible name of a node
const MANY = 120; // nodes whose labels are not placed while the picture moves
const REST = 120; // milliseconds without a movement, after which it is at rest
const TIE_RADIUS = 5; // pixels
const MOVE = 450; // milliseconds that nodes take to their new places
const SIZES = [[12, "small"], [60, "medium"]] as const; // by the most nodes, as server/pages/charts.py has them

export const draw: DrawChart = async (input) => {
  if (graphOf(input.rows).edges.length === 0) return false;
  const network = new Network(input);
  await network.fit();
  onWidth(network.picture, () => void network.fit());
  return true;
};

let arrows = 0; // arrowheads on the page, each with an id of its own

/** The elements of a node. */
interface View {
  readonly element: SVGElement;
  readonly label: SVGGElement;
  readonly radius: number;
}

class Network {
  readonly picture = html("div", { class: "picture" });
  private readonly surface = svg("svg", { class: "network", role: "group", tabindex: 0 });
  private readonly edgeLayer = svg("g");
  private readonly nodeLayer = svg("g");
  private readonly labelLayer = svg("g", { "aria-hidden": "true" }); // nodes have their names themselves
  private readonly status = html("p", { class: "status", role: "status" });
  private readonly details: Details;
  private readonly filters: Filters;
  private readonly viewport: Viewport;
  private readonly kinds: ReadonlyMap<string, Kind>;
  private readonly classes: readonly string[];
  private readonly arrow: string | undefined;
  private graph: Graph = { nodes: [], edges: [], more: 0 };
  private edges = new Map<Edge, SVGElement>();
  private nodes = new Map<Node, View>();
  private labels = new Map<Node, Label>();
  private chosen: Subject | undefined;
  private pointedAt: Subject | undefined;
  private layout = new AbortController();
  private size = "";
  private rest = 0; // the timer that waits for the picture to come to rest

  constructor(private readonly input: ChartInput) {
    const { caption, classes = {}, messages, place, rows } = input;
    const whole = graphOf(rows);
    this.kinds = kindsOf(whole.edges.map(({ rows: [row] }) => row));
    this.classes = Object.keys(classes);
    this.surface.setAttribute("aria-label", `${caption}. ${formatMessage(messages, "keysNetwork")}`);
    this.arrow = input.isDirected ? this.addArrow() : undefined;
    this.surface.append(this.edgeLayer, this.nodeLayer, this.labelLayer);
    this.filters = new Filters(input, this.kinds, () => void this.filter());
    const hint = html("p", { class: "soft" }, formatMessage(messages, "tap"));
    const touch = html("p", { class: "soft touch" }, formatMessage(messages, "touch"));
    const legend = html("div", { class: "legend" }, this.status, hint, touch, ...(whole.nodes.some(({ isTie }) => isTie) ? [this.tieEntry()] : []), this.filters.element);
    this.details = new Details(legend, messages, classes, () => this.close());
    this.viewport = new Viewport(this.surface, MAX_ZOOM, messages, () => this.show());
    this.picture.append(this.surface);
    place.dataset["kind"] = "network";
    place.dataset["size"] ??= SIZES.find(([most]) => whole.nodes.length <= most)?.[1] ?? "large";
    place.replaceChildren(this.picture, this.details.element, html("div", { class: "foot" }, this.viewport.buttons));
    place.addEventListener("keydown", (event) => {
      if (event.key === "Escape" && (this.chosen ?? this.pointedAt)) this.close();
    });
    this.surface.addEventListener("click", (event) => {
      if (event.target === this.surface) this.choose(undefined);
    });
    this.makeGraph();
  }

  /** Draws the network in the size that the picture has now. */
  async fit(): Promise<void> {
    const { clientWidth: width, clientHeight: height } = this.picture;
    const size = `${width} ${height}`;
    if (width === 0 || height === 0 || size === this.size) return;
    this.size = size;
    setSize(this.surface, width, height);
    for (const node of this.graph.nodes) [node.x, node.y] = [NaN, NaN];
    const found = await this.layOut(width, height);
    if (!found) return;
    for (const [node, [x, y]] of found) [node.x, node.y] = [x, y];
    this.viewport.resize(width, height);
  }

  /** Draws what passes the filters, and lays it out. */
  private async filter(): Promise<void> {
    const before = new Map(this.graph.nodes.map((node) => [keyOf(node), node]));
    this.makeGraph();
    for (const node of this.graph.nodes) {
      const { x, y } = before.get(keyOf(node)) ?? node;
      [node.x, node.y] = [x, y];
    }
    const { width, height } = this.viewport;
    const found = await this.layOut(width, height);
    if (!found) return;
    await this.move(found, this.layout.signal);
    if (this.viewport.transform.k > 1) this.viewport.resize(width, height);
    else this.show();
  }

  private async layOut(width: number, height: number): Promise<Positions | undefined> {
    this.layout.abort();
    this.layout = new AbortController();
    return layOut(this.graph, width, height, [Math.max(MARGIN, width * BESIDE), MARGIN], this.layout.signal);
  }

  /** Moves the nodes to their new places, at once for readers who want no motion. */
  private async move(to: Positions, signal: AbortSignal): Promise<void> {
    const from = new Map([...to].map(([node, [x, y]]) => [node, Number.isFinite(node.x) ? ([node.x, node.y] as const) : ([x, y] as const)]));
    const duration = matchMedia("(prefers-reduced-motion: reduce)").matches ? 0 : MOVE;
    const began = performance.now();
    this.surface.classList.add("moving");
    for (let part = 0; part < 1; ) {
      if (duration > 0) await new Promise((resolve) => requestAnimationFrame(resolve));
      if (signal.aborted) return;
      part = duration > 0 ? Math.min(1, (performance.now() - began) / duration) : 1;
      const eased = 1 - (1 - part) ** 3;
      for (const [node, [x, y]] of to) {
        const [x0, y0] = from.get(node) ?? [x, y];
        [node.x, node.y] = [x0 + (x - x0) * eased, y0 + (y - y0) * eased];
      }
      this.place();
    }
  }

  /** Makes the graph of the rows that pass the filters, and its elements; says so in the status and, by `onFilter`, to the table. */
  private makeGraph(): void {
    const { input } = this;
    const rows = input.rows.filter((row) => this.filters.passes(row));
    this.graph = graphOf(rows);
    const { nodes, edges, more } = this.graph;
    this.edges = new Map(edges.map((edge) => [edge, this.edge(edge)]));
    this.nodes = new Map(nodes.map((node) => [node, this.node(node)]));
    this.edgeLayer.replaceChildren(...this.edges.values());
    this.nodeLayer.replaceChildren(...[...this.nodes.values()].map(({ element }) => element));
    this.labelLayer.replaceChildren(...[...this.nodes.values()].map(({ label }) => label));
    this.chosen = this.pointedAt = undefined;
    this.details.clear();
    const ends = nodes.filter(({ isTie }) => !isTie).length;
    const note = more > 0 ? ` ${formatMessage(input.messages, "more", { number: more })}` : "";
    this.status.textContent = formatMessage(input.messages, "shown", { nodes: ends, edges: edges.length }) + note;
    input.onFilter?.(new Set(rows));
  }

  /** Adds an arrowhead to the chart; the reference to it. */
  private addArrow(): string {
    const id = `arrow-${(arrows += 1)}`;
    const size = { viewBox: "0 0 8 8", refX: 4, refY: 4, markerWidth: 8, markerHeight: 8 };
    const head = svg("path", { class: "arrow", d: "M0 0 8 4 0 8Z" });
    this.surface.append(svg("defs", {}, svg("marker", { id, ...size, markerUnits: "userSpaceOnUse", orient: "auto" }, head)));
    return `url(#${id})`;
  }

  private tieEntry(): HTMLElement {
    const symbol = swatch(svg("path", { class: "node tie", d: outlineOf(-1, TIE_RADIUS), transform: "translate(10,10)" }));
    return html("p", { class: "entry", "data-legend": "" }, symbol, html("span", { class: "name" }, formatMessage(this.input.messages, "sharedTie")));
  }

  private edge(edge: Edge): SVGElement {
    const { source, target, rows } = edge;
    const { source: _source, target: _target, ...more } = rows[0];
    const title = [`${source.cell.text} ${this.input.isDirected ? "→" : "–"} ${target.cell.text}`, ...Object.values(more).map(({ text }) => text)].join(", ");
    const colour = this.kinds.get(more["kind"]?.value ?? "")?.colour ?? "plain";
    const parts = [svg("title", {}, title), svg("path", { class: "hit" }), svg("path", { class: `edge ${colour}`, "marker-mid": this.arrow })];
    const href = more["tie"]?.href;
    const element = href ? svg("a", { class: "link", href, tabindex: -1, "aria-hidden": "true" }, ...parts) : svg("g", { class: "link", "aria-hidden": "true" }, ...parts);
    this.listen(element, edge);
    return element;
  }

  private node(node: Node): View {
    const { cell, edges, isTie } = node;
    const radius = isTie ? TIE_RADIUS : Math.min(4.5 + 1.4 * Math.sqrt(edges.length), 11);
    const place = this.classes.length > 0 ? this.classes.indexOf(cell.class ?? "") : 0;
    const symbol = svg("path", { class: `node ${isTie ? "tie" : colourOf(place)}`, d: outlineOf(isTie ? -1 : place, radius) });
    const label = svg("g", { class: "label" });
    const name = { class: "spot", "aria-label": accessibleName(node, this.input.classes?.[cell.class ?? ""]), role: "button" };
    const parts = [svg("circle", { class: "hit", r: 13 }), symbol];
    const element = cell.href ? svg("a", { href: cell.href, ...name }, ...parts) : svg("g", { tabindex: 0, ...name }, ...parts);
    this.listen(element, node);
    element.addEventListener("focus", () => this.pointAt(node));
    element.addEventListener("blur", () => this.pointAt(undefined));
    element.addEventListener("keydown", (event) => {
      if ((event.key !== " " && event.key !== "Enter") || event.ctrlKey || event.metaKey || event.shiftKey) return;
      event.preventDefault();
      this.choose(node, true);
    });
    this.listen(label, node);
    this.makeDraggable(element, node);
    return { element, label, radius };
  }

  /** What a node and an edge have in common: pointing at it shows it in the panel, a click or a tap chooses it. */
  private listen(element: SVGElement, subject: Subject): void {
    const isMouse = (event: Event): boolean => (event as PointerEvent).pointerType === "mouse";
    element.addEventListener("pointerenter", (event) => isMouse(event) && this.pointAt(subject));
    element.addEventListener("pointerleave", (event) => isMouse(event) && this.pointAt(undefined));
    element.addEventListener("click", (event) => {
      if (event.ctrlKey || event.metaKey || event.shiftKey) return; // opens the link in another tab or window
      if (!event.defaultPrevented) this.choose(subject);
      event.preventDefault();
    });
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
      this.show();
    });
    for (const end of ["pointerup", "pointercancel"]) {
      element.addEventListener(end, () => {
        if (moved > CLICK) {
          const prevent = (event: Event): void => event.preventDefault();
          element.addEventListener("click", prevent, { once: true, capture: true });
          requestAnimationFrame(() => element.removeEventListener("click", prevent, { capture: true }));
        }
        moved = -1;
      });
    }
  }

  /** Shows in the panel what the reader points at; nothing: what was chosen, or the legend. */
  private pointAt(subject: Subject | undefined): void {
    this.pointedAt = subject;
    const shown = subject ?? this.chosen;
    if (shown) this.details.show(shown, shown === this.chosen);
    else this.details.clear();
    this.highlight();
  }

  /** Shows a node or an edge in the panel with its proof until another is chosen; `byKey`: moves the focus there. */
  private choose(subject: Subject | undefined, byKey = false): void {
    this.chosen = subject;
    this.pointAt(undefined);
    if (subject && byKey) this.details.focus();
  }

  /** Shows the legend again, and gives the focus back to the node that was chosen. */
  private close(): void {
    const { chosen } = this;
    this.choose(undefined);
    if (chosen && !isEdge(chosen)) {
      this.nodes.get(chosen)?.element.focus({ preventScroll: true });
      this.pointAt(undefined);
    }
  }

  /** The nodes that belong to what is pointed at or chosen; undefined where nothing is. */
  private adjacent(): ReadonlySet<Node> | undefined {
    const subject = this.pointedAt ?? this.chosen;
    if (!subject) return undefined;
    if (isEdge(subject)) return new Set([subject.source, subject.target]);
    return new Set([subject, ...subject.edges.flatMap(({ source, target }) => [source, target])]);
  }

  /** Dims what does not belong to what is pointed at, and names its neighbours where there is room. */
  private highlight(): void {
    const subject = this.pointedAt ?? this.chosen;
    const adjacent = this.adjacent();
    this.surface.classList.toggle("highlighted", adjacent !== undefined);
    for (const [node, { element }] of this.nodes) element.classList.toggle("adjacent", adjacent?.has(node) ?? false);
    for (const [edge, element] of this.edges) element.classList.toggle("adjacent", edge === subject || edge.source === subject || edge.target === subject);
    let labels = this.labels;
    if (adjacent) {
      labels = new Map([...this.labels].filter(([node]) => adjacent.has(node)));
      const taken = this.obstacles(this.spots(), labels);
      const { width, height } = this.viewport;
      const unnamed = [...adjacent].filter((node) => !labels.has(node));
      for (const [node, label] of placeLabels(unnamed, this.spots(), taken, width, height)) labels.set(node, label);
    }
    this.write(labels);
  }

  private spots(): Map<Node, Spot> {
    const { x, y, k } = this.viewport.transform;
    return new Map([...this.nodes].map(([node, { radius }]) => [node, { x: node.x * k + x, y: node.y * k + y, radius }]));
  }

  /** What labels may not lie on: nodes and other labels. */
  private obstacles(spots: ReadonlyMap<Node, Spot>, labels: ReadonlyMap<Node, Label>): Box[] {
    return [...[...spots.values()].map(boxOf), ...[...labels.values()].map(({ box }) => box)];
  }

  /** Puts nodes and edges where the transform shows them. */
  private place(): void {
    const transform = this.viewport.transform;
    for (const [node, { element, label }] of this.nodes) {
      const to = `translate(${at(node, transform).map((value) => value.toFixed(1)).join()})`;
      for (const one of [element, label]) one.setAttribute("transform", to);
    }
    for (const [edge, element] of this.edges) {
      const d = curve(at(edge.source, transform), at(edge.target, transform), edge.bend);
      for (const path of element.querySelectorAll("path")) path.setAttribute("d", d);
    }
  }

  /** Draws everything as the transform shows it; the labels of many nodes only when it has come to rest. */
  private show(): void {
    if (this.graph.nodes.some(({ x }) => !Number.isFinite(x))) return; // not laid out yet
    this.place();
    clearTimeout(this.rest);
    if (this.graph.nodes.length <= MANY) return this.label();
    this.surface.classList.add("moving");
    this.rest = window.setTimeout(() => this.label(), REST);
  }

  private label(): void {
    this.surface.classList.remove("moving");
    const spots = this.spots();
    const { width, height } = this.viewport;
    this.labels = placeLabels(this.graph.nodes, spots, this.obstacles(spots, new Map()), width, height);
    this.highlight();
  }

  private write(labels: ReadonlyMap<Node, Label>): void {
    for (const [node, { label }] of this.nodes) {
      const found = labels.get(node);
      label.replaceChildren(...(found ? [textLines(found.lines, found.x, found.y, LINE, { "text-anchor": found.anchor, lang: node.cell.language ?? "" })] : []));
    }
  }
}

function at(node: Node, { x, y, k }: Transform): [number, number] {
  return [node.x * k + x, node.y * k + y];
}

/** The name of a node and its class, the number of its edges, and the names of its neighbours. */
function accessibleName(node: Node, kind: string | undefined): string {
  const others = new Set(node.edges.map(({ source, target }) => (source === node ? target : source).cell.text));
  const names = [...others].slice(0, MAX_NEIGHBOURS).join(", ");
  return `${node.cell.text}${kind ? `, ${kind}` : ""} (${node.edges.length}): ${names}${others.size > MAX_NEIGHBOURS ? ", …" : ""}`;
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
