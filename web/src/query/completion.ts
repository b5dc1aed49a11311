/** Completing what is typed by what there is: variables, prefixes, and names of classes, properties and resources. */
import type Yasqe from "@zazuko/yasqe";
import { say, type Messages } from "../views/drawing";
import type { Names, Page, Term } from "./page";

const MOST = 30; // suggestions
const LEAST = 2; // characters before suggestions come by themselves
const PAUSE = 180; // milliseconds without a key before the server is asked

interface Suggestion {
  readonly text: string;
  readonly shown: string;
  readonly note: string;
}

interface Found {
  readonly iri: string;
  readonly label: string;
  readonly classLabel?: string | null;
}

interface Word {
  readonly text: string;
  readonly from: { line: number; ch: number };
  readonly to: { line: number; ch: number };
}

export class Completion {
  private timer = 0;
  private turn = 0;
  private asked: AbortController | undefined;

  constructor(
    private readonly editor: Yasqe,
    private readonly page: Page,
    private readonly names: Names,
    private readonly messages: Messages,
    private readonly tell: (text: string) => void,
  ) {
    editor.on("inputRead", () => this.soon());
  }

  /** Suggests now, however little was typed. */
  readonly suggest = (): void => {
    const turn = ++this.turn;
    const hint = async (): Promise<object> => {
      const word = this.word();
      const list = await this.suggestionsFor(word);
      if (list.length > 0 && turn === this.turn) this.tell(say(this.messages, "suggestions", { count: list.length }));
      return {
        from: word.from,
        to: word.to,
        list: list.map(({ text, shown, note }) => ({
          text,
          displayText: shown,
          hint: (): void => this.take(text, word),
          render: (element: HTMLElement): void => {
            const aside = document.createElement("span");
            aside.className = "note";
            aside.textContent = note;
            element.append(shown, " ", aside);
          },
        })),
      };
    };
    this.editor.showHint({ hint, completeSingle: false, closeOnUnfocus: true, closeCharacters: /[\s{}()[\];,]/, container: this.editor.rootEl } as never);
  };

  /** What is still under way is not told any more. */
  stop(): void {
    clearTimeout(this.timer);
    this.turn += 1;
  }

  /** Puts a suggestion in the place of the word, and declares its prefix where the query does not. */
  private take(text: string, { from, to }: Word): void {
    this.stop();
    this.editor.replaceRange(text, from, { line: to.line, ch: Math.max(to.ch, this.editor.getCursor().ch) }, "complete");
    const prefix = /^([A-Za-z][\w-]*):[^ ]*$/.exec(text)?.[1];
    const iri = prefix === undefined ? undefined : this.page.prefixes[prefix];
    if (prefix !== undefined && iri !== undefined && !(prefix in this.editor.getPrefixesFromQuery())) this.editor.addPrefixes({ [prefix]: iri });
  }

  private soon(): void {
    clearTimeout(this.timer);
    this.timer = window.setTimeout(() => {
      const { text } = this.word();
      const isName = text.length >= LEAST && !/^[A-Z]+$/.test(text) && !/^[\d"'@^.+*|/!=&#-]/.test(text);
      if (isName && !this.inText()) this.suggest();
    }, PAUSE);
  }

  private inText(): boolean {
    const types = (this.editor.getTokenAt(this.editor.getCursor()).type ?? "").split(" ");
    return types.includes("comment") || types.includes("string"); // `string-2` is a name
  }

  /** What stands before the cursor: an IRI that has been begun, up to its bracket, else a word. */
  private word(): Word {
    const to = this.editor.getCursor();
    const before = this.editor.getLine(to.line).slice(0, to.ch);
    const text = /<[^<>]*$/.exec(before)?.[0] ?? /[^\s{}()[\];,|/^!*+]*$/.exec(before)?.[0] ?? "";
    return { text, from: { line: to.line, ch: to.ch - text.length }, to: { line: to.line, ch: to.ch } };
  }

  private async suggestionsFor({ text, from }: Word): Promise<Suggestion[]> {
    if (/^[?$]/.test(text)) return this.variables(text);
    const isPrefixLine = /^\s*(PREFIX)\s+\S*$/i.test(this.editor.getLine(from.line).slice(0, from.ch + text.length));
    if (isPrefixLine) return this.prefixes(text);
    const sought = text.replace(/^</, "");
    const place = this.place(from);
    const terms = [
      ...(place === "property" ? [] : this.terms(sought, this.page.classes, "class")),
      ...(place === "class" ? [] : this.terms(sought, this.page.properties, "property")),
    ];
    const local = terms.sort((a, b) => b.rank - a.rank).slice(0, MOST);
    if (place !== "any" || sought.length < LEAST || sought.includes(":")) return local;
    const entities = await this.entities(sought);
    const all = [...local.slice(0, entities.length ? MOST / 2 : MOST), ...entities];
    return [...new Map(all.map((one) => [one.text, one])).values()].slice(0, MOST);
  }

  private variables(text: string): Suggestion[] {
    const cursor = this.editor.getCursor();
    const others = this.editor
      .getValue()
      .split("\n")
      .map((line, index) => (index === cursor.line ? `${line.slice(0, cursor.ch - text.length)} ${line.slice(cursor.ch)}` : line))
      .join("\n");
    const found = new Set(others.match(/[?$]\w+/g) ?? []);
    return [...found].filter((name) => name.startsWith(text)).sort().map((name) => ({ text: name, shown: name, note: "" }));
  }

  private prefixes(text: string): Suggestion[] {
    return Object.entries(this.page.prefixes)
      .filter(([prefix]) => `${prefix}:`.startsWith(text))
      .map(([prefix, iri]) => ({ text: `${prefix}: <${iri}>`, shown: `${prefix}:`, note: iri }));
  }

  /** Where the cursor is: after `a` comes a class, in the middle of a triple a property. */
  private place(from: { line: number; ch: number }): "class" | "property" | "any" {
    const before = this.editor.getRange({ line: 0, ch: 0 }, from).replace(/#[^\n<>"']*$/gm, "").trimEnd();
    if (/(^|[\s;{.])(a|rdf:type)$/.test(before)) return "class";
    const state = this.editor.getTokenAt({ line: from.line, ch: from.ch }).state as { possibleCurrent?: string[] } | undefined;
    return before.endsWith(";") || state?.possibleCurrent?.includes("a") ? "property" : "any";
  }

  private terms(sought: string, terms: readonly Term[], kind: "class" | "property"): (Suggestion & { rank: number })[] {
    const wanted = sought.toLowerCase();
    return terms.flatMap(([iri, name, uses]) => {
      const short = this.names.prefixed(iri) ?? `<${iri}>`;
      const fit = Math.max(fitOf(wanted, name.toLowerCase()), fitOf(wanted, short.toLowerCase()), fitOf(wanted, short.toLowerCase().replace(/^[^:]*:/, "")));
      if (fit === 0) return [];
      const rank = fit * 100 + Math.log10(uses + 1);
      return [{ text: short, shown: short, note: `${name} · ${say(this.messages, kind)}`, rank }];
    });
  }

  private async entities(sought: string): Promise<Suggestion[]> {
    this.asked?.abort();
    this.asked = new AbortController();
    const address = new URL(this.page.search, document.baseURI);
    address.searchParams.set("q", sought);
    address.searchParams.set("kind", "resource");
    try {
      const response = await fetch(address, { headers: { Accept: "application/json" }, signal: this.asked.signal });
      if (!response.ok) return [];
      const { results } = (await response.json()) as { results: Found[] };
      return results.map(({ iri, label, classLabel }) => ({
        text: this.names.prefixed(iri) ?? `<${iri}>`,
        shown: label,
        note: [classLabel, this.names.short(iri)].filter(Boolean).join(" · "),
      }));
    } catch {
      return []; // another key was pressed, or the server is away: what is known here is suggested all the same
    }
  }
}

/** How well a text answers to what is sought: 3 begins so, 2 a word of it begins so, 1 has it, 0 not at all. */
function fitOf(sought: string, text: string): number {
  const at = text.indexOf(sought);
  if (at < 0) return 0;
  if (at === 0) return 3;
  return /[\s:/#_-]/.test(text[at - 1] ?? "") ? 2 : 1;
}
