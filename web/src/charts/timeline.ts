/** A time line: each row is a bar from `start` to `end`, or over the time that an imprecise `start` covers. */
import { svg } from "../elements";
import { formatMessage, pageLanguage, type Messages } from "../messages";
import { mark, onWidth, setSize, takeFirst, type DrawChart } from "./chart";
import { between, spanOf, utc, type Span } from "./dates";
import { textWidth, truncate } from "./labels";
import type { Cell, Row } from "./rows";

const MAX_BARS = 300;
const LINE = 30; // pixels from one lane to the next
const TOP = 30; // pixels above the first lane, for the axis
const SIZE = 13; // of the font, in pixels
const GAP = 14; // pixels between two entries of a lane, at least
const MAX_LABEL = 420; // pixels
const TAIL = 14; // pixels of dashes after a bar without an end
const YEAR = 31_556_952_000; // milliseconds
const MONTH = YEAR / 12;

interface Entry extends Span {
  readonly item: Cell;
  readonly when: string;
  /** Whether other entries have an `end` and this one does not. */
  readonly isUnended: boolean;
}

interface Placed extends Entry {
  readonly lane: number;
  readonly x1: number;
  readonly x2: number;
  readonly label: string;
  readonly labelX: number;
}

export const draw: DrawChart = (input) => {
  const hasEnds = input.rows.some(({ end }) => end);
  const entries = input.rows.flatMap((row) => entryOf(row, hasEnds, input.messages)).sort((a, b) => start(a) - start(b));
  if (entries.length === 0) return false;
  const surface = svg("svg", { class: "timeline", role: "group", "aria-label": input.caption });
  input.place.append(surface);
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
  const placed = inLanes(entries, x, width);
  const lanes = 1 + Math.max(...placed.map(({ lane }) => lane));
  const height = TOP + lanes * LINE + 6;
  setSize(surface, width, height);
  surface.replaceChildren(
    ...ticks(low, high, width).map(({ time, text }) =>
      svg(
        "g",
        { class: "tick", "aria-hidden": "true" },
        svg("line", { x1: x(time), x2: x(time), y1: TOP - 8, y2: height }),
        ...(x(time) + 4 + textWidth(text, SIZE) < width ? [svg("text", { x: x(time) + 4, y: TOP - 12 }, text)] : []),
      ),
    ),
    ...placed.map(drawEntry),
  );
}

/** Puts each entry into the first lane that is free from the start of its bar to the end of its label. */
function inLanes(entries: readonly Entry[], x: (time: number) => number, width: number): Placed[] {
  const free: number[] = [];
  return entries.map((entry) => {
    const x1 = Math.max(0, x(entry.from));
    const x2 = Math.min(width, Math.max(x(entry.to), x1 + 8));
    const tail = entry.isUnended ? TAIL : 0;
    const right = width - (x2 + tail + 6);
    const left = x1 - 6;
    const whole = Math.min(textWidth(entry.item.text, SIZE), MAX_LABEL);
    const room = right >= whole ? right : Math.max(left, right);
    const isOver = room < Math.min(whole, width / 3); // little room on both sides: the label lies on the bar
    const label = truncate(entry.item.text, Math.min(MAX_LABEL, isOver ? width - 8 : room), SIZE);
    const length = textWidth(label, SIZE);
    const labelX = isOver ? Math.max(4, Math.min(x1 + 4, width - length - 4)) : room === right ? x2 + tail + 6 : x1 - 6 - length;
    const [begin, end] = [Math.min(x1, labelX), Math.max(x2 + tail, labelX + length)];
    let lane = free.findIndex((until) => until + GAP <= begin);
    if (lane < 0) lane = free.length;
    free[lane] = end;
    return { ...entry, lane, x1, x2, label, labelX };
  });
}

function drawEntry({ item, when, from, to, isUnended, lane, x1, x2, label, labelX }: Placed): SVGElement {
  const top = TOP + lane * LINE;
  const isOver = labelX < x2 && labelX + 1 > x1; // the label lies on the bar
  const open = `${from === -Infinity ? " open-start" : ""}${to === Infinity ? " open-end" : ""}`;
  const name = `${item.text}, ${when}`;
  const parts: SVGElement[] = [
    svg("rect", { class: "hit", x: Math.min(x1, labelX), y: top, width: Math.max(x2, labelX + textWidth(label, SIZE)) - Math.min(x1, labelX), height: LINE - 4 }),
    svg("rect", { class: `bar${open}`, x: x1, y: top + 7, width: x2 - x1, height: LINE - 18, rx: 3 }),
    svg("text", { class: isOver ? "over" : "label", x: labelX, y: top + LINE / 2 + 2 }, label),
  ];
  if (isUnended) parts.push(svg("line", { class: "tail", x1: x2 + 2, x2: x2 + TAIL, y1: top + LINE / 2 - 2, y2: top + LINE / 2 - 2 }));
  return mark(item.href, name, ...parts);
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
