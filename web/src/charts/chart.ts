/** What all kinds of chart share: their interface, and the elements that they are made of. */
import { svg } from "../elements";
import { formatMessage, type Messages } from "../messages";
import type { Row } from "./rows";

export interface ChartInput {
  /** The element to draw in, as wide as the chart may be; what it holds is replaced. */
  readonly place: HTMLElement;
  readonly rows: readonly Row[];
  /** What the chart shows; its accessible name. */
  readonly caption: string;
  readonly messages: Messages;
  /** Whether the edges of a network are arrows. */
  readonly isDirected?: boolean;
  /** The names of the classes of nodes by their IRIs, those of most nodes first. */
  readonly classes?: Readonly<Record<string, string>>;
  /** Where filters are written to, and read from: the query of the address, which the server filters by, or its fragment. */
  readonly filtersIn?: "query" | "fragment";
  /** Called with the rows that pass the filters of the chart, whenever these change. */
  readonly onFilter?: (rows: ReadonlySet<Row>) => void;
}

/** Draws a chart; false where no row has what the kind of chart needs. */
export type DrawChart = (input: ChartInput) => boolean | Promise<boolean>;

/** Sets the size in pixels; one unit of the viewBox is one pixel. */
export function setSize(surface: SVGSVGElement, width: number, height: number): void {
  surface.setAttribute("viewBox", `0 0 ${width} ${height}`);
  surface.setAttribute("height", String(height));
}

/** A mark of the chart with its accessible name: a link where it has an address, else an image. */
export function mark(href: string | undefined, name: string, ...parts: (Node | string)[]): SVGElement {
  const children = [svg("title", {}, name), ...parts];
  return href ? svg("a", { href, "aria-label": name }, ...children) : svg("g", { role: "img", "aria-label": name }, ...children);
}

/** The layer of the texts of marks, which have their names themselves; a pointer reaches the marks through it. */
export function labelLayer(...labels: SVGElement[]): SVGGElement {
  return svg("g", { class: "labels", "aria-hidden": "true" }, ...labels);
}

/** Lines of text one below the other; y: of the baseline of the first. */
export function textLines(lines: readonly string[], x: number, y: number, step: number, attributes: Record<string, string | number>): SVGTextElement {
  if (lines.length < 2) return svg("text", { x, y, ...attributes }, lines[0] ?? "");
  return svg("text", { y, ...attributes }, ...lines.map((line, index) => svg("tspan", { x, y: y + index * step }, line)));
}

/** The first `limit` items; a note below the chart says how many more the table has. */
export function takeFirst<Item>(items: readonly Item[], limit: number, { place, messages }: ChartInput): readonly Item[] {
  if (items.length > limit) place.append(formatMessage(messages, "more", { number: items.length - limit }));
  return items.slice(0, limit);
}

/** Calls `draw` with the width of the element in pixels: now, and whenever it changes. */
export function onWidth(element: HTMLElement, draw: (width: number) => void): void {
  let last = 0;
  const redraw = (): void => {
    const width = Math.floor(element.clientWidth);
    if (width > 0 && width !== last) draw((last = width));
  };
  redraw();
  new ResizeObserver(redraw).observe(element);
}
