/** What is said of a query, with marks in the editor and buttons that correct it: why it is refused, what is unknown. */
import type Yasqe from "@zazuko/yasqe";
import { html } from "../elements";
import { formatMessage, type Messages } from "../messages";
import { Problem, type Place } from "./answer";
import type { EditorData } from "./data";
import type { Names } from "./names";
import { tokenize } from "./tokens";
import { unknownTerms } from "./unknown";

const LINE = "error-line";

export class Remarks {
  readonly element = html("div", { class: "remarks" });
  private readonly problem = html("div", { class: "problem", role: "alert" });
  private readonly warnings = html("ul", { class: "warnings" });
  private marks: { clear(): void }[] = [];

  /** @param run called when the query has been corrected */
  constructor(
    private readonly editor: Yasqe,
    private readonly data: EditorData,
    private readonly names: Names,
    private readonly messages: Messages,
    private readonly run: () => void,
  ) {
    this.element.append(this.problem, this.warnings);
  }

  clear(): void {
    this.problem.replaceChildren();
    this.warnings.replaceChildren();
    for (const mark of this.marks) mark.clear();
    this.marks = [];
    for (let line = 0; line < this.editor.lineCount(); line++) this.editor.removeLineClass(line, "background", LINE);
  }

  /** Says why there is no answer. */
  refuse(error: unknown): void {
    if (!(error instanceof Problem)) {
      this.problem.append(html("p", { class: "title" }, this.message("unreachable")));
      return;
    }
    const { title, message, place, details } = error;
    this.problem.append(html("p", { class: "title" }, title), html("p", {}, message));
    if (!place) return;
    this.editor.addLineClass(place.line - 1, "background", LINE);
    this.mark(place);
    this.problem.append(this.button(this.message("position", { ...place }), () => this.go(place)));
    const { missing, opened, prefix } = details;
    if (opened) this.mark(opened);
    if (opened && missing) this.problem.append(" ", this.button(this.message("insert", { text: missing }), () => this.insert(missing, place)));
    const namespace = prefix === undefined ? undefined : this.data.prefixes[prefix];
    if (prefix !== undefined && namespace !== undefined) {
      const declare = (): void => this.correct(() => this.editor.addPrefixes({ [prefix]: namespace }));
      this.problem.append(" ", this.button(this.message("declare", { prefix }), declare));
    }
  }

  /** Says which classes and properties of the query are not in the data. */
  warn(query: string): void {
    for (const { iri, kind, similar } of unknownTerms(query, this.data)) {
      const item = html("li", {}, this.message(kind === "class" ? "unknownClass" : "unknownProperty", { term: this.names.toSparql(iri) }));
      if (similar !== undefined) {
        const text = this.names.toSparql(similar);
        item.append(" ", this.button(this.message("useInstead", { term: text }), () => this.correct(() => this.replace(this.names.toSparql(iri), iri, text))));
      }
      this.warnings.append(item);
    }
  }

  private message(key: string, values?: Record<string, string | number>): string {
    return formatMessage(this.messages, key, values);
  }

  private button(text: string, act: () => void): HTMLElement {
    const button = html("button", { type: "button" }, text);
    button.addEventListener("click", act);
    return button;
  }

  private mark({ line, column }: Place): void {
    this.marks.push(this.editor.getDoc().markText({ line: line - 1, ch: column - 1 }, { line: line - 1, ch: column }, { className: "error-mark" }));
  }

  private go({ line, column }: Place): void {
    this.editor.focus();
    this.editor.setCursor({ line: line - 1, ch: column - 1 });
  }

  private insert(text: string, { line, column }: Place): void {
    const at = { line: line - 1, ch: column - 1 };
    this.correct(() => this.editor.replaceRange(`${text === ">" ? "" : " "}${text}${text === ">" ? "" : " "}`, at, at));
  }

  /** Replaces a term wherever it stands, as a prefixed name or as an IRI. */
  private replace(written: string, iri: string, text: string): void {
    const doc = this.editor.getDoc();
    const tokens = tokenize(doc.getValue()).filter((token) => token.text === written || token.text === `<${iri}>`);
    for (const token of tokens.reverse()) {
      doc.replaceRange(text, doc.posFromIndex(token.start), doc.posFromIndex(token.start + token.text.length));
    }
  }

  private correct(change: () => void): void {
    this.editor.operation(change);
    this.editor.focus();
    this.run();
  }
}
