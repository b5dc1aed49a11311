/** The filters of a network: by kind, and by a range of years. */
import { html } from "../elements";
import { formatMessage, type Messages } from "../messages";
import { spanOf } from "./dates";
import type { Row } from "./rows";

const COLOURS = 8; // `--series-1` to `--series-8`
const MAX_YEARS = 1000; // that are all offered; of a longer range only those that occur

export interface Kind {
  readonly text: string;
  /** Rows of this kind. */
  readonly count: number;
  /** The CSS class of its colour; beyond eight kinds the colours repeat. */
  readonly colour: string;
}

/** The kinds of the rows by their values, the most frequent first. */
export function kindsOf(rows: readonly Row[]): Map<string, Kind> {
  const counts = new Map<string, { text: string; count: number }>();
  for (const { kind } of rows) {
    if (kind) counts.set(kind.value, { text: kind.text, count: (counts.get(kind.value)?.count ?? 0) + 1 });
  }
  const sorted = [...counts].sort(([a, one], [b, other]) => other.count - one.count || (a < b ? -1 : 1));
  return new Map(sorted.map(([value, kind], index) => [value, { ...kind, colour: `series-${(index % COLOURS) + 1}` }]));
}

/** The first and the last year that the date in column `year` covers; undefined where it is none or open. */
export function yearsOf({ year }: Row): readonly [number, number] | undefined {
  const span = year && spanOf(year.value);
  if (!span || !Number.isFinite(span.from) || !Number.isFinite(span.to)) return undefined;
  return [new Date(span.from).getUTCFullYear(), new Date(span.to - 1).getUTCFullYear()];
}

/** The controls, each only where it leaves something to choose. */
export class Filters {
  readonly element = html("div", { class: "filters" });
  private readonly hidden = new Set<string>();
  private readonly from: HTMLSelectElement | undefined;
  private readonly to: HTMLSelectElement | undefined;

  /** @param onChange called when the reader changes a filter */
  constructor(
    rows: readonly Row[],
    kinds: ReadonlyMap<string, Kind>,
    messages: Messages,
    private readonly onChange: () => void,
  ) {
    if (kinds.size > 0) this.element.append(this.kindBoxes(kinds, messages));
    const years = rows.flatMap((row) => yearsOf(row) ?? []);
    const [first, last] = [Math.min(...years), Math.max(...years)];
    if (first < last) {
      const range =
        last - first < MAX_YEARS
          ? Array.from({ length: last - first + 1 }, (_, index) => first + index)
          : [...new Set(years)].sort((a, b) => a - b);
      this.from = this.yearSelect(formatMessage(messages, "from"), range, first);
      this.to = this.yearSelect(formatMessage(messages, "to"), range, last);
    }
  }

  /** Whether the filters let a row through; one without a year passes only while all years are chosen. */
  passes(row: Row): boolean {
    if (row["kind"] && this.hidden.has(row["kind"].value)) return false;
    if (!this.from || !this.to) return true;
    const years = yearsOf(row);
    if (!years) return this.from.selectedIndex === 0 && this.to.selectedIndex === this.to.length - 1;
    return years[1] >= Number(this.from.value) && years[0] <= Number(this.to.value);
  }

  private kindBoxes(kinds: ReadonlyMap<string, Kind>, messages: Messages): HTMLElement {
    const boxes = [...kinds].map(([value, { text, count, colour }]) => {
      const box = html("input", { type: "checkbox", checked: true });
      box.addEventListener("change", () => {
        if (box.checked) this.hidden.delete(value);
        else this.hidden.add(value);
        this.onChange();
      });
      const swatch = html("span", { class: `swatch ${colour}` });
      return html("label", {}, box, swatch, text, html("span", { class: "count" }, String(count)));
    });
    return html("fieldset", {}, html("legend", {}, formatMessage(messages, "kind")), ...boxes);
  }

  private yearSelect(label: string, years: readonly number[], chosen: number): HTMLSelectElement {
    const options = years.map((year) => html("option", { value: year, selected: year === chosen }, String(year)));
    const select = html("select", {}, ...options);
    select.addEventListener("change", this.onChange);
    this.element.append(html("label", {}, label, select));
    return select;
  }
}
