/** A time line: each row a bar from `start` to `end`, or over the span that `start` is known by. */
import { svg } from "../elements";
import { between, spanOf, utc, type Span } from "./dates";
import { fitting, onWidth, say, width as widthOf, type Draw, type Messages } from "./drawing";
import type { Cell, Row } from "./rows";

const MOST = 300; // bars; the table has the rest
const LINE = 30;
const TOP = 30; // for the axis
const SIZE = 13;
const GAP = 14;
const LABEL = 420; // pixels of a label, at most
const TAIL = 14; // pixels of dashes after what has no end
const YEAR = 31_556_952_000;
const MONTH = YEAR / 12;

interface Entry extends Span {
  readonly item: Cell;
  readonly when: string;
  /** Whether others have an end, and this one has none. */
  readonly isUnended: boolean;
}

interface Placed extends Entry {
  readonly lane: number;
  readonly x1: number;
  readonly x2: number;
  readonly label: string;
  readonly labelX: number;
}

export const draw: Draw = ({ place, rows, caption, messages }) => {
  const hasEnds = rows.some(({ end }) => end);
  const entries = rows.flatMap((row) => entryOf(row, hasEnds, messages)).sort((a, b) => start(a) - start(b));
  if (entries.length === 0) return false;
  const surface = svg("svg", { class: "timeline", role: "group", "aria-label": caption });
  place.append(surface);
  if (entries.length > MOST) place.append(say(messages, "more", { number: entries.length - MOST }));
  onWidth(place, (width) => drawEntries(surface, entries.slice(0, MOST), width));
  return true;
};

/**
 * A row without `end` lasts as long as its `start` is imprecise; `..` is an end that is open. A column `date` says the
 * same in the words of the reader.
 */
function entryOf({ item, start: first, end: last, date }: Row, hasEnds: boolean, messages: Messages): Entry[] {
  const span = first && last ? between(first.value, last.value) : first ? spanOf(first.value) : last && between("..", last.value);
  if (!item || !span) return [];
  const until = span.to === Infinity ? say(messages, "open") : last?.text;
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
  surface.setAttribute("viewBox", `0 0 ${width} ${height}`);
  surface.setAttribute("height", String(height));
  surface.replaceChildren(
    ...ticks(low, high, width).map(({ time, text }) =>
      svg(
        "g",
        { class: "tick", "aria-hidden": "true" },
        svg("line", { x1: x(time), x2: x(time), y1: TOP - 8, y2: height }),
        ...(x(time) + 4 + widthOf(text, SIZE) < width ? [svg("text", { x: x(time) + 4, y: TOP - 12 }, text)] : []),
      ),
    ),
    ...placed.map(drawEntry),
  );
}

/** Each entry in the first lane that is free from its bar to the end of its label. */
function inLanes(entries: readonly Entry[], x: (time: number) => number, width: number): Placed[] {
  const free: number[] = [];
  return entries.map((entry) => {
    const x1 = Math.max(0, x(entry.from));
    const x2 = Math.min(width, Math.max(x(entry.to), x1 + 8));
    const tail = entry.isUnended ? TAIL : 0;
    const right = width - (x2 + tail + 6);
    const left = x1 - 6;
    const whole = Math.min(widthOf(entry.item.text, SIZE), LABEL);
    const room = right >= whole ? right : Math.max(left, right);
    const isOver = room < Math.min(whole, width / 3); // neither side has much room: the label lies on the bar
    const label = fitting(entry.item.text, Math.min(LABEL, isOver ? width - 8 : room), SIZE);
    const length = widthOf(label, SIZE);
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
  const over = labelX < x2 && labelX + 1 > x1; // the label lies on the bar
  const open = `${from === -Infinity ? " open-start" : ""}${to === Infinity ? " open-end" : ""}`;
  const name = `${item.text}, ${when}`;
  const parts: SVGElement[] = [
    svg("title", {}, name),
    svg("rect", { class: "hit", x: Math.min(x1, labelX), y: top, width: Math.max(x2, labelX + widthOf(label, SIZE)) - Math.min(x1, labelX), height: LINE - 4 }),
    svg("rect", { class: `bar${open}`, x: x1, y: top + 7, width: x2 - x1, height: LINE - 18, rx: 3 }),
    svg("text", { class: over ? "over" : "label", x: labelX, y: top + LINE / 2 + 2 }, label),
  ];
  if (isUnended) parts.push(svg("line", { class: "tail", x1: x2 + 2, x2: x2 + TAIL, y1: top + LINE / 2 - 2, y2: top + LINE / 2 - 2 }));
  return item.href ? svg("a", { href: item.href, "aria-label": name }, ...parts) : svg("g", { role: "img", "aria-label": name }, ...parts);
}

/** Beginnings of years, or of months where there are few years, far enough apart for their names. */
function ticks(low: number, high: number, width: number): { time: number; text: string }[] {
  const room = width / 70;
  const language = document.documentElement.lang || undefined;
  const [year, end] = [new Date(low).getUTCFullYear(), new Date(high).getUTCFullYear()];
  if ((high - low) / MONTH <= room) {
    const format = new Intl.DateTimeFormat(language, { month: "short", year: "numeric", timeZone: "UTC" });
    return every(new Date(low).getUTCMonth(), 12 * (end - year) + 12, 1, (month) => utc(year, month, 1), (time) => format.format(time), low, high);
  }
  const step = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000].find((step) => (end - year) / step <= room) ?? 5000;
  return every(Math.ceil(year / step) * step, end, step, (at) => utc(at, 0, 1), (time) => String(new Date(time).getUTCFullYear()), low, high);
}

function every(
  first: number,
  last: number,
  step: number,
  time: (count: number) => number,
  text: (time: number) => string,
  low: number,
  high: number,
): { time: number; text: string }[] {
  const found: { time: number; text: string }[] = [];
  for (let count = first; count <= last; count += step) {
    const at = time(count);
    if (at >= low && at < high) found.push({ time: at, text: text(at) });
  }
  return found;
}
