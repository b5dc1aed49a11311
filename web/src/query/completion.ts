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
const PAUSE = 180; // milliseconds without a key before suggestions are made

interface Suggestion {
  /** The SPARQL to insert. */
  readonly text: string;
  readonly label: string;
  readonly note: string;
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

  /** Shows suggestions now, however little has been typed. */
  readonly suggest = (): void => {
    clearTimeout(this.timer); // what was to be shown a moment later is shown now
    const turn = ++this.turn;
    const hint = async (): Promise<object> => {
      const word = this.word();
      const list = await this.suggestionsFor(word);
      if (list.length > 0 && turn === this.turn) this.announce(formatCounted(this.messages, "suggestions", list.length, { count: list.length }));
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
    this.editor.showHint({ hint, completeSingle: false, closeOnUnfocus: true, closeCharacters: /[\s{}()[\];,]/, container: this.editor.rootEl } as never);
  };

  /** Cancels the suggestions that have not been shown yet. */
  stop(): void {
    clearTimeout(this.timer);
    this.turn += 1;
  }

  /** Replaces the word by a suggestion, and declares its prefix where the query does not. */
  private insert(text: string, { from, to }: Word): void {
    this.stop();
    this.editor.replaceRange(text, from, { line: to.line, ch: Math.max(to.ch, this.editor.getCursor().ch) }, "complete");
    const prefix = /^([A-Za-z][\w-]*):[^ ]*$/.exec(text)?.[1];
    const iri = prefix === undefined ? undefined : this.data.prefixes[prefix];
    if (prefix !== undefined && iri !== undefined && !(prefix in this.editor.getPrefixesFromQuery())) this.editor.addPrefixes({ [prefix]: iri });
  }

  private schedule(): void {
    clearTimeout(this.timer);
    this.timer = window.setTimeout(() => {
      const { text } = this.word();
      const isName = text.length >= MIN_CHARACTERS && !/^[A-Z]+$/.test(text) && !/^[\d"'@^.+*|/!=&#-]/.test(text);
      if (isName && !this.isInText()) this.suggest();
    }, PAUSE);
  }

  /** Whether the cursor is in a comment or a string. */
  private isInText(): boolean {
    const types = (this.editor.getTokenAt(this.editor.getCursor()).type ?? "").split(" ");
    return types.includes("comment") || types.includes("string"); // `string-2` is the type of names
  }

  /** The text before the cursor: an IRI from its opening bracket, else a word. */
  private word(): Word {
    const to = this.editor.getCursor();
    const before = this.editor.getLine(to.line).slice(0, to.ch);
    const text = /<[^<>]*$/.exec(before)?.[0] ?? /[^\s{}()[\];,|/^!*+]*$/.exec(before)?.[0] ?? "";
    return { text, from: { line: to.line, ch: to.ch - text.length }, to: { line: to.line, ch: to.ch } };
  }

  private async suggestionsFor({ text, from, to }: Word): Promise<Suggestion[]> {
    if (/^[?$]/.test(text)) return this.variables(text);
    const isPrefixLine = /^\s*(PREFIX)\s+\S*$/i.test(this.editor.getLine(from.line).slice(0, from.ch + text.length));
    if (isPrefixLine) return this.prefixes(text);
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

/** How well a text matches what was typed: 3 begins with it, 2 has a word that does, 1 contains it, 0 does not. */
function scoreOf(typed: string, text: string): number {
  const at = text.indexOf(typed);
  if (at < 0) return 0;
  if (at === 0) return 3;
  return /[\s:/#_-]/.test(text[at - 1] ?? "") ? 2 : 1;
}
