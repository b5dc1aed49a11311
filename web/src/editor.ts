/** The page /query: an editor with completion in place of its text field, and results below it. */
import "./styles/editor.css";
import Yasqe from "@zazuko/yasqe";
import { html } from "./elements";
import { formatCounted, formatMessage, formatNumber } from "./messages";
import { ask, type Answer } from "./query/answer";
import { Completion } from "./query/completion";
import { byId, readEditorData, readMessages } from "./query/data";
import { Names } from "./query/names";
import { Panel } from "./query/panel";
import { Remarks } from "./query/remarks";

const data = readEditorData();
const messages = readMessages();
const names = new Names(data);
const form = byId("query-form") as HTMLFormElement;
const input = byId("query") as HTMLTextAreaElement;
const button = byId("run") as HTMLButtonElement;
const results = byId("results");
const place = html("div", { class: "results" });
const status = html("p", { class: "status", role: "status" });
results.append(status);

const host = html("div", { class: "editor" });
input.before(host);
form.classList.add("enhanced");
byId("query-help").hidden = false;

Yasqe.defaults.autocompleters = []; // its own autocompleters send requests to other sites
const editor = new Yasqe(host, {
  value: addressed().query ?? input.value,
  showQueryButton: false,
  resizeable: false,
  persistenceId: null,
  consumeShareLink: null,
  createShareableLink: undefined as never,
  editorHeight: "auto",
  lineWrapping: true,
  collapsePrefixesOnLoad: true,
  viewportMargin: Infinity,
  inputStyle: "contenteditable",
  screenReaderLabel: formatMessage(messages, "editor"),
  extraKeys: {
    "Ctrl-Enter": () => void run(),
    "Cmd-Enter": () => void run(),
    "Ctrl-Space": () => completion.suggest(),
    Esc: () => button.focus(),
  },
});
const completion = new Completion(editor, data, names, messages, (text) => (status.textContent = text));
for (const [name, value] of [["role", "textbox"], ["aria-multiline", "true"], ["aria-describedby", "query-help"]] as const) {
  editor.getInputField().setAttribute(name, value); // CodeMirror sets no role
}
form.querySelector("label")?.addEventListener("click", () => editor.focus());

const remarks = new Remarks(editor, data, names, messages, () => void run());
results.append(remarks.element, place);

let running: AbortController | undefined;
let panel: Panel | undefined;

form.addEventListener("submit", (event) => {
  event.preventDefault();
  if (running) running.abort();
  else void run();
});
for (const link of document.querySelectorAll<HTMLAnchorElement>("a[data-saved]")) {
  link.addEventListener("click", (event) => {
    const text = data.saved[link.dataset["saved"] ?? ""];
    if (text === undefined || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    show(text);
    void run(viewOf(text));
  });
}
window.addEventListener("popstate", () => {
  const { query, view } = addressed();
  if (query === undefined) return;
  show(query);
  void run(view, false);
});
if (addressed().query !== undefined) void run(addressed().view, false);

/** Puts a query into the editor, with its prefixes folded: a click, or the cursor, opens them. */
function show(query: string): void {
  editor.setValue(query);
  editor.collapsePrefixes();
}

/** The tab that a query is first shown in: that of a saved query, else the table. */
function viewOf(query: string): string {
  const name = Object.entries(data.saved).find(([, text]) => text.trim() === query.trim())?.[0];
  return (name === undefined ? undefined : data.views[name]) ?? "table";
}

/** The query and the tab in the fragment of the address, `#query=…&view=…`. */
function addressed(): { query?: string; view?: string } {
  const fragment = new URLSearchParams(location.hash.slice(1));
  const [query, view] = [fragment.get("query"), fragment.get("view")];
  return { ...(query === null ? {} : { query }), ...(view === null ? {} : { view }) };
}

/** Puts the query and the tab into the address; a new query becomes an entry of the history. */
function setAddress(query: string, view: string, isNew: boolean): void {
  const address = `${location.pathname}${location.search}#${new URLSearchParams({ query, view }).toString()}`;
  if (isNew && addressed().query !== query) history.pushState(null, "", address);
  else history.replaceState(null, "", address);
}

/** Runs the query in the editor, shows its answer in a tab, and puts both into the address. */
async function run(view = addressed().view ?? viewOf(editor.getValue()), isNew = true): Promise<void> {
  running?.abort();
  const request = (running = new AbortController());
  const query = editor.getValue();
  const start = performance.now();
  clearResults();
  button.textContent = formatMessage(messages, "cancel");
  completion.stop();
  status.textContent = formatMessage(messages, "running");
  results.setAttribute("aria-busy", "true");
  try {
    const answer = await ask(data, query, request.signal);
    setAddress(query, view, isNew);
    status.textContent = summary(answer, Math.round(performance.now() - start));
    panel = new Panel(place, data, names, messages, query, answer, (name) => setAddress(query, name, false));
    panel.show(view);
    remarks.warn(query);
  } catch (error) {
    if (running === request) showError(error, request.signal);
  } finally {
    if (running === request) {
      running = undefined;
      button.textContent = formatMessage(messages, "run");
      results.removeAttribute("aria-busy");
    }
  }
}

/** Removes the results and errors of the last run. */
function clearResults(): void {
  panel?.close();
  place.replaceChildren();
  remarks.clear();
}

function summary(answer: Answer, milliseconds: number): string {
  if (answer.form === "boolean") return formatMessage(messages, "answered", { milliseconds });
  const { length } = answer.rows;
  return formatCounted(messages, answer.form === "graph" ? "triples" : "rows", length, { rows: formatNumber(length), milliseconds });
}

function showError(error: unknown, signal: AbortSignal): void {
  status.textContent = "";
  if (signal.aborted) {
    status.textContent = formatMessage(messages, "cancelled");
  } else {
    remarks.refuse(error);
  }
}
