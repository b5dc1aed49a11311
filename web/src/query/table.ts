/** The table of a result: names and words or the terms as they stand, in steps, sorted by a click on a heading. */
import { html } from "../elements";
import { formatMessage, pageLanguage, type Messages } from "../messages";
import type { Names } from "./names";
import { irisOf, valueOf, type Solution, type Term } from "./terms";
import { inWords, type DateWords } from "./words";

const STEP = 200; // rows that are added at a time
const LONG = 30; // letters of a cell that wants a wide column

type Order = "ascending" | "descending";

export class ResultTable {
  private readonly body = html("tbody");
  private readonly more = html("button", { type: "button", class: "more" });
  private readonly toggle = html("button", { type: "button", class: "quiet" });
  private readonly heads: readonly HTMLTableCellElement[];
  private readonly iris: readonly string[];
  private readonly collator = new Intl.Collator(pageLanguage(), { numeric: true });
  private sorted: readonly Solution[];
  private isNamed = true;

  /** @param signal aborts the requests for names */
  constructor(
    private readonly columns: readonly string[],
    private readonly rows: readonly Solution[],
    private readonly names: Names,
    private readonly messages: Messages,
    private readonly dateWords: DateWords,
    private readonly signal: AbortSignal,
  ) {
    this.sorted = rows;
    this.toggle.hidden = rows.length === 0;
    this.iris = irisOf(rows);
    this.heads = columns.map((name) => this.head(name));
  }

  show(panel: HTMLElement): void {
    const table = html("table", { class: "answer" }, html("thead", {}, html("tr", {}, ...this.heads)), this.body);
    panel.append(html("div", { class: "scroll", role: "region", tabindex: 0, "aria-label": formatMessage(this.messages, "results") }, table), this.more, this.toggle);
    this.more.addEventListener("click", () => this.fill(this.body.rows.length + STEP));
    this.toggle.addEventListener("click", () => {
      this.isNamed = !this.isNamed;
      this.redraw();
    });
    this.fill(STEP);
  }

  private head(name: string): HTMLTableCellElement {
    const button = html("button", { type: "button", class: "sort" }, name);
    const head = html("th", { scope: "col" }, button);
    button.addEventListener("click", () => this.sort(head, name));
    return head;
  }

  private sort(head: HTMLTableCellElement, column: string): void {
    const order: Order = head.getAttribute("aria-sort") === "ascending" ? "descending" : "ascending";
    for (const other of this.heads) other.removeAttribute("aria-sort");
    head.setAttribute("aria-sort", order);
    const sign = order === "ascending" ? 1 : -1;
    this.sorted = [...this.rows].sort((one, other) => this.compare(one[column], other[column], sign));
    this.redraw();
  }

  /** Numbers by their value, others by what is shown; what is not bound comes last, whichever the order. */
  private compare(one: Term | undefined, other: Term | undefined, sign: number): number {
    if (!one || !other) return Number(!one) - Number(!other);
    const [a, b] = [Number(valueOf(one)), Number(valueOf(other))];
    const isNumber = one.type === "literal" && other.type === "literal" && Number.isFinite(a) && Number.isFinite(b);
    return sign * (isNumber ? a - b : this.collator.compare(this.text(one), this.text(other)));
  }

  private text(term: Term): string {
    const value = valueOf(term);
    return term.type === "uri" ? (this.isNamed ? this.names.label(value) : this.names.short(value)) : value;
  }

  /** Shows that many rows at most. */
  private fill(count: number): void {
    const done = this.body.rows.length;
    this.body.append(...this.sorted.slice(done, count).map((row) => this.row(row)));
    const rest = this.rows.length - this.body.rows.length;
    this.more.hidden = rest === 0;
    this.more.textContent = formatMessage(this.messages, "moreRows", { rows: Math.min(rest, STEP) });
    this.toggle.textContent = formatMessage(this.messages, this.isNamed ? "showRaw" : "showNames");
    if (this.isNamed) this.name();
  }

  private redraw(): void {
    const count = this.body.rows.length;
    this.body.replaceChildren();
    this.fill(count);
  }

  /** Looks up the names of the resources that are shown without one, and writes them. */
  private name(): void {
    const links = [...this.body.querySelectorAll<HTMLAnchorElement>("a[title]")];
    const unnamed = links.filter((link) => !this.names.name(link.title)).map((link) => link.title);
    const rename = (): void => {
      this.names.distinguish(this.iris);
      if (!this.isNamed) return;
      for (const link of links) link.replaceChildren(...this.linkText(link.title));
      for (const row of this.body.rows) for (const cell of row.cells) markLong(cell);
    };
    void this.names.lookUp(unnamed, this.signal).then(rename, rename);
  }

  private row(row: Solution): HTMLElement {
    const cells = this.columns.map((name) => html("td", { "data-label": name }, ...this.cell(row[name])));
    cells.forEach(markLong);
    return html("tr", {}, ...cells);
  }

  /** What the link of a resource shows: its name, if that is known, or its IRI as SPARQL writes it. */
  private linkText(iri: string): (Node | string)[] {
    const found = this.isNamed ? this.names.name(iri) : undefined;
    if (!found) return [this.names.short(iri)];
    const mark = this.names.mark(iri);
    return [html("bdi", { lang: found.language || undefined }, found.name), ...(mark ? [` (${mark})`] : [])];
  }

  private cell(term: Term | undefined): (Node | string)[] {
    if (!term) return [];
    const value = valueOf(term);
    if (term.type === "uri") return [html("a", { href: this.names.document(value), title: value }, ...this.linkText(value))];
    const words = this.isNamed ? inWords(term, this.dateWords) : undefined;
    if (words) return [html(words.element, { [words.element === "time" ? "datetime" : "value"]: value }, words.text)];
    if (term.type === "bnode") return [`_:${value}`];
    const language = term["xml:lang"];
    const text = html("bdi", language ? { lang: language } : {}, value);
    return language ? [text, " ", html("span", { class: "tag" }, language)] : [text];
  }
}

function markLong(cell: HTMLTableCellElement): void {
  cell.classList.toggle("text", (cell.textContent ?? "").length > LONG);
}
