/** Labels: how wide a text is, how it is broken or shortened to fit, and which labels would lie on each other. */

/** A rectangle in units of the chart. */
export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

const LONGEST = 400; // characters at either end of a text that are looked at
const KEPT = 5000; // texts whose width is remembered
const OPENING = /[\p{Ps}\p{Pi}]$/u; // after which no line ends
const CLOSING = /^[\p{Pe}\p{Pf}\p{Pd}.,;:!?…、。，；：！？]/u; // before which no line ends
const HEAD = 0.45; // of the letters of a shortened text, how many are those of its beginning

export function overlap(a: Box, b: Box): boolean {
  return a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;
}

let canvas: CanvasRenderingContext2D | null | undefined;
const widths = new Map<string, number>();

/** The width of a text in pixels, in the font of the page at a size in pixels. */
export function textWidth(text: string, size: number, weight = 400): number {
  const key = `${weight} ${size} ${text}`;
  const known = widths.get(key);
  if (known !== undefined) return known;
  canvas ??= document.createElement("canvas").getContext("2d");
  if (!canvas) return text.length * size;
  canvas.font = `${weight} ${size}px ${getComputedStyle(document.body).fontFamily}`;
  const { width } = canvas.measureText(text);
  if (widths.size >= KEPT) widths.clear();
  widths.set(key, width);
  return width;
}

/**
 * The text, or its beginning and its end with `…` between them where it is wider than `limit` pixels: names that begin
 * alike often differ at the end.
 */
export function shorten(text: string, limit: number, size: number, weight?: number): string {
  const short = text.length > 2 * LONGEST ? `${text.slice(0, LONGEST)}…${text.slice(-LONGEST)}` : text;
  if (short === text && textWidth(text, size, weight) <= limit) return text;
  const letters = Array.from(new Intl.Segmenter().segment(short), ({ segment }) => segment);
  const cut = (count: number): string => {
    const head = Math.ceil(count * HEAD);
    return `${letters.slice(0, head).join("").trimEnd()}…${letters.slice(letters.length - count + head).join("").trimStart()}`;
  };
  let [low, high] = [0, letters.length];
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (textWidth(cut(middle), size, weight) <= limit) low = middle;
    else high = middle;
  }
  return cut(low);
}

/** The text in at most `most` lines of `limit` pixels, broken between words; the last is shortened to hold the rest. */
export function breakLines(text: string, limit: number, size: number, most: number, weight?: number): string[] {
  const lines: string[] = [];
  let rest = text.trim();
  while (rest && lines.length < most - 1 && textWidth(rest.slice(0, LONGEST), size, weight) > limit) {
    const line = beginning(rest, limit, size, weight);
    if (!line) break;
    lines.push(line.trim());
    rest = rest.slice(line.length).trim();
  }
  return rest ? [...lines, shorten(rest, limit, size, weight)] : lines;
}

/** As many whole words as fit into the limit, with what belongs to them; empty where not even the first does. */
function beginning(text: string, limit: number, size: number, weight?: number): string {
  let [line, fitting] = ["", ""];
  for (const { segment } of new Intl.Segmenter(undefined, { granularity: "word" }).segment(text.slice(0, LONGEST))) {
    if (line && !OPENING.test(line) && !CLOSING.test(segment)) fitting = line;
    if (textWidth((line + segment).trimEnd(), size, weight) > limit) return fitting;
    line += segment;
  }
  return line;
}
