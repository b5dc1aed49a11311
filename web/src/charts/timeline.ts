/**
 * A time line: each row is a bar from `start` to `end`, or over the time that an imprecise `start` covers, in a line of its
 * own beside its whole name.
 */
import { html, svg } from "../elements";
import { formatMessage, pageLanguage, type Messages } from "../messages";
import { labelLayer, mark, onWidth, setSize, takeFirst, textLines, type DrawChart } from "./chart";
import { between, spanOf, utc, type Span } from "./dates";
import { breakLines, textWidth } from "./labels";
import type { Cell, Row } from "./rows";

const MAX_BARS = 300;
const ROW = 30; // pixels of an entry, as server/pages/charts.py has it
const LINE = 16; // pixels from one line of a name to the next
const MOST_LINES = 6; // of one name
const BAR = 12; // pixels of the height of a bar
const TOP = 30; // pixels above the first entry, for the axis
const BOTTOM = 6; // pixels below the last one
const SIZE = 13; // of the font, in pixels
const GAP = 6; // pixels between a bar and its name
const SHORTEST = 8; // pixels of a bar
const TAIL = 14; // pixels of dashes after a bar without an end
const YEAR = 31_556_952_000; // milliseconds
const MONTH = YEAR / 12;

interface Entry extends Span {
  readonly item: Cell;
  readonly when: string;
  /** Whether other entries have an `end` and this one does not. */
  readonly isUnended: boolean;
}

export const draw: DrawChart = (input) => {
  const hasEnds = input.rows.some(({ end }) => end);
  const entries = input.rows.flatMap((row) => entryOf(row, hasEnds, input.messages)).sort((a, b) => start(a) - start(b));
  if (entries.length === 0) return false;
  const surface = svg("svg", { class: "timeline", role: "group", "aria-label": input.caption });
  input.place.replaceChildren(html("div", { class: "picture" }, surface));
  const shown = takeFirst(entries, MAX_BARS, input);
  onWidth(input.place, (width) => drawEntries(surface, shown, width));
  return true;
};

/**
 * The entry of a row, none where it has no dates. Without `end` it covers the whole span of `start`, as the year of
 * `2019`; an `end` of `..` is open. The text of a column `date` is shown as the time, if there is one.
 */
function entryOf({ item, start: first, end: last, date }: Row, hasEnds: boolean, messages: Messages): Entry[] {
  const span = first && last ? between(first.value, last.value) : first ? spanOf(first.value) : last && between("..", last.value);
  if (!item || !span) return [];
  const until = span.to === Infinity ? formatMessage(messages, "open") : last?.text;
  const when = date?.text ?? [first?.text, until].filter((text, index, all) => text && all.indexOf(text) === index).join(" – ");
  return [{ item, when, isUnended: hasEnds && !last, ...span }];
}

function start({ from, to }: Span): number {
  return from === -Infinity ? to : from;
}

function drawEntries(surface: SVGSVGElement, entries: readonly Entry[], width: number): void {
  const bounds = entries.flatMap(({ from, to }) => [from, to]).filter(Number.isFinite);
  const [first, last] = [Math.min(...bounds), Math.max(...bounds)];
  const margin = Math.max((last - first) * 0.03, MONTH / 2);
  const [low, high] = [first - margin, last + margin];
  const x = (time: number): number => ((time - low) / (high - low)) * width;
  let y = TOP;
  const drawn = entries.map((entry) => {
    const one = drawEntry(entry, x, y, width);
    y += one.height;
    return one;
  });
  setSize(surface, width, y + BOTTOM);
  const axis = ticks(low, high, width).map(({ time, text }) => {
    const place = Math.min(x(time) + 4, width - textWidth(text, SIZE));
    const line = svg("line", { x1: x(time), x2: x(time), y1: TOP - 6, y2: y + BOTTOM });
    return svg("g", { class: "tick", "aria-hidden": "true" }, line, svg("text", { x: place, y: TOP - 12 }, text));
  });
  surface.replaceChildren(...axis, ...drawn.map(({ element }) => element), labelLayer(...drawn.map(({ label }) => label)));
}

/** The bar of an entry with its name on the side where there is more room, or above it where neither is wide enough. */
function drawEntry(entry: Entry, x: (time: number) => number, top: number, width: number): { element: SVGElement; label: SVGElement; height: number } {
  const { item, when, from, to, isUnended } = entry;
  const x1 = Math.max(0, x(from));
  const x2 = Math.min(width, Math.max(x(to), x1 + SHORTEST));
  const tail = isUnended ? TAIL : 0;
  const [left, right] = [x1 - GAP, width - x2 - tail - GAP];
  const whole = textWidth(item.text, SIZE);
  const room = right >= whole ? right : Math.max(left, right);
  const isBeside = room >= Math.min(whole, width / 2);
  const lines = breakLines(item.text, isBeside ? room : width, SIZE, MOST_LINES);
  const wide = Math.max(...lines.map((line) => textWidth(line, SIZE)));
  const isRight = isBeside && room === right;
  const labelX = isRight ? x2 + tail + GAP : isBeside ? x1 - GAP : Math.max(0, Math.min(x1, width - wide));
  const height = ROW + (lines.length - 1) * LINE + (isBeside ? 0 : LINE);
  const bar = top + (isBeside ? (height - BAR) / 2 : height - BAR - 4);
  const open = `${from === -Infinity ? " open-start" : ""}${to === Infinity ? " open-end" : ""}`;
  const parts: SVGElement[] = [
    svg("rect", { class: "hit", x: 0, y: top, width, height: height - 2 }),
    svg("rect", { class: `bar${open}`, x: x1, y: bar, width: x2 - x1, height: BAR, rx: 3 }),
  ];
  const label = textLines(lines, labelX, top + (isBeside ? 19 : 15), LINE, { class: "label", "text-anchor": isBeside && !isRight ? "end" : "start" });
  if (isUnended) parts.push(svg("line", { class: "tail", x1: x2 + 2, x2: x2 + TAIL, y1: bar + BAR / 2, y2: bar + BAR / 2 }));
  return { element: mark(item.href, `${item.text}, ${when}`, ...parts), label, height };
}

/** The ticks of the axis: beginnings of years, or of months in a short span; their names do not overlap. */
function ticks(low: number, high: number, width: number): { time: number; text: string }[] {
  const limit = width / 70;
  const [year, end] = [new Date(low).getUTCFullYear(), new Date(high).getUTCFullYear()];
  const every = (first: number, last: number, step: number, time: (index: number) => number): number[] =>
    Array.from({ length: Math.floor((last - first) / step) + 1 }, (_, index) => time(first + index * step)).filter((at) => at >= low && at < high);
  if ((high - low) / MONTH <= limit) {
    const format = new Intl.DateTimeFormat(pageLanguage(), { month: "short", year: "numeric", timeZone: "UTC" });
    const months = every(new Date(low).getUTCMonth(), 12 * (end - year) + 12, 1, (month) => utc(year, month, 1));
    return months.map((time) => ({ time, text: format.format(time) }));
  }
  const step = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000].find((step) => (end - year) / step <= limit) ?? 5000;
  const years = every(Math.ceil(year / step) * step, end, step, (at) => utc(at, 0, 1));
  return years.map((time) => ({ time, text: String(new Date(time).getUTCFullYear()) }));
}
