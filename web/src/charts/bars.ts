/** A bar chart: one bar for each row with a `label` and a number as `value`. */
import { svg } from "../elements";
import { formatNumber } from "../messages";
import { mark, onWidth, setSize, takeFirst, type DrawChart } from "./chart";
import { textWidth, truncate } from "./labels";
import type { Cell } from "./rows";

const MAX_BARS = 60;
const LINE = 28; // pixels from one bar to the next
const SIZE = 13; // of the font, in pixels

interface Bar {
  readonly label: Cell;
  readonly value: number;
  /** The value in the reader's language. */
  readonly text: string;
}

export const draw: DrawChart = (input) => {
  const bars = input.rows.flatMap(({ label, value }): Bar[] => {
    const number = value ? Number(value.value) : NaN;
    return label && Number.isFinite(number) ? [{ label, value: number, text: formatNumber(number) }] : [];
  });
  if (bars.length === 0) return false;
  const surface = svg("svg", { class: "bars", role: "group", "aria-label": input.caption });
  input.place.append(surface);
  const shown = takeFirst(bars, MAX_BARS, input);
  onWidth(input.place, (width) => drawBars(surface, shown, width));
  return true;
};

function drawBars(surface: SVGSVGElement, bars: readonly Bar[], width: number): void {
  const height = bars.length * LINE + 4;
  const labels = bars.map(({ label }) => truncate(label.text, width * 0.4, SIZE));
  const left = Math.max(...labels.map((label) => textWidth(label, SIZE))) + 12;
  const right = Math.max(...bars.map(({ text }) => textWidth(text, SIZE))) + 12;
  const values = bars.map(({ value }) => value);
  const [low, high] = [Math.min(0, ...values), Math.max(0, ...values)];
  const x = (value: number): number => left + ((value - low) / (high - low || 1)) * (width - left - right);

  setSize(surface, width, height);
  surface.replaceChildren(
    ...bars.map(({ label, value, text }, index) => {
      const top = index * LINE + 2;
      const [from, to] = [Math.min(x(0), x(value)), Math.max(x(0), x(value))];
      return mark(
        label.href,
        `${label.text}: ${text}`,
        svg("rect", { class: "hit", x: 0, y: top, width, height: LINE - 2 }),
        svg("text", { x: left - 8, y: top + LINE / 2 + 4, "text-anchor": "end" }, labels[index] ?? ""),
        " ",
        svg("rect", { class: "bar", x: from, y: top + 5, width: Math.max(to - from, 1), height: LINE - 12, rx: 2 }),
        svg("text", { class: "value", x: to + 6, y: top + LINE / 2 + 4 }, text),
      );
    }),
    svg("line", { class: "axis", x1: x(0), x2: x(0), y1: 0, y2: height }),
  );
}
