/** A bar chart: one bar for each row with a `label` and a number as `value`, and perhaps its unit as `valueUnit`. */
import { html, svg } from "../elements";
import { formatNumber } from "../messages";
import { labelLayer, mark, onWidth, setSize, takeFirst, textLines, type DrawChart } from "./chart";
import { breakLines, textWidth } from "./labels";
import type { Cell } from "./rows";

const MAX_BARS = 60;
const ROW = 28; // pixels of a bar, as server/pages/charts.py has it
const LINE = 16; // pixels from one line of a label to the next
const MOST_LINES = 3;
const PADDING = 8; // pixels above and below the bars
const SIZE = 13; // of the font, in pixels

interface Bar {
  readonly label: Cell;
  readonly value: number;
  /** The value in the reader's language. */
  readonly text: string;
}

export const draw: DrawChart = (input) => {
  const units = new Set(input.rows.map(({ valueUnit }) => valueUnit?.text ?? ""));
  const bars = input.rows.flatMap(({ label, value, valueUnit }): Bar[] => {
    const number = value ? Number(value.value) : NaN;
    const unit = valueUnit && units.size > 1 ? ` ${valueUnit.text}` : "";
    return label && Number.isFinite(number) ? [{ label, value: number, text: formatNumber(number) + unit }] : [];
  });
  if (bars.length === 0) return false;
  const [shared = ""] = units.size === 1 ? units : [];
  const surface = svg("svg", { class: "bars", role: "group", "aria-label": input.caption });
  input.place.replaceChildren(html("div", { class: "picture" }, surface));
  const shown = takeFirst(bars, MAX_BARS, input);
  onWidth(input.place, (width) => drawBars(surface, shown, shared, width));
  return true;
};

/** @param unit that all values have, or an empty text */
function drawBars(surface: SVGSVGElement, bars: readonly Bar[], unit: string, width: number): void {
  const labels = bars.map(({ label }) => breakLines(label.text, width * 0.4, SIZE, MOST_LINES));
  const left = Math.max(...labels.flatMap((lines) => lines.map((line) => textWidth(line, SIZE)))) + 12;
  const right = Math.max(...bars.map(({ text }) => textWidth(text, SIZE))) + 12;
  const values = bars.map(({ value }) => value);
  const [low, high] = [Math.min(0, ...values), Math.max(0, ...values)];
  const x = (value: number): number => left + ((value - low) / (high - low || 1)) * (width - left - right);

  let y = PADDING;
  const texts: SVGElement[] = [];
  const marks = bars.map(({ label, value, text }, index) => {
    const lines = labels[index] ?? [];
    const top = y;
    const tall = ROW + (lines.length - 1) * LINE;
    y += tall;
    const [from, to] = [Math.min(x(0), x(value)), Math.max(x(0), x(value))];
    texts.push(textLines(lines, left - 8, top + 18, LINE, { "text-anchor": "end" }), textLines([text], to + 6, top + tall / 2 + 4, LINE, { class: "value" }));
    return mark(
      label.href,
      `${label.text}: ${text}`,
      svg("rect", { class: "hit", x: 0, y: top, width, height: tall - 2 }),
      svg("rect", { class: "bar", x: from, y: top + tall / 2 - 8, width: Math.max(to - from, 1), height: 16, rx: 2 }),
    );
  });
  const axis = svg("line", { class: "axis", x1: x(0), x2: x(0), y1: 0, y2: y + PADDING });
  if (unit) {
    y += LINE;
    texts.push(textLines(breakLines(unit, width - x(0), SIZE, 1), x(0) + 6, y, LINE, { class: "value" }));
  }
  setSize(surface, width, y + PADDING);
  surface.replaceChildren(...marks, labelLayer(...texts), axis);
}
