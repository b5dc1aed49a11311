/** The results: tabs for table, raw text and the drawings that the columns allow; downloads in every format. */
import { html } from "../elements";
import { KINDS, say, type Messages } from "../views/drawing";
import { askFor, Problem, type Answer, type Solution, type Term } from "./answer";
import { plansFor, rowsFor } from "./columns";
import type { Format, Names, Page } from "./page";

const STEP = 200; // rows of the table that are shown at once
const RAW = 200_000; // characters of the raw text that are shown
const LONG = 6000; // characters of an address; a longer query is sent in a form
const TITLES: Readonly<Record<string, string>> = {
  table: "asTable",
  raw: "asRaw",
  chart: "asChart",
  map: "asMap",
  timeline: "asTimeline",
  network: "asNetwork",
};

export class Panel {
  private readonly aborts = new AbortController();

  /** @param onTab called with the name of the tab that the reader opens */
  constructor(
    private readonly place: HTMLElement,
    private readonly page: Page,
    private readonly names: Names,
    private readonly messages: Messages,
    private readonly query: string,
    private readonly answer: Answer,
    private readonly onTab: (name: string) => void,
  ) {}

  /** Shows the answer, in the tab of that name if there is one. */
  show(wanted: string): void {
    const tabs = this.tabs();
    const first = tabs.has(wanted) ? wanted : "table";
    const list = html("div", { role: "tablist", class: "tabs", "aria-label": say(this.messages, "results") });
    const panels = html("div", { class: "panels" });
    const buttons = new Map<string, HTMLButtonElement>();
    const opened = new Set<string>();
    const open = (name: string, byReader: boolean): void => {
      for (const [other, button] of buttons) {
        const isOpen = other === name;
        button.setAttribute("aria-selected", String(isOpen));
        button.tabIndex = isOpen ? 0 : -1;
        const panel = panels.querySelector<HTMLElement>(`#panel-${other}`);
        if (!panel) continue;
        panel.hidden = !isOpen;
        if (isOpen && !opened.has(name)) {
          opened.add(name);
          tabs.get(name)?.(panel);
        }
      }
      if (byReader) this.onTab(name);
    };
    for (const name of tabs.keys()) {
      const button = html("button", { type: "button", role: "tab", id: `tab-${name}`, "aria-controls": `panel-${name}` }, this.say(TITLES[name] ?? name));
      button.addEventListener("click", () => open(name, true));
      buttons.set(name, button);
      list.append(button);
      panels.append(html("div", { role: "tabpanel", id: `panel-${name}`, "aria-labelledby": `tab-${name}`, hidden: true }));
    }
    list.addEventListener("keydown", (event) => {
      const all = [...buttons.keys()];
      const at = all.findIndex((name) => buttons.get(name) === document.activeElement);
      const to = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: all.length - 1 }[event.key];
      const name = to === undefined ? undefined : all[(to + all.length) % all.length];
      if (!name) return;
      event.preventDefault();
      open(name, true);
      buttons.get(name)?.focus();
    });
    this.place.replaceChildren(list, panels, this.downloads());
    open(first, false);
  }

  /** Ends what is still being fetched for this answer. */
  end(): void {
    this.aborts.abort();
  }

  private say(key: string, values?: Record<string, string | number>): string {
    return say(this.messages, key, values);
  }

  private tabs(): Map<string, (panel: HTMLElement) => void> {
    const { answer } = this;
    if (answer.form === "boolean") {
      const verdict = (panel: HTMLElement): void => panel.append(html("p", { class: "verdict" }, this.say(answer.boolean ? "yes" : "no")));
      return new Map([["table", verdict], ["raw", (panel) => this.drawRaw(panel)]]);
    }
    const tabs = new Map<string, (panel: HTMLElement) => void>([
      ["table", (panel) => this.drawTable(panel, answer.columns, answer.rows)],
      ["raw", (panel) => this.drawRaw(panel)],
    ]);
    const plans = answer.form === "results" ? plansFor(answer.columns, answer.rows) : new Map();
    for (const [kind, plan] of plans) {
      tabs.set(kind, (panel) => {
        const place = html("div", { class: "drawing" });
        panel.append(place);
        const rows = rowsFor(plan, answer.rows, this.names);
        void KINDS[kind]?.load().then(({ draw }) => draw({ place, rows, caption: this.say(TITLES[kind] ?? kind), messages: this.messages }));
      });
    }
    return tabs;
  }

  private drawTable(panel: HTMLElement, columns: readonly string[], rows: readonly Solution[]): void {
    const body = html("tbody");
    const heads = columns.map((name) => html("th", { scope: "col" }, name));
    const table = html("table", {}, html("thead", {}, html("tr", {}, ...heads)), body);
    const region = html("div", { class: "scroll", role: "region", tabindex: 0, "aria-label": this.say("results") }, table);
    const more = html("button", { type: "button", class: "more" });
    const fill = (): void => {
      const done = body.rows.length;
      const next = rows.slice(done, done + STEP);
      body.append(...next.map((row) => html("tr", {}, ...columns.map((name) => html("td", {}, ...this.shown(row[name]))))));
      const rest = rows.length - body.rows.length;
      more.hidden = rest === 0;
      more.textContent = this.say("moreRows", { rows: Math.min(rest, STEP) });
    };
    more.addEventListener("click", fill);
    fill();
    panel.append(region, more);
  }

  private shown(term: Term | undefined): (Node | string)[] {
    if (!term) return [];
    const value = typeof term.value === "string" ? term.value : JSON.stringify(term.value);
    if (term.type === "uri") return [html("a", { href: this.names.document(value), title: value }, this.names.short(value))];
    if (term.type === "bnode") return [`_:${value}`];
    const language = term["xml:lang"];
    const text = html("bdi", language ? { lang: language } : {}, value);
    return language ? [text, " ", html("span", { class: "tag" }, language)] : [text];
  }

  private formats(): readonly Format[] {
    const { form } = this.answer;
    const formats = form === "graph" ? this.page.graphs : this.page.results;
    return form === "boolean" ? formats.filter(([extension]) => extension !== "csv" && extension !== "tsv") : formats;
  }

  private drawRaw(panel: HTMLElement): void {
    const text = html("code");
    const pre = html("pre", { tabindex: 0, "aria-label": this.say("asRaw") }, text);
    const note = html("p", { class: "help" });
    const choice = html("select", { "aria-label": this.say("format") }, ...this.formats().map(([extension, name]) => html("option", { value: extension }, name)));
    const fetched = async (): Promise<void> => {
      const raw = await askFor(this.page, this.query, choice.value, this.aborts.signal);
      text.textContent = raw.slice(0, RAW);
      note.textContent = raw.length > RAW ? this.say("truncated") : "";
    };
    const show = (): void =>
      void fetched().catch((error: unknown) => {
        if (!this.aborts.signal.aborted) note.textContent = error instanceof Problem ? error.detail : this.say("unreachable");
      });
    choice.addEventListener("change", show);
    panel.append(choice, note, pre);
    show();
  }

  private downloads(): HTMLElement {
    const query = new URLSearchParams({ query: this.query }).toString();
    const ways = this.formats().map(([extension, name]) => {
      if (query.length <= LONG) {
        return html("a", { href: `${this.page.endpoint}?${query}&format=${extension}`, download: `results.${extension}` }, name);
      }
      const form = html("form", { method: "post", action: this.page.endpoint });
      form.append(html("input", { type: "hidden", name: "query", value: this.query }), html("button", { name: "format", value: extension }, name));
      return form;
    });
    return html("p", { class: "formats" }, `${this.say("download")} `, ...ways);
  }
}
