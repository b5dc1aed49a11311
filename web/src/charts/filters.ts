/** The legend of a network, by which it is filtered: classes of nodes, kinds of edges, and a range of years. */
import { html, svg } from "../elements";
import { formatMessage, type Messages } from "../messages";
import { readAddress, writeAddress } from "./address";
import type { ChartInput } from "./chart";
import { spanOf } from "./dates";
import type { Row } from "./rows";
import { colourOf, outlineOf } from "./symbols";

const COLOURS = 8; // `--series-1` to `--series-8`
const MAX_YEARS = 1000; // that are all offered; of a longer range only those that occur
const NONE = "-"; // in the address, where no value is chosen: without a parameter all are
const ENDS = ["source", "target"] as const;

export interface Kind {
  readonly text: string;
  /** Edges of this kind. */
  readonly count: number;
  /** The CSS class of its colour; beyond eight kinds the colours come again, with dashes. */
  readonly colour: string;
}

/** The kinds by their values, the most frequent first; rows: one for each edge. */
export function kindsOf(rows: readonly Row[]): Map<string, Kind> {
  const counts = new Map<string, { text: string; count: number }>();
  for (const { kind } of rows) {
    if (kind) counts.set(kind.value, { text: kind.text, count: (counts.get(kind.value)?.count ?? 0) + 1 });
  }
  const sorted = [...counts].sort(([a, one], [b, other]) => other.count - one.count || (a < b ? -1 : 1));
  const colour = (index: number): string => `series-${(index % COLOURS) + 1}${Math.floor(index / COLOURS) % 2 ? " dashed" : ""}`;
  return new Map(sorted.map(([value, kind], index) => [value, { ...kind, colour: colour(index) }]));
}

/** The first and the last year that the date in column `year` covers; undefined where it is none or open. */
export function yearsOf({ year }: Row): readonly [number, number] | undefined {
  const span = year && spanOf(year.value);
  if (!span || !Number.isFinite(span.from) || !Number.isFinite(span.to)) return undefined;
  return [new Date(span.from).getUTCFullYear(), new Date(span.to - 1).getUTCFullYear()];
}

/** Boxes by the value that each lets through. */
type Boxes = ReadonlyMap<string, HTMLInputElement>;

/** The controls, each only where it leaves something to choose; they follow the address, and the address follows them. */
export class Filters {
  readonly element = html("div", { class: "filters" });
  private readonly kinds: Boxes;
  private readonly classes: Boxes;
  private from: HTMLSelectElement | undefined;
  private to: HTMLSelectElement | undefined;

  /** @param onChange called when the reader, or the history of the browser, changes a filter */
  constructor(
    private readonly input: ChartInput,
    kinds: ReadonlyMap<string, Kind>,
    private readonly onChange: () => void,
  ) {
    const { messages, rows, classes = {} } = input;
    this.classes = this.boxes(messages, "classes", classCounts(rows, Object.entries(classes)));
    this.kinds = this.boxes(messages, "kind", [...kinds].map(([value, { text, count, colour }]) => ({ value, text, count, symbol: line(colour) })));
    this.addYears(rows);
    this.read();
    for (const event of ["popstate", "hashchange"]) {
      addEventListener(event, () => {
        if (!this.element.isConnected) return;
        this.read();
        this.onChange();
      });
    }
  }

  /** Whether the filters let a row through; one without a year passes only while all years are chosen. */
  passes(row: Row): boolean {
    if (!isChosen(this.kinds, row["kind"]?.value)) return false;
    if (!ENDS.every((end) => isChosen(this.classes, row[end]?.class))) return false;
    const { from, to } = this;
    if (!from || !to) return true;
    const years = yearsOf(row);
    if (!years) return isFirst(from) && isLast(to);
    return years[1] >= Number(from.value) && years[0] <= Number(to.value);
  }

  /** Takes the filters from the address. */
  private read(): void {
    const given = this.input.filtersIn && readAddress(this.input.filtersIn);
    if (!given) return;
    for (const [name, boxes] of [["kind", this.kinds], ["class", this.classes]] as const) {
      const wanted = new Set(given.getAll(name).filter(Boolean));
      for (const [value, box] of boxes) box.checked = wanted.size === 0 || wanted.has(value);
    }
    choose(this.from, given.get("from"), (year, wanted) => year >= wanted, 0);
    choose(this.to, given.get("to"), (year, wanted) => year <= wanted, -1);
  }

  /** Writes the filters to the address; what lets everything through is left out. */
  private changed(): void {
    const { from, to } = this;
    if (this.input.filtersIn) {
      writeAddress(this.input.filtersIn, {
        kind: chosen(this.kinds),
        class: chosen(this.classes),
        from: from && !isFirst(from) ? [from.value] : [],
        to: to && !isLast(to) ? [to.value] : [],
      });
    }
    this.onChange();
  }

  private boxes(messages: Messages, key: string, entries: readonly Entry[]): Boxes {
    if (entries.length === 0) return new Map();
    const boxes = new Map<string, HTMLInputElement>();
    const labels = entries.map(({ value, text, count, symbol }) => {
      const box = html("input", { type: "checkbox", checked: true });
      box.addEventListener("change", () => this.changed());
      boxes.set(value, box);
      return html("label", { "data-legend": "" }, box, symbol, html("span", { class: "name" }, text), " ", html("span", { class: "count" }, String(count)));
    });
    this.element.append(html("fieldset", {}, html("legend", {}, formatMessage(messages, key)), ...labels));
    return boxes;
  }

  private addYears(rows: readonly Row[]): void {
    const years = rows.flatMap((row) => yearsOf(row) ?? []);
    const [first, last] = [Math.min(...years), Math.max(...years)];
    if (!(first < last)) return;
    const range =
      last - first < MAX_YEARS
        ? Array.from({ length: last - first + 1 }, (_, index) => first + index)
        : [...new Set(years)].sort((a, b) => a - b);
    const select = (key: string, at: number): HTMLSelectElement => {
      const made = html("select", {}, ...range.map((year) => html("option", { value: year, selected: year === at }, String(year))));
      made.addEventListener("change", () => this.changed());
      this.element.append(html("label", { class: "year" }, formatMessage(this.input.messages, key), made));
      return made;
    };
    this.from = select("from", first);
    this.to = select("to", last);
  }
}

/** One line of the legend. */
interface Entry {
  readonly value: string;
  readonly text: string;
  readonly count: number;
  readonly symbol: SVGSVGElement;
}

/** The classes with the number of their nodes in the rows. */
function classCounts(rows: readonly Row[], classes: readonly (readonly [string, string])[]): Entry[] {
  const members = new Map<string, Set<string>>();
  for (const row of rows) {
    for (const end of ENDS) {
      const cell = row[end];
      if (cell?.class) members.set(cell.class, (members.get(cell.class) ?? new Set()).add(cell.value));
    }
  }
  return classes.map(([value, text], place) => {
    const symbol = swatch(svg("path", { class: `node ${colourOf(place)}`, d: outlineOf(place, 6), transform: "translate(10,10)" }));
    return { value, text, count: members.get(value)?.size ?? 0, symbol };
  });
}

function line(colour: string): SVGSVGElement {
  return swatch(svg("path", { class: `edge ${colour}`, d: "M0,10H20" }));
}

/** A picture of 20 by 20 pixels for a line of a legend. */
export function swatch(...parts: SVGElement[]): SVGSVGElement {
  return svg("svg", { class: "swatch", viewBox: "0 0 20 20", width: 20, height: 20, "aria-hidden": "true" }, ...parts);
}

/** Whether the boxes let a value through; one that has no box is never held back. */
function isChosen(boxes: Boxes, value: string | undefined): boolean {
  return value === undefined || (boxes.get(value)?.checked ?? true);
}

/** The values for the address; none where all are chosen. */
function chosen(boxes: Boxes): string[] {
  const values = [...boxes].filter(([, box]) => box.checked).map(([value]) => value);
  return values.length === boxes.size ? [] : values.length > 0 ? values : [NONE];
}

/** Chooses the first year that fits what is wanted, from the end with that index; the one at the end where none is. */
function choose(select: HTMLSelectElement | undefined, wanted: string | null, fits: (year: number, wanted: number) => boolean, end: 0 | -1): void {
  if (!select) return;
  const years = [...select.options].map(({ value }) => value);
  const inOrder = end === 0 ? years : [...years].reverse();
  const year = wanted ? Number(wanted) : NaN;
  select.value = inOrder.find((value) => Number.isNaN(year) || fits(Number(value), year)) ?? years.at(end === 0 ? -1 : 0) ?? "";
}

function isFirst(select: HTMLSelectElement): boolean {
  return select.selectedIndex === 0;
}

function isLast(select: HTMLSelectElement): boolean {
  return select.selectedIndex === select.length - 1;
}
