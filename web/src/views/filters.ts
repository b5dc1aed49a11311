/** What of a network is shown: kinds and years, as the reader sets them. */
import { html } from "../elements";
import { say, series, type Messages } from "./drawing";
import type { Edge } from "./graph";

/** The kinds of the edges, the most frequent first, each with the class of its colour. */
export function kindsOf(edges: readonly Edge[]): Map<string, { text: string; count: number; colour: string }> {
  const counts = new Map<string, { text: string; count: number }>();
  for (const { kind } of edges) {
    if (!kind) continue;
    const known = counts.get(kind.value) ?? { text: kind.text, count: 0 };
    known.count += 1;
    counts.set(kind.value, known);
  }
  const sorted = [...counts].sort(([a, one], [b, other]) => other.count - one.count || (a < b ? -1 : 1));
  return new Map(sorted.map(([value, kind], index) => [value, { ...kind, colour: series(index) }]));
}

/** Controls for kinds and years, and whether an edge passes them; each only where there is something to choose. */
export class Filters {
  readonly element = html("div", { class: "filters" });
  private readonly hidden = new Set<string>();
  private readonly from: HTMLSelectElement | undefined;
  private readonly to: HTMLSelectElement | undefined;

  constructor(
    edges: readonly Edge[],
    kinds: ReturnType<typeof kindsOf>,
    messages: Messages,
    private readonly onChange: () => void,
  ) {
    if (kinds.size > 0) this.element.append(this.kindBoxes(kinds, messages));
    const years = edges.flatMap((edge) => edge.years ?? []);
    const [first, last] = [Math.min(...years), Math.max(...years)];
    if (first < last) {
      const all = Array.from({ length: last - first + 1 }, (_, index) => first + index);
      this.from = this.yearChoice(say(messages, "from"), all, first);
      this.to = this.yearChoice(say(messages, "to"), all, last);
    }
  }

  /** An edge without a year passes while the years are not narrowed. */
  passes({ kind, years }: Edge): boolean {
    if (kind && this.hidden.has(kind.value)) return false;
    if (!this.from || !this.to) return true;
    if (!years) return this.from.selectedIndex === 0 && this.to.selectedIndex === this.to.length - 1;
    return years[1] >= Number(this.from.value) && years[0] <= Number(this.to.value);
  }

  private kindBoxes(kinds: ReturnType<typeof kindsOf>, messages: Messages): HTMLElement {
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
    return html("fieldset", {}, html("legend", {}, say(messages, "kind")), ...boxes);
  }

  private yearChoice(label: string, years: readonly number[], chosen: number): HTMLSelectElement {
    const options = years.map((year) => html("option", { value: year, selected: year === chosen }, String(year)));
    const choice = html("select", {}, ...options);
    choice.addEventListener("change", this.onChange);
    this.element.append(html("label", {}, label, choice));
    return choice;
  }
}
