/** Completion in the editor: variables, prefixes, and names of classes, properties and resources. */
import type Yasqe from "@zazuko/yasqe";
import { html } from "../elements";
import { formatCounted, formatMessage, type Messages } from "../messages";
import { search } from "../search";
import { expectedAt } from "./context";
import type { EditorData, VocabularyTerm } from "./data";
import { localName, type Names } from "./names";
import { PropertyUses, type Use } from "./uses";

const MAX_SUGGESTIONS = 30;
const MIN_CHARACTERS = 2; // before suggestions are made without being asked for
const COMPLETE = ["keyword", "number", "meta", "comment", "string"]; // types of tokens; `string-2` is that of names
const PAUSE = 180; // milliseconds without a key before suggestions are made

interface Suggestion {
  /** The SPARQL to insert. */
  readonly text: string;
  readonly label: string;
  readonly note: string;
}

/** The suggestions that are shown, as CodeMirror hands them to the keys that it has for them. */
interface OpenList {
  readonly data: { readonly list: readonly { readonly text: string }[] };
  pick(): void;
  close(): void;
}

interface Word {
  readonly text: string;
  readonly from: { line: number; ch: number };
  readonly to: { line: number; ch: number };
}

export class Completion {
  private timer = 0;
  private turn = 0;
  private request: AbortController | undefined;
  private readonly uses: PropertyUses;

  /** @param announce called with a text for screen readers */
  constructor(
    private readonly editor: Yasqe,
    private readonly data: EditorData,
    private readonly names: Names,
    private readonly messages: Messages,
    private readonly announce: (text: string) => void,
  ) {
    this.uses = new PropertyUses(data.completion);
    editor.on("inputRead", () => this.schedule());
  }

  /** Shows suggestions now, however little has been typed; for a word that may be complete, only where it is asked to. */
  suggest(alsoForComplete = true): void {
    clearTimeout(this.timer); // what was to be shown a moment later is shown now
    const turn = ++this.turn;
    const hint = async (): Promise<object> => {
      const word = this.word();
      const found = alsoForComplete || !this.isComplete() ? await this.suggestionsFor(word) : [];
      const list = turn === this.turn && this.editor.hasFocus() ? found : []; // the answer to a search may come late
      if (list.length > 0) this.announce(formatCounted(this.messages, "suggestions", list.length, { count: list.length }));
      return {
        from: word.from,
        to: word.to,
        list: list.map(({ text, label, note }) => ({
          text,
          displayText: label,
          hint: (): void => this.insert(text, word),
          render: (element: HTMLElement): void => {
            element.append(label, " ", html("span", { class: "note" }, note));
          },
        })),
      };
    };
    this.editor.showHint({
      hint,
      completeSingle: false,
      closeOnUnfocus: true,
      closeCharacters: /[\s{}()[\];,>]/,
      extraKeys: { Enter: (_: unknown, list: OpenList) => this.enter(list) },
      container: this.editor.rootEl,
    } as never);
  }

  /** Takes suggestions back that are shown or will be. */
  stop(): void {
    clearTimeout(this.timer);
    this.turn += 1;
    this.editor.state.completionActive?.close();
  }

  /** Takes the chosen suggestion; where that would change nothing, the key begins a line as it does elsewhere. */
  private enter(list: OpenList): void {
    const chosen = list.data.list[this.editor.state.completionActive.widget.selectedHint];
    if (chosen?.text !== this.word().text || this.undeclared(chosen.text)) return list.pick();
    list.close();
    this.editor.execCommand("newlineAndIndent");
  }

  /** Replaces the word by a suggestion, and declares its prefix where the query does not. */
  private insert(text: string, { from, to }: Word): void {
    this.stop();
    this.editor.replaceRange(text, from, { line: to.line, ch: Math.max(to.ch, this.editor.getCursor().ch) }, "complete");
    const prefix = this.undeclared(text);
    if (prefix) this.editor.addPrefixes(prefix);
  }

  /** The prefix of a name with its IRI, where the query does not declare it. */
  private undeclared(text: string): Record<string, string> | undefined {
    const prefix = /^([A-Za-z][\w-]*):[^ ]*$/.exec(text)?.[1];
    const iri = prefix === undefined ? undefined : this.data.prefixes[prefix];
    return prefix === undefined || iri === undefined || prefix in this.editor.getPrefixesFromQuery() ? undefined : { [prefix]: iri };
  }

  private schedule(): void {
    clearTimeout(this.timer);
    this.timer = window.setTimeout(() => {
      const { text } = this.word();
      const isName = text.length >= MIN_CHARACTERS && !/^[A-Z]+$/.test(text) && !/^[\d"'@^.+*|/!=&#-]/.test(text);
      if (isName) this.suggest(false);
    }, PAUSE);
  }

  /** Whether the cursor is at the end of a keyword, a number or a language tag, or in a comment or a string. */
  private isComplete(): boolean {
    const types = (this.editor.getTokenAt(this.editor.getCursor()).type ?? "").split(" ");
    return COMPLETE.some((type) => types.includes(type));
  }

  /** The text before the cursor: an IRI from its opening bracket, which is not the sign for less, else a word. */
  private word(): Word {
    const to = this.editor.getCursor();
    const before = this.editor.getLine(to.line).slice(0, to.ch);
    const text = /(?<![\w)])<(?![\s\d=?$])[^<>]*$/.exec(before)?.[0] ?? /[^\s{}()[\];,|/^!*+<>]*$/.exec(before)?.[0] ?? "";
    return { text, from: { line: to.line, ch: to.ch - text.length }, to: { line: to.line, ch: to.ch } };
  }

  private async suggestionsFor({ text, from, to }: Word): Promise<Suggestion[]> {
    if (/^[?$]/.test(text)) return this.variables(text);
    const declaration = /(?:^|[\s>])(BASE|PREFIX)\s+(?:([\w.-]*):\s*)?$/i.exec(this.editor.getLine(from.line).slice(0, from.ch));
    if (declaration && text.startsWith("<")) return this.namespaces(declaration[2], text);
    if (declaration) return declaration[1]?.toUpperCase() === "PREFIX" ? this.prefixes(text) : [];
    const typed = text.replace(/^</, "");
    const end = { line: this.editor.lastLine(), ch: this.editor.getLine(this.editor.lastLine()).length };
    const [before, after] = [this.editor.getRange({ line: 0, ch: 0 }, from), this.editor.getRange(to, end)];
    const expected = expectedAt(before, after, this.data.prefixes, this.data.base);
    switch (expected.what) {
      case "class":
        return this.terms(typed, this.data.classes, "class").slice(0, MAX_SUGGESTIONS);
      case "property": {
        const known = await this.uses.properties(expected.origin, expected.inverse);
        const own = this.terms(typed, known.map(toTerm), "property");
        const found = own.length > 0 ? own : this.terms(typed, this.data.properties, "property");
        return found.slice(0, MAX_SUGGESTIONS);
      }
      case "value": {
        const known = expected.property ? await this.uses.values(expected.origin, expected.property) : [];
        const values = this.terms(typed, known.map(toTerm), "value");
        return distinct([...(text === "" ? this.variables("") : []), ...values, ...(await this.others(typed, values.length === 0))]);
      }
      default:
        return distinct([...(text === "" ? this.variables("") : []), ...(await this.others(typed, true))]);
    }
  }

  /** Resources of that name, and classes and properties where these may be meant. */
  private async others(typed: string, withTerms: boolean): Promise<Suggestion[]> {
    if (typed.length < MIN_CHARACTERS) return [];
    const terms = withTerms ? [...this.terms(typed, this.data.classes, "class"), ...this.terms(typed, this.data.properties, "property")] : [];
    const local = terms.sort((a, b) => b.rank - a.rank);
    const entities = typed.includes(":") ? [] : await this.entities(typed);
    return [...local.slice(0, entities.length > 0 ? MAX_SUGGESTIONS / 2 : MAX_SUGGESTIONS), ...entities];
  }

  private variables(text: string): Suggestion[] {
    const cursor = this.editor.getCursor();
    const others = this.editor
      .getValue()
      .split("\n")
      .map((line, index) => (index === cursor.line ? `${line.slice(0, cursor.ch - text.length)} ${line.slice(cursor.ch)}` : line))
      .join("\n");
    const found = new Set(others.match(/[?$]\w+/g) ?? []);
    return [...found].filter((name) => name.startsWith(text)).sort().map((name) => ({ text: name, label: name, note: "" }));
  }

  private prefixes(text: string): Suggestion[] {
    return Object.entries(this.data.prefixes)
      .filter(([prefix]) => `${prefix}:`.startsWith(text))
      .map(([prefix, iri]) => ({ text: `${prefix}: <${iri}>`, label: `${prefix}:`, note: iri }));
  }

  /** The namespaces whose IRI begins with what was typed, first that of the prefix which is being declared. */
  private namespaces(declared: string | undefined, text: string): Suggestion[] {
    return Object.entries(this.data.prefixes)
      .filter(([, iri]) => `<${iri}>`.startsWith(text))
      .sort(([one], [other]) => Number(other === declared) - Number(one === declared))
      .map(([prefix, iri]) => ({ text: `<${iri}>`, label: iri, note: prefix }));
  }

  /** The terms whose name, prefixed name or local name has what was typed, the best ones first. */
  private terms(typed: string, terms: readonly VocabularyTerm[], kind: "class" | "property" | "value"): (Suggestion & { rank: number })[] {
    const wanted = typed.toLowerCase();
    const found = terms.flatMap(([iri, name, uses]) => {
      const text = this.names.toSparql(iri);
      const score = Math.max(...[name, text, localName(iri)].map((candidate) => scoreOf(wanted, candidate.toLowerCase())));
      if (score === 0) return [];
      const label = text.startsWith("<") ? name : text;
      const note = text.startsWith("<") ? this.names.short(iri) : name;
      return [{ text, label, note: `${note} · ${formatMessage(this.messages, kind)}`, rank: score * 100 + Math.log10(uses + 1) }];
    });
    return found.sort((one, other) => other.rank - one.rank);
  }

  private async entities(typed: string): Promise<Suggestion[]> {
    this.request?.abort();
    this.request = new AbortController();
    const address = new URL(this.data.search, document.baseURI);
    address.searchParams.set("q", typed);
    address.searchParams.set("kind", "resource");
    try {
      const results = await search(address, this.request.signal);
      return results.map(({ iri, label, classLabel }) => ({
        text: this.names.toSparql(iri),
        label,
        note: [classLabel, this.names.short(iri)].filter(Boolean).join(" · "),
      }));
    } catch {
      return []; // aborted by the next key, or refused by the server: the terms of the vocabulary are still suggested
    }
  }
}

function toTerm({ iri, name, uses }: Use): VocabularyTerm {
  return [iri, name, uses];
}

/** The first ones, each text once. */
function distinct(suggestions: readonly Suggestion[]): Suggestion[] {
  const by = new Map<string, Suggestion>();
  for (const suggestion of suggestions) if (!by.has(suggestion.text)) by.set(suggestion.text, suggestion);
  return [...by.values()].slice(0, MAX_SUGGESTIONS);
}

/** How well a text matches what was typed: 4 is it, 3 begins with it, 2 has a word that does, 1 contains it, 0 does not. */
function scoreOf(typed: string, text: string): number {
  if (text === typed) return 4;
  const at = text.indexOf(typed);
  if (at < 0) return 0;
  if (at === 0) return 3;
  return /[\s:/#_-]/.test(text[at - 1] ?? "") ? 2 : 1;
}
