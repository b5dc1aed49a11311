/**
 * The triple patterns of a query, and what its grammar expects at the cursor. A query that is being written is seldom
 * one: what cannot be read is passed over, up to the next statement or the end of the group.
 */
import { tokenize, type Token } from "./tokens";

export const TYPE = "http://www.w3.org/1999/02/22-rdf-syntax-ns#type";
const SUBCLASS = "http://www.w3.org/2000/01/rdf-schema#subClassOf";

/** One step of a path: a property, against its direction or not. */
export interface Step {
  readonly iri: string;
  readonly inverse: boolean;
}

/** A group in braces. Of a branch of UNION the others hold nothing; what MINUS and NOT EXISTS hold is not so. */
export interface Group {
  readonly parent: Group | undefined;
  kind: "plain" | "union" | "negative";
  /** What the variables are told apart by: sub-queries have their own, but for those that they select. */
  readonly scope: Scope;
}

interface Scope {
  readonly id: number;
  readonly parent: Scope | undefined;
  /** undefined: all are selected */
  readonly selected: ReadonlySet<string> | undefined;
}

/** A triple pattern; `<iri>`, a variable with its scope, a blank node, or nothing that is looked for. */
export interface Pattern {
  readonly subject: string;
  /** undefined for a path that has alternatives */
  readonly steps: readonly Step[] | undefined;
  readonly object: string;
  readonly group: Group;
}

/** Where the cursor is. steps: of the path in front of it. */
export interface Place {
  readonly position: "subject" | "property" | "object" | "other";
  readonly subject: string;
  readonly steps: readonly Step[] | undefined;
  /** Whether the property at the cursor is one that leads to the subject. */
  readonly inverse: boolean;
  readonly group: Group;
}

/** A bracket that is open, and how far the statement in it is read. */
interface Frame {
  readonly bracket: "{" | "[" | "(";
  readonly group: Group;
  /** What is in it: statements, terms of a list, or something that is passed over. */
  readonly holds: "statements" | "terms" | "other";
  phase: "subject" | "property" | "object" | "end";
  subject: string;
  steps: Step[] | undefined;
  /** Whether a step of the path is to come, and against which direction. */
  wantsStep: boolean;
  inverse: boolean;
  pathDepth: number;
  /** What follows a keyword: a constraint in brackets, something in front of a group, data, or a selection. */
  pause: "" | "constraint" | "group" | "data" | "select";
  next: Group["kind"];
  last: Group | undefined;
}

const PAUSES: Readonly<Record<string, Frame["pause"]>> = {
  FILTER: "constraint", BIND: "constraint", GRAPH: "group", SERVICE: "group", GROUP: "group", ORDER: "group", HAVING: "group",
  LIMIT: "group", OFFSET: "group", VALUES: "data", SELECT: "select",
};

/** The patterns of a query whose text in front of the cursor and behind it is given, and the place of the cursor. */
export function readPatterns(before: string, after: string, prefixes: Readonly<Record<string, string>>, base: string): { patterns: Pattern[]; place: Place | undefined } {
  const reader = new Reader(prefixes, base);
  for (const token of [...tokenize(before), { kind: "cursor", text: "", start: before.length } as const, ...tokenize(after)]) reader.read(token);
  return { patterns: reader.patterns, place: reader.place };
}

class Reader {
  readonly patterns: Pattern[] = [];
  place: Place | undefined;
  private readonly prefixes: Map<string, string>;
  private readonly frames: Frame[] = [];
  private frame: Frame;
  private selected: Set<string> | undefined;
  private depth = 0; // of parentheses in a selection
  private count = 0;
  private tokens: Token[] = [];

  constructor(prefixes: Readonly<Record<string, string>>, private base: string) {
    this.prefixes = new Map(Object.entries(prefixes));
    const scope = { id: 0, parent: undefined, selected: undefined };
    this.frame = makeFrame("{", { parent: undefined, kind: "plain", scope }, "other");
  }

  read(token: Token): void {
    const { frame } = this;
    const [one, two] = [this.tokens.at(-1), this.tokens.at(-2)];
    this.tokens.push(token);
    if (token.kind === "iri" && one?.text.toUpperCase() === "BASE") this.base = this.resolve(token.text.slice(1, -1));
    else if (token.kind === "iri" && two?.text.toUpperCase() === "PREFIX" && one) this.prefixes.set(one.text.slice(0, -1), this.resolve(token.text.slice(1, -1)));
    else if (token.kind === "cursor") this.cursor();
    else if (frame.pause === "select" && token.text !== "{" && token.text !== "}") this.select(token, one);
    else if (token.kind === "word" && !["a", "true", "false"].includes(token.text)) this.keyword(token.text.toUpperCase(), one);
    else if (token.kind === "other") this.sign(token.text);
    else if (frame.holds === "statements" && !frame.pause && token.kind !== "language") this.term(token);
  }

  private cursor(): void {
    const { group, phase, subject, steps, wantsStep, inverse, holds, pause } = this.frame;
    const isHeld = holds === "statements" && !pause;
    const isProperty = phase === "property" && wantsStep;
    const position = !isHeld ? "other" : phase === "subject" || phase === "end" ? "subject" : isProperty ? "property" : "object";
    this.place = { position, subject, steps: steps && [...steps], inverse, group };
    if (isHeld) this.advance("", undefined);
  }

  private select({ kind, text }: Token, before: Token | undefined): void {
    if (text === "(") this.depth += 1;
    else if (text === ")") this.depth -= 1;
    else if (text === "*" && this.depth === 0) this.selected = undefined;
    else if (kind === "variable" && (this.depth === 0 || before?.text.toUpperCase() === "AS")) this.selected?.add(text.slice(1));
  }

  private keyword(word: string, before: Token | undefined): void {
    const { frame } = this;
    if (frame.holds === "statements" && frame.phase !== "subject" && PAUSES[word] === undefined && !["OPTIONAL", "UNION", "MINUS"].includes(word)) return;
    if (word === "SELECT") [this.selected, this.depth] = [new Set(), 0];
    if (word === "UNION" && frame.last) frame.last.kind = "union";
    if (word === "UNION") frame.next = "union";
    if (word === "MINUS" || word === "CONSTRUCT" || (word === "EXISTS" && before?.text.toUpperCase() === "NOT")) frame.next = "negative";
    if (word === "OPTIONAL" || word === "WHERE" || (word === "EXISTS" && frame.next !== "negative")) frame.next = "plain";
    if (frame.bracket === "{") startStatement(frame);
    frame.pause = PAUSES[word] ?? frame.pause;
  }

  private sign(text: string): void {
    const { frame } = this;
    if (text === "{") this.openGroup();
    else if (text === "}") this.closeGroup();
    else if (text === "(") this.openParenthesis();
    else if (text === "[") this.openNode();
    else if (text === ")" || text === "]") this.close(text === ")" ? "(" : "[");
    else if (frame.holds !== "statements" || frame.pause) return;
    else if (text === ".") startStatement(frame);
    else if (text === ";" && frame.subject !== undefined) startPath(frame);
    else if (text === ",") frame.phase = "object";
    else if (frame.phase === "property") this.pathSign(text);
  }

  private pathSign(text: string): void {
    const { frame } = this;
    if (text === "^") frame.inverse = true;
    else if (text === "!") frame.steps = undefined;
    else if (text === "/" || text === "|") {
      if (text === "|") frame.steps = undefined;
      [frame.wantsStep, frame.inverse] = [true, false];
    }
  }

  private openGroup(): void {
    const { frame } = this;
    const isSelect = frame.pause === "select";
    const scope = isSelect && this.frames.length > 0 ? { id: ++this.count, parent: frame.group.scope, selected: this.selected } : frame.group.scope;
    const group: Group = { parent: frame.group, kind: frame.next, scope };
    const holds = frame.pause === "data" ? "other" : "statements";
    [frame.next, frame.pause, frame.last] = ["plain", "", group];
    if (frame.bracket === "{") startStatement(frame);
    this.push(makeFrame("{", group, holds));
  }

  private closeGroup(): void {
    while (this.frames.length > 0 && this.frame.bracket !== "{") this.pop();
    this.pop();
  }

  private openParenthesis(): void {
    const { frame } = this;
    if (frame.holds === "statements" && !frame.pause && frame.phase === "property") {
      frame.steps = undefined;
      frame.pathDepth += 1;
    } else {
      const isList = frame.holds === "statements" && !frame.pause;
      this.push(makeFrame("(", frame.group, isList ? "terms" : "other"));
    }
  }

  private openNode(): void {
    const { frame } = this;
    const node = `_:${++this.count}`;
    const isNode = frame.holds === "statements" && !frame.pause;
    if (isNode) this.advance(node, undefined);
    this.push(makeFrame("[", frame.group, isNode ? "statements" : "other"));
    this.frame.subject = node;
    startPath(this.frame);
  }

  private close(bracket: "(" | "["): void {
    const { frame } = this;
    if (bracket === "(" && frame.pathDepth > 0) {
      frame.pathDepth -= 1;
    } else if (frame.bracket === bracket) {
      this.pop();
      if (this.frame.pause === "constraint") this.frame.pause = "";
      else if (frame.holds === "terms") this.advance("", undefined);
    }
  }

  private push(frame: Frame): void {
    this.frames.push(this.frame);
    this.frame = frame;
  }

  private pop(): void {
    this.frame = this.frames.pop() ?? this.frame;
    if (this.frame.pause === "group") this.frame.pause = "";
  }

  private term(token: Token): void {
    if (this.tokens.at(-2)?.text === "^^") return; // the datatype of a text
    const iri = this.iri(token);
    const isNode = token.kind === "variable" || (token.kind === "name" && token.text.startsWith("_:"));
    this.advance(iri === undefined ? (isNode ? this.node(token.text) : "") : `<${iri}>`, iri);
  }

  /** Takes a term into the statement, or into the path of its property. */
  private advance(node: string, iri: string | undefined): void {
    const { frame } = this;
    const { group, subject, steps } = frame;
    if (frame.phase === "property" && (frame.wantsStep || frame.pathDepth > 0)) {
      if (iri === undefined) frame.steps = undefined;
      else frame.steps?.push({ iri, inverse: frame.inverse });
      [frame.wantsStep, frame.inverse] = [false, false];
    } else if (frame.phase === "property" || frame.phase === "object") {
      this.patterns.push({ subject, steps: steps && [...steps], object: node, group });
      frame.phase = "end";
    } else {
      frame.subject = node;
      startPath(frame);
    }
  }

  private iri({ kind, text }: Token): string | undefined {
    if (kind === "iri") return this.resolve(text.slice(1, -1));
    if (kind === "word") return text === "a" ? TYPE : undefined;
    const at = kind === "name" ? text.indexOf(":") : -1;
    const namespace = at < 0 ? undefined : this.prefixes.get(text.slice(0, at));
    return namespace === undefined ? undefined : namespace + text.slice(at + 1).replace(/\\(.)/g, "$1");
  }

  private resolve(iri: string): string {
    try {
      return new URL(iri, this.base).href === iri || /^[A-Za-z][A-Za-z0-9+.-]*:/.test(iri) ? iri : new URL(iri, this.base).href;
    } catch {
      return iri;
    }
  }

  /** A variable of a sub-query that is not selected is another one than that of the query around it. */
  private node(text: string): string {
    const name = text.startsWith("_:") ? text : text.slice(1);
    let { scope } = this.frame.group;
    while (scope.parent && (scope.selected === undefined || scope.selected.has(name))) scope = scope.parent;
    return `?${name} ${scope.id}`;
  }
}

function makeFrame(bracket: Frame["bracket"], group: Group, holds: Frame["holds"]): Frame {
  const begun = { phase: "subject", subject: "", steps: [], wantsStep: true, inverse: false, pathDepth: 0, pause: "" } as const;
  return { bracket, group, holds, ...begun, steps: [], next: "plain", last: undefined };
}

function startStatement(frame: Frame): void {
  frame.phase = "subject";
  frame.pathDepth = 0;
}

function startPath(frame: Frame): void {
  Object.assign(frame, { phase: "property", steps: [], wantsStep: true, inverse: false, pathDepth: 0 });
}

/** Whether a path says what class something is of: `a`, also with superclasses. */
export function isType(steps: readonly Step[] | undefined): boolean {
  const [first, ...others] = steps ?? [];
  return first?.iri === TYPE && !first.inverse && others.every(({ iri, inverse }) => iri === SUBCLASS && !inverse);
}
