/** The page /query: its form becomes an editor that completes, runs queries in place and draws their results. */
import "./styles/editor.css";
import Yasqe from "@zazuko/yasqe";
import { html } from "./elements";
import { ask, Problem, type Answer } from "./query/answer";
import { Completion } from "./query/completion";
import { byId, Names, readMessages, readPage } from "./query/page";
import { Panel } from "./query/panel";
import { say } from "./views/drawing";

const WRONG = "wrong-line";

const page = readPage();
const messages = readMessages();
const names = new Names(page);
const form = byId("query-form") as HTMLFormElement;
const input = byId("query") as HTMLTextAreaElement;
const button = byId("run") as HTMLButtonElement;
const results = byId("results");
const place = html("div", { class: "results" });
const status = html("p", { class: "status", role: "status" });
const problem = html("div", { class: "problem", role: "alert" });
results.append(status, problem, place);

const host = html("div", { class: "editor" });
input.before(host);
form.classList.add("enhanced");
byId("query-help").hidden = false;

Yasqe.defaults.autocompleters = []; // its own ask services elsewhere
const editor = new Yasqe(host, {
  value: linked().query ?? input.value,
  showQueryButton: false,
  resizeable: false,
  persistenceId: null,
  consumeShareLink: null,
  createShareableLink: undefined as never,
  editorHeight: "auto",
  lineWrapping: true,
  viewportMargin: Infinity,
  inputStyle: "contenteditable",
  screenReaderLabel: say(messages, "editor"),
  extraKeys: {
    "Ctrl-Enter": () => void run(),
    "Cmd-Enter": () => void run(),
    "Ctrl-Space": () => completion.suggest(),
    Esc: () => button.focus(),
  },
});
const completion = new Completion(editor, page, names, messages, (text) => (status.textContent = text));
for (const [name, value] of [["role", "textbox"], ["aria-multiline", "true"], ["aria-describedby", "query-help"]] as const) {
  editor.getInputField().setAttribute(name, value); // CodeMirror gives it no role
}
form.querySelector("label")?.addEventListener("click", () => editor.focus());

let running: AbortController | undefined;
let panel: Panel | undefined;

form.addEventListener("submit", (event) => {
  event.preventDefault();
  if (running) running.abort();
  else void run();
});
for (const link of document.querySelectorAll<HTMLAnchorElement>("a[data-saved]")) {
  link.addEventListener("click", (event) => {
    const text = page.saved[link.dataset["saved"] ?? ""];
    if (text === undefined || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    editor.setValue(text);
    void run();
  });
}
window.addEventListener("popstate", () => {
  const { query, view } = linked();
  if (query === undefined) return;
  editor.setValue(query);
  void run(view, false);
});
if (linked().query !== undefined) void run(linked().view, false);

/** The query and the tab that the address asks for, after `#` as `query=…&view=…`. */
function linked(): { query?: string; view?: string } {
  const wanted = new URLSearchParams(location.hash.slice(1));
  const [query, view] = [wanted.get("query"), wanted.get("view")];
  return { ...(query === null ? {} : { query }), ...(view === null ? {} : { view }) };
}

function link(query: string, view: string, isNew: boolean): void {
  const address = `${location.pathname}${location.search}#${new URLSearchParams({ query, view }).toString()}`;
  if (isNew && linked().query !== query) history.pushState(null, "", address);
  else history.replaceState(null, "", address);
}

/** Runs what is in the editor; the address becomes a link to it. */
async function run(view = linked().view ?? "table", isNew = true): Promise<void> {
  running?.abort();
  const own = (running = new AbortController());
  const query = editor.getValue();
  const begun = performance.now();
  forget();
  button.textContent = say(messages, "cancel");
  completion.stop();
  status.textContent = say(messages, "running");
  results.setAttribute("aria-busy", "true");
  try {
    const answer = await ask(page, query, own.signal);
    link(query, view, isNew);
    status.textContent = summary(answer, Math.round(performance.now() - begun));
    panel = new Panel(place, page, names, messages, query, answer, (name) => link(query, name, false));
    panel.show(view);
  } catch (error) {
    if (running === own) tell(error, own.signal);
  } finally {
    if (running === own) {
      running = undefined;
      button.textContent = say(messages, "run");
      results.removeAttribute("aria-busy");
    }
  }
}

/** Clears what the last run left. */
function forget(): void {
  panel?.end();
  place.replaceChildren();
  problem.replaceChildren();
  for (let line = 0; line < editor.lineCount(); line++) editor.removeLineClass(line, "background", WRONG);
}

function summary(answer: Answer, milliseconds: number): string {
  if (answer.form === "boolean") return say(messages, "answered", { milliseconds });
  const rows = answer.rows.length.toLocaleString(document.documentElement.lang || undefined);
  return say(messages, answer.form === "graph" ? "triples" : "rows", { rows, milliseconds });
}

function tell(error: unknown, signal: AbortSignal): void {
  status.textContent = "";
  if (signal.aborted) {
    status.textContent = say(messages, "cancelled");
  } else if (error instanceof Problem) {
    problem.append(html("p", { class: "title" }, error.title), html("p", {}, error.detail));
    if (error.line) problem.append(leadTo(error.line, error.column ?? 1));
  } else {
    problem.append(html("p", { class: "title" }, say(messages, "unreachable")));
  }
}

/** Marks the line, and makes a button that goes there. */
function leadTo(line: number, column: number): HTMLElement {
  editor.addLineClass(line - 1, "background", WRONG);
  const go = html("button", { type: "button" }, say(messages, "position", { line, column }));
  go.addEventListener("click", () => {
    editor.focus();
    editor.setCursor({ line: line - 1, ch: column - 1 });
  });
  return go;
}
