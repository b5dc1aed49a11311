/** Bars: one for each row with a `label` and a number as `value`. */
import { svg } from "../elements";
import { fitting, onWidth, say, width as widthOf, type Draw } from "./drawing";
import type { Cell } from "./rows";

const MOST = 60; // bars; the table has the rest
const LINE = 28;
const SIZE = 13;

interface Bar {
  readonly label: Cell;
  readonly value: number;
  readonly shown: string;
}

export const draw: Draw = ({ place, rows, caption, messages }) => {
  const bars = rows.flatMap(({ label, value }): Bar[] => {
    const number = value ? Number(value.value) : NaN;
    return label && value && Number.isFinite(number) ? [{ label, value: number, shown: written(number) }] : [];
  });
  if (bars.length === 0) return false;
  const shown = bars.slice(0, MOST);
  const surface = svg("svg", { class: "chart", role: "group", "aria-label": caption });
  place.append(surface);
  if (bars.length > MOST) place.append(say(messages, "more", { number: bars.length - MOST }));
  onWidth(place, (width) => drawBars(surface, shown, width));
  return true;
};

function written(number: number): string {
  return new Intl.NumberFormat(document.documentElement.lang || undefined, { maximumFractionDigits: 6 }).format(number);
}

function drawBars(surface: SVGSVGElement, bars: readonly Bar[], width: number): void {
  const height = bars.length * LINE + 4;
  const labels = bars.map(({ label }) => fitting(label.text, width * 0.4, SIZE));
  const left = Math.max(...labels.map((label) => widthOf(label, SIZE))) + 12;
  const right = Math.max(...bars.map(({ shown }) => widthOf(shown, SIZE))) + 12;
  const values = bars.map(({ value }) => value);
  const [low, high] = [Math.min(0, ...values), Math.max(0, ...values)];
  const x = (value: number): number => left + ((value - low) / (high - low || 1)) * (width - left - right);

  surface.setAttribute("viewBox", `0 0 ${width} ${height}`);
  surface.setAttribute("height", String(height));
  surface.replaceChildren(
    ...bars.map((bar, index) => {
      const top = index * LINE + 2;
      const [from, to] = [Math.min(x(0), x(bar.value)), Math.max(x(0), x(bar.value))];
      const parts = [
        svg("rect", { class: "hit", x: 0, y: top, width, height: LINE - 2 }),
        svg("text", { x: left - 8, y: top + LINE / 2 + 4, "text-anchor": "end" }, labels[index] ?? ""),
        " ",
        svg("rect", { class: "bar", x: from, y: top + 5, width: Math.max(to - from, 1), height: LINE - 12, rx: 2 }),
        svg("text", { class: "figure", x: to + 6, y: top + LINE / 2 + 4 }, bar.shown),
      ];
      const name = `${bar.label.text}: ${bar.shown}`;
      return bar.label.href
        ? svg("a", { href: bar.label.href, "aria-label": name }, svg("title", {}, name), ...parts)
        : svg("g", { role: "img", "aria-label": name }, svg("title", {}, name), ...parts);
    }),
    svg("line", { class: "axis", x1: x(0), x2: x(0), y1: 0, y2: height }),
  );
}
