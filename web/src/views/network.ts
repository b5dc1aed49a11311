/** A network: nodes that lead to their pages, and edges coloured by kind. */
import { html, svg } from "../elements";
import { overlap, type Box } from "./boxes";
import { fitting, onWidth, say, width as widthOf, type Draw, type Task } from "./drawing";
import { Filters, kindsOf } from "./filters";
import { graphOf, layOut, type Edge, type Graph, type Node } from "./graph";
import { Viewport, type Sight } from "./viewport";

const MARGIN = 30;
const SIZE = 12;
const LABEL = 210; // pixels of a label, at most
const MOST = 8; // times
const CLICK = 4; // pixels; who moves a node by more does not mean to follow it
const NAMED = 6; // neighbours that a node is announced with

export const draw: Draw = (task) => {
  const graph = graphOf(task.rows);
  if (graph.edges.length === 0) return false;
  const drawing = new Network(graph, task);
  onWidth(task.place, (width) => drawing.fit(width));
  return true;
};

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
    private readonly task: Task,
  ) {
    const { caption, messages, place } = task;
    const kinds = kindsOf(graph.edges);
    this.shown = new Set(graph.nodes);
    this.surface.setAttribute("aria-label", `${caption}. ${say(messages, "keysNetwork")}`);
    for (const edge of graph.edges) {
      const { source, target, ...more } = edge.row;
      const title = [`${source?.text} – ${target?.text}`, ...Object.values(more).map(({ text }) => text)].join(", ");
      const colour = (edge.kind && kinds.get(edge.kind.value)?.colour) ?? "plain";
      this.edges.set(edge, svg("path", { class: `edge ${colour}` }, svg("title", {}, title)));
    }
    for (const node of graph.nodes) this.nodes.set(node, this.shape(node));
    this.surface.append(
      svg("g", {}, ...this.edges.values()),
      svg("g", {}, ...[...this.nodes.values()].map(({ element }) => element)),
    );
    this.filters = new Filters(graph.edges, kinds, messages, () => this.filter());
    this.viewport = new Viewport(this.surface, MOST, messages, (sight) => this.show(sight));
    place.append(this.filters.element, this.surface, html("div", { class: "controls" }, this.viewport.buttons, this.status));
    this.filter();
  }

  fit(width: number): void {
    const height = Math.round(Math.min(Math.max(300, 60 * Math.sqrt(this.graph.nodes.length)), Math.max(width * 0.75, 420), 720));
    this.surface.setAttribute("viewBox", `0 0 ${width} ${height}`);
    this.surface.setAttribute("height", String(height));
    layOut(this.graph, width, height, MARGIN);
    this.viewport.resize(width, height);
  }

  private shape(node: Node): Shape {
    const radius = Math.min(4 + 1.5 * Math.sqrt(node.edges.length), 12);
    const label = svg("text", { class: "label", x: radius + 4, y: 4 }, fitting(node.cell.text, LABEL, SIZE));
    const parts = [svg("circle", { class: "hit", r: 12 }), svg("circle", { class: "node", r: radius }), label];
    const name = announced(node);
    const { href } = node.cell;
    const element = href
      ? svg("a", { href, "aria-label": name }, svg("title", {}, node.cell.text), ...parts)
      : svg("g", { role: "img", "aria-label": name, tabindex: 0 }, svg("title", {}, node.cell.text), ...parts);
    const light = (on: boolean) => (): void => this.light(node, on);
    for (const event of ["pointerenter", "focus"]) element.addEventListener(event, light(true));
    for (const event of ["pointerleave", "blur"]) element.addEventListener(event, light(false));
    this.letDrag(element, node);
    return { element, label, radius };
  }

  /** A mouse may lay a node elsewhere. */
  private letDrag(element: SVGElement, node: Node): void {
    let way = -1; // pixels since the button went down
    element.addEventListener("dragstart", (event) => event.preventDefault());
    element.addEventListener("pointerdown", (event) => {
      if (event.pointerType !== "mouse" || event.button !== 0) return;
      event.preventDefault();
      element.setPointerCapture(event.pointerId);
      way = 0;
    });
    element.addEventListener("pointermove", (event) => {
      if (way < 0) return;
      way += Math.abs(event.movementX) + Math.abs(event.movementY);
      if (way <= CLICK) return;
      const [x, y] = this.viewport.at(event);
      const sight = this.viewport.sight;
      Object.assign(node, { x: (x - sight.x) / sight.k, y: (y - sight.y) / sight.k });
      this.show(sight);
    });
    for (const end of ["pointerup", "pointercancel"]) {
      element.addEventListener(end, () => {
        if (way > CLICK) {
          const stay = (event: Event): void => event.preventDefault();
          element.addEventListener("click", stay, { once: true });
          requestAnimationFrame(() => element.removeEventListener("click", stay));
        }
        way = -1;
      });
    }
  }

  /** Brings a node and what it is linked with to the fore. */
  private light(node: Node, on: boolean): void {
    this.surface.classList.toggle("lit", on);
    this.nodes.get(node)?.element.classList.toggle("near", on);
    for (const edge of node.edges) {
      this.edges.get(edge)?.classList.toggle("near", on);
      for (const end of [edge.source, edge.target]) this.nodes.get(end)?.element.classList.toggle("near", on);
    }
  }

  private filter(): void {
    const { graph, task } = this;
    const edges = graph.edges.filter((edge) => this.filters.passes(edge));
    const passing = new Set(edges);
    this.shown = new Set(edges.flatMap(({ source, target }) => [source, target]));
    for (const [edge, path] of this.edges) path.classList.toggle("gone", !passing.has(edge));
    for (const [node, { element }] of this.nodes) element.classList.toggle("gone", !this.shown.has(node));
    const rest = graph.more > 0 ? ` ${say(task.messages, "more", { number: graph.more })}` : "";
    this.status.textContent = say(task.messages, "shown", { nodes: this.shown.size, edges: edges.length }) + rest;
    task.onFilter?.(new Set(edges.map(({ row }) => row)));
    this.show(this.viewport.sight);
  }

  private show({ x, y, k }: Sight): void {
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
      const length = widthOf(label.textContent ?? "", SIZE);
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

/** The name of a node and of those it is linked with. */
function announced(node: Node): string {
  const others = new Set(node.edges.map(({ source, target }) => (source === node ? target : source).cell.text));
  const names = [...others].slice(0, NAMED).join(", ");
  return `${node.cell.text} (${node.edges.length}): ${names}${others.size > NAMED ? ", …" : ""}`;
}

function curve([x1, y1]: [number, number], [x2, y2]: [number, number], bend: number): string {
  const length = Math.hypot(x2 - x1, y2 - y1) || 1;
  const off = bend * 24;
  const [cx, cy] = [(x1 + x2) / 2 - ((y2 - y1) / length) * off, (y1 + y2) / 2 + ((x2 - x1) / length) * off];
  return `M${x1.toFixed(1)},${y1.toFixed(1)}Q${cx.toFixed(1)},${cy.toFixed(1)} ${x2.toFixed(1)},${y2.toFixed(1)}`;
}
