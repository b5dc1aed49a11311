/**
 * Pictures of charts that stand alone: SVG without style sheets, with title, legend and source in the picture and as
 * metadata, and the same as PNG. They are light, whatever the theme of the page.
 */
import { html, svg } from "../elements";
import { formatMessage, type Messages } from "../messages";
import { textLines } from "./chart";
import { breakLines, textWidth } from "./labels";
import { withTexts } from "./png";
import type { Source } from "./source";

const MARGIN = 16;
const TITLE = { size: 18, line: 24, weight: 600 };
const TEXT = { size: 12, line: 18 };
const SWATCH = 24; // pixels of a symbol of the legend, with its gap
const WIDEST = 8192; // pixels of a PNG, which browsers can draw
const WIDE = 1920; // pixels of a PNG at least, if the browser can
/** What of the style an element of SVG can have as an attribute, with the values that need not be written. */
const STYLES: Readonly<Record<string, readonly string[]>> = {
  fill: ["rgb(0, 0, 0)"],
  "fill-opacity": ["1"],
  stroke: ["none"],
  "stroke-width": ["1px"],
  "stroke-dasharray": ["none"],
  "stroke-linejoin": ["miter"],
  "vector-effect": ["none"],
  opacity: ["1"],
  "paint-order": ["normal"],
};
const TEXT_STYLES = ["font-size", "font-weight"] as const;
const CLEAR = "rgba(0, 0, 0, 0)"; // as browsers compute `transparent`
const DROPPED = ["class", "role", "tabindex", "aria-label", "aria-hidden", "aria-describedby"];
const FAMILY = "system-ui, 'Helvetica Neue', Arial, 'Noto Sans', 'Noto Sans CJK SC', 'PingFang SC', 'Microsoft YaHei', sans-serif";
const NAMESPACES = {
  rdf: "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
  cc: "http://creativecommons.org/ns#",
  dc: "http://purl.org/dc/elements/1.1/",
} as const;
// what XML 1.0 cannot hold (https://www.w3.org/TR/xml/#charsets)
const NOT_XML = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;

/** The picture of the chart in an element, as it is seen now. */
export function picture(place: HTMLElement, caption: string, source: Source, messages: Messages): SVGSVGElement {
  const surface = place.querySelector<SVGSVGElement>(".picture > svg");
  if (!surface) throw new Error("there is no chart");
  const host = html("div", { class: "chart export", "aria-hidden": "true" });
  const chart = surface.cloneNode(true) as SVGSVGElement;
  chart.classList.remove("highlighted", "moving");
  const entries = [...place.querySelectorAll<HTMLElement>("[data-legend]")].filter((entry) => entry.querySelector<HTMLInputElement>("input")?.checked !== false);
  const legend = entries.map((entry) => ({
    symbol: entry.querySelector("svg")?.cloneNode(true) as SVGSVGElement,
    text: entry.querySelector(".name")?.textContent ?? "",
  }));
  const outer = svg("svg");
  host.append(outer, html("div", { class: "picture" }, chart), ...legend.map(({ symbol }) => symbol));
  document.body.append(host); // styles are computed only within the document
  try {
    const ink = getComputedStyle(host).color;
    const paper = getComputedStyle(host).backgroundColor;
    const ground = getComputedStyle(chart).backgroundColor;
    for (const drawn of [chart, ...legend.map(({ symbol }) => symbol)]) inline(drawn);
    if (ground !== CLEAR) chart.prepend(svg("rect", { width: "100%", height: "100%", fill: ground }));
    compose(outer, chart, legend, { caption, source, messages, ink, paper, language: place.closest("[lang]")?.getAttribute("lang") ?? "" });
    return outer;
  } finally {
    host.remove();
  }
}

/** Gives every element the style that it has as attributes, and takes away what cannot be seen. */
function inline(root: SVGElement): void {
  for (const element of [root, ...root.querySelectorAll<SVGElement>("*")]) {
    if (!element.isConnected) continue;
    const style = getComputedStyle(element);
    if (element !== root && (style.display === "none" || element.classList.contains("hit"))) {
      element.remove();
      continue;
    }
    if (element.matches("path, circle, rect, line, text, tspan")) {
      for (const [name, defaults] of Object.entries(STYLES)) {
        const value = style.getPropertyValue(name);
        if (value && !defaults.includes(value)) element.setAttribute(name, value === CLEAR ? "none" : value);
      }
    }
    if (element.matches("text")) for (const name of TEXT_STYLES) element.setAttribute(name, style.getPropertyValue(name));
    if (element.matches("a")) element.setAttribute("href", new URL(element.getAttribute("href") ?? "", document.baseURI).href);
  }
  for (const element of [root, ...root.querySelectorAll("*")]) DROPPED.forEach((name) => element.removeAttribute(name));
}

interface Frame {
  readonly caption: string;
  readonly source: Source;
  readonly messages: Messages;
  readonly ink: string;
  readonly paper: string;
  readonly language: string;
}

/** Puts title, chart, legend and source one below the other. */
function compose(outer: SVGSVGElement, chart: SVGSVGElement, legend: readonly { symbol: SVGSVGElement; text: string }[], frame: Frame): void {
  const { caption, source, messages, ink } = frame;
  const [, , width = 0, height = 0] = (chart.getAttribute("viewBox") ?? "").split(/[ ,]+/).map(Number);
  const whole = width + 2 * MARGIN;
  const text = { fill: ink, "font-size": TEXT.size };
  const title = breakLines(caption, width, TITLE.size, 4, TITLE.weight);
  let y = MARGIN + TITLE.size;
  const parts: SVGElement[] = [textLines(title, MARGIN, y, TITLE.line, { fill: ink, "font-size": TITLE.size, "font-weight": TITLE.weight })];
  y += (title.length - 1) * TITLE.line + MARGIN;
  for (const [name, value] of Object.entries({ x: MARGIN, y, width, height })) chart.setAttribute(name, String(value));
  parts.push(chart);
  y += height + MARGIN;
  const rows = inRows(legend, width);
  for (const row of rows) {
    for (const { entry, x, label } of row) {
      for (const [name, value] of Object.entries({ x: MARGIN + x, y: y - 3, width: 20, height: 20 })) entry.symbol.setAttribute(name, String(value));
      parts.push(entry.symbol, svg("text", { x: MARGIN + x + SWATCH, y: y + TEXT.size, ...text }, label));
    }
    y += TEXT.line + 4;
  }
  const said = [
    formatMessage(messages, "source", { dataset: source.dataset, release: source.release, date: source.date }),
    source.address,
    ...(source.licence ? [formatMessage(messages, "licence", { licence: source.licence })] : []),
    ...(chart.hasAttribute("data-outlines") ? [formatMessage(messages, "outlines")] : []),
  ];
  for (const line of said.flatMap((one) => broken(one, width))) {
    parts.push(svg("text", { x: MARGIN, y: y + TEXT.size, ...text }, line));
    y += TEXT.line;
  }
  const tall = Math.ceil(y + MARGIN);
  const attributes = { viewBox: `0 0 ${whole} ${tall}`, width: whole, height: tall, "font-family": FAMILY, "xml:lang": frame.language };
  for (const [name, value] of Object.entries(attributes)) {
    if (name === "xml:lang") outer.setAttributeNS("http://www.w3.org/XML/1998/namespace", name, String(value));
    else outer.setAttribute(name, String(value));
  }
  chart.removeAttribute("data-outlines");
  outer.replaceChildren(svg("title", {}, caption), svg("desc", {}, said.join("\n")), metadata(caption, source), svg("rect", { width: whole, height: tall, fill: frame.paper }), ...parts);
}

/** The lines of a text, however many; an address is broken where it has to be. */
function broken(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = "";
  for (const part of text.match(/[^\s/?&]*[\s/?&]*/g) ?? []) {
    if (line && textWidth((line + part).trimEnd(), TEXT.size) > width) {
      lines.push(line.trimEnd());
      line = "";
    }
    line += part;
  }
  return line.trim() ? [...lines, line.trimEnd()] : lines;
}

/** The entries of the legend in rows, each with its place from the left. */
function inRows<Entry extends { readonly text: string }>(legend: readonly Entry[], width: number): { entry: Entry; x: number; label: string }[][] {
  const rows: { entry: Entry; x: number; label: string }[][] = [];
  let x = Infinity;
  for (const entry of legend) {
    const [label = ""] = breakLines(entry.text, width - SWATCH, TEXT.size, 1);
    const wide = SWATCH + textWidth(label, TEXT.size) + MARGIN;
    if (x + wide > width + MARGIN) {
      rows.push([]);
      x = 0;
    }
    rows.at(-1)?.push({ entry, x, label });
    x += wide;
  }
  return rows;
}

/** Title, source and licence in the words of Dublin Core and Creative Commons, as drawing programs write them. */
function metadata(caption: string, source: Source): SVGElement {
  const element = (prefix: keyof typeof NAMESPACES, name: string, attributes: Record<string, string>, ...children: (Node | string)[]): Element => {
    const made = document.createElementNS(NAMESPACES[prefix], `${prefix}:${name}`);
    for (const [key, value] of Object.entries(attributes)) made.setAttributeNS(NAMESPACES.rdf, `rdf:${key}`, value);
    made.append(...children);
    return made;
  };
  const work = element(
    "cc",
    "Work",
    { about: "" },
    element("dc", "format", {}, "image/svg+xml"),
    element("dc", "title", {}, caption),
    element("dc", "source", { resource: source.address }),
    element("dc", "publisher", {}, source.dataset),
    element("dc", "identifier", {}, source.release),
    ...(source.licence ? [element("cc", "license", { resource: source.licence })] : []),
  );
  return svg("metadata", {}, element("rdf", "RDF", {}, work));
}

/** The picture as a file of XML. */
export function toSvg(drawing: SVGSVGElement): Blob {
  const text = new XMLSerializer().serializeToString(drawing).replace(NOT_XML, "");
  return new Blob([`<?xml version="1.0" encoding="UTF-8"?>\n${text}\n`], { type: "image/svg+xml" });
}

/** The picture in pixels, twice as many as on the page at least, unless it is too large for that, with what it says as texts. */
export async function toPng(drawing: SVGSVGElement, source: Source): Promise<Blob> {
  const [width, height] = [Number(drawing.getAttribute("width")), Number(drawing.getAttribute("height"))];
  const scale = Math.min(Math.max(2, WIDE / width), WIDEST / Math.max(width, height));
  const address = URL.createObjectURL(toSvg(drawing));
  try {
    const image = new Image();
    image.src = address;
    await image.decode();
    const canvas = html("canvas", { width: Math.round(width * scale), height: Math.round(height * scale) });
    canvas.getContext("2d")?.drawImage(image, 0, 0, canvas.width, canvas.height);
    const blob = await new Promise<Blob>((resolve, reject) => canvas.toBlob((made) => (made ? resolve(made) : reject(new Error("no picture"))), "image/png"));
    const [title, description] = [...drawing.children].map((child) => child.textContent ?? "");
    const texts = { Title: title ?? "", Author: source.dataset, Description: description ?? "", Copyright: source.licence };
    return withTexts(new Uint8Array(await blob.arrayBuffer()), texts);
  } finally {
    URL.revokeObjectURL(address);
  }
}
