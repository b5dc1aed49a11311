/** Labels: how wide a text is, how much of it fits, and which labels would lie on each other. */

/** A rectangle in units of the chart. */
export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export function overlap(a: Box, b: Box): boolean {
  return a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;
}

let canvas: CanvasRenderingContext2D | null | undefined;

/** The width of a text in pixels, in the font of the page at a size in pixels. */
export function textWidth(text: string, size: number): number {
  canvas ??= document.createElement("canvas").getContext("2d");
  if (!canvas) return text.length * size;
  canvas.font = `${size}px ${getComputedStyle(document.body).fontFamily}`;
  return canvas.measureText(text).width;
}

/** The text, or its beginning and `…` where it is wider than `limit` pixels; cut between words where one fits. */
export function truncate(text: string, limit: number, size: number): string {
  if (textWidth(text, size) <= limit) return text;
  const words = Array.from(new Intl.Segmenter(undefined, { granularity: "word" }).segment(text), ({ segment }) => segment);
  return longestPrefix(words, limit, size) || longestPrefix([...text], limit, size);
}

/** As many parts as fit, by binary search; empty where not even one does. */
function longestPrefix(parts: readonly string[], limit: number, size: number): string {
  const prefix = (count: number): string => `${parts.slice(0, count).join("").replace(/[\s([]+$|\s*\([^)]*$/, "")}…`;
  let [low, high] = [0, parts.length];
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (textWidth(prefix(middle), size) <= limit) low = middle;
    else high = middle;
  }
  return low === 0 ? "" : prefix(low);
}
