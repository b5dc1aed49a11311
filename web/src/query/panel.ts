/** The panel of results: tabs for the table, the raw text and the charts that the columns allow; downloads. */
import { addDownloads } from "../charts/download";
import { KINDS } from "../charts/kinds";
import { html } from "../elements";
import { formatMessage, type Messages } from "../messages";
import { askFor, Problem, type Answer } from "./answer";
import { plansFor, rowsFor, ties, type Plan } from "./columns";
import type { EditorData, Format } from "./data";
import { indented } from "./indented";
import type { Names } from "./names";
import { ResultTable } from "./table";
import { irisOf, type Solution } from "./terms";

const MAX_RAW = 200_000; // characters of the raw text that are shown
const MAX_ADDRESS = 6000; // characters of a query in an address; a longer one is sent in a form
const TITLES: Readonly<Record<string, string>> = {
  table: "asTable",
  raw: "asRaw",
  chart: "asChart",
  map: "asMap",
  timeline: "asTimeline",
  network: "asNetwork",
};

type Rows = Exclude<Answer, { readonly form: "boolean" }>;

export class Panel {
  private readonly aborts = new AbortController();

  /** @param onTab called with the name of the tab that the reader opens */
  constructor(
    private readonly place: HTMLElement,
    private readonly data: EditorData,
    private readonly names: Names,
    private readonly messages: Messages,
    private readonly query: string,
    private readonly answer: Answer,
    private readonly onTab: (name: string) => void,
  ) {}

  /** Shows the answer in the tab of that name, or in the table where there is no such tab. */
  show(wanted: string): void {
    const tabs = this.tabs();
    const first = tabs.has(wanted) ? wanted : "table";
    const list = html("div", { role: "tablist", class: "tabs", "aria-label": formatMessage(this.messages, "results") });
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
      const button = html("button", { type: "button", role: "tab", id: `tab-${name}`, "aria-controls": `panel-${name}` }, this.message(TITLES[name] ?? name));
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
    this.place.replaceChildren(list, panels, this.downloads(), ...this.more());
    open(first, false);
  }

  /** Aborts the requests for this answer. */
  close(): void {
    this.aborts.abort();
  }

  private message(key: string, values?: Record<string, string | number>): string {
    return formatMessage(this.messages, key, values);
  }

  /** The tabs by name, each with what fills its panel when it is first opened. */
  private tabs(): Map<string, (panel: HTMLElement) => void> {
    const { answer } = this;
    if (answer.form === "boolean") {
      const drawBoolean = (panel: HTMLElement): void => panel.append(html("p", { class: "verdict" }, this.message(answer.boolean ? "yes" : "no")));
      return new Map([["table", drawBoolean], ["raw", (panel) => this.drawRaw(panel)]]);
    }
    const table = new ResultTable(answer.columns, answer.rows, this.names, this.messages, this.data.dateWords, this.aborts.signal);
    const tabs = new Map<string, (panel: HTMLElement) => void>([
      ["table", (panel) => table.show(panel)],
      ["raw", (panel) => this.drawRaw(panel)],
    ]);
    for (const [kind, { plan, rows }] of this.charts(answer)) tabs.set(kind, (panel) => this.drawChart(panel, kind, plan, rows));
    return tabs;
  }

  /** The charts that the answer allows, each with the rows that it is drawn from. */
  private charts({ form, columns, rows }: Rows): Map<string, { plan: Plan; rows: readonly Solution[] }> {
    if (form === "results") return new Map([...plansFor(columns, rows)].map(([kind, plan]) => [kind, { plan, rows }]));
    const network = ties(rows);
    return new Map(network ? [["network", network]] : []);
  }

  private drawChart(panel: HTMLElement, kind: string, plan: Plan, rows: readonly Solution[]): void {
    const place = html("div", { class: "chart" });
    panel.append(place);
    const columns = Object.values(plan);
    const iris = irisOf(rows.map((row) => Object.fromEntries(Object.entries(row).filter(([name]) => columns.includes(name)))));
    const draw = async (): Promise<void> => {
      this.names.distinguish(iris);
      const { draw } = (await KINDS[kind]?.()) ?? {};
      const [caption, messages] = [this.message(TITLES[kind] ?? kind), this.messages];
      const isDrawn = await draw?.({ place, rows: rowsFor(plan, rows, this.names), caption, messages, classes: this.names.classes(iris) });
      if (isDrawn) addDownloads(place, caption, this.data.source, messages);
    };
    void this.names.lookUp(iris, this.aborts.signal).then(draw, draw);
  }

  /** The formats that can be shown as they are. */
  private texts(): readonly Format[] {
    return this.formats().filter(([extension]) => extension !== "xlsx" && extension !== "geojson");
  }

  private formats(): readonly Format[] {
    const { answer } = this;
    if (answer.form === "graph") return this.data.graphs;
    const unfit = answer.form === "boolean" ? ["csv", "tsv", "geojson"] : this.charts(answer).has("map") ? [] : ["geojson"];
    return this.data.results.filter(([extension]) => !unfit.includes(extension));
  }

  private drawRaw(panel: HTMLElement): void {
    const text = html("code");
    const pre = html("pre", { tabindex: 0, "aria-label": this.message("asRaw") }, text);
    const note = html("p", { class: "help" });
    const select = html("select", { "aria-label": this.message("format") }, ...this.texts().map(([extension, name]) => html("option", { value: extension }, name)));
    const load = async (): Promise<void> => {
      const raw = await askFor(this.data, this.query, select.value, this.aborts.signal);
      const [, , mediaType = ""] = this.formats().find(([extension]) => extension === select.value) ?? [];
      text.textContent = (raw.length > MAX_RAW ? raw : indented(raw, mediaType)).slice(0, MAX_RAW);
      note.textContent = raw.length > MAX_RAW ? this.message("truncated") : "";
    };
    const show = (): void =>
      void load().catch((error: unknown) => {
        if (!this.aborts.signal.aborted) note.textContent = error instanceof Problem ? error.message : this.message("unreachable");
      });
    select.addEventListener("change", show);
    panel.append(select, note, pre);
    show();
  }

  private downloads(): HTMLElement {
    const query = new URLSearchParams({ query: this.query }).toString();
    const links = this.formats().map(([extension, name]) => {
      if (query.length <= MAX_ADDRESS) {
        return html("a", { href: `${this.data.endpoint}?${query}&format=${extension}`, download: `results.${extension}` }, name);
      }
      const form = html("form", { method: "post", action: this.data.endpoint });
      form.append(html("input", { type: "hidden", name: "query", value: this.query }), html("button", { name: "format", value: extension }, name));
      return form;
    });
    return html("p", { class: "formats" }, `${this.message("download")} `, ...links);
  }

  /** Links to how programs get this answer, and to what was evaluated, unless the addresses would be too long. */
  private more(): HTMLElement[] {
    const asked = new URLSearchParams({ query: this.query, format: "html" }).toString();
    if (asked.length > MAX_ADDRESS) return [];
    const address = `${this.data.endpoint}?${asked}`;
    const use = html("a", { href: `${address}#use` }, this.message("use"));
    const explain = html("a", { href: `${address}&explain=true` }, this.message("explain"));
    return [html("p", { class: "help" }, use, " · ", explain)];
  }
}
