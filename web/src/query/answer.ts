/** Asking the endpoint, and what its answers are. */
import type { Page } from "./page";

/** An RDF term of a result, as SPARQL 1.1 Query Results JSON has it. */
export interface Term {
  readonly type: "uri" | "literal" | "bnode" | "triple";
  readonly value: string | object;
  readonly datatype?: string;
  readonly "xml:lang"?: string;
}

export type Answer =
  | { readonly form: "boolean"; readonly boolean: boolean; readonly text: string }
  | { readonly form: "results" | "graph"; readonly columns: readonly string[]; readonly rows: readonly Solution[]; readonly text: string };

export type Solution = Readonly<Record<string, Term>>;

/** A request that was refused: problem details of RFC 9457. */
export class Problem extends Error {
  constructor(
    readonly title: string,
    readonly detail: string,
    readonly line?: number,
    readonly column?: number,
  ) {
    super(detail);
  }
}

const ACCEPT = "application/sparql-results+json, application/n-triples;q=0.9";

/** Runs a query; Problem where the server refuses it. */
export async function ask(page: Page, query: string, signal: AbortSignal): Promise<Answer> {
  const response = await post(page, { query }, ACCEPT, signal);
  const text = await response.text();
  if (response.headers.get("Content-Type")?.startsWith("application/n-triples")) {
    return { form: "graph", columns: ["subject", "predicate", "object"], rows: triples(text), text };
  }
  const read = JSON.parse(text) as { boolean?: boolean; head: { vars?: string[] }; results?: { bindings: Solution[] } };
  if (read.boolean !== undefined) return { form: "boolean", boolean: read.boolean, text };
  return { form: "results", columns: read.head.vars ?? [], rows: read.results?.bindings ?? [], text };
}

/** The answer in a format, as text. */
export async function askFor(page: Page, query: string, format: string, signal: AbortSignal): Promise<string> {
  return (await post(page, { query, format }, "*/*", signal)).text();
}

async function post(page: Page, fields: Record<string, string>, accept: string, signal: AbortSignal): Promise<Response> {
  const response = await fetch(page.endpoint, {
    method: "POST",
    body: new URLSearchParams(fields),
    headers: { Accept: `${accept}, application/problem+json;q=0.5` },
    signal,
  });
  if (response.ok) return response;
  const problem = (await response.json().catch(() => ({}))) as { title?: string; detail?: string; line?: number; column?: number };
  throw new Problem(problem.title ?? String(response.status), problem.detail ?? "", problem.line, problem.column);
}

const IRI = "<([^>]*)>";
const NODE = `(?:${IRI}|(_:[^\\s]+))`;
const LITERAL = `"((?:[^"\\\\]|\\\\.)*)"(?:@([A-Za-z0-9-]+)|\\^\\^${IRI})?`;
const LINE = new RegExp(`^${NODE} ${IRI} (?:${NODE}|${LITERAL}) \\.$`);

/** The triples of N-Triples as the server writes it: one to a line, single spaces. */
export function triples(text: string): Solution[] {
  return text.split("\n").flatMap((line): Solution[] => {
    const [all, s, sBlank, p, o, oBlank, literal, language, datatype] = LINE.exec(line) ?? [];
    if (all === undefined) return [];
    const object: Term =
      literal === undefined
        ? node(o, oBlank)
        : { type: "literal", value: unescaped(literal), ...(language ? { "xml:lang": language } : {}), ...(datatype ? { datatype } : {}) };
    return [{ subject: node(s, sBlank), predicate: node(p, undefined), object }];
  });
}

function node(iri: string | undefined, blank: string | undefined): Term {
  return iri === undefined ? { type: "bnode", value: (blank ?? "").slice(2) } : { type: "uri", value: unescaped(iri) };
}

const ESCAPES: Record<string, string> = { t: "\t", b: "\b", n: "\n", r: "\r", f: "\f" };

function unescaped(text: string): string {
  return text.replace(/\\(?:u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{8})|(.))/g, (_all, short?: string, long?: string, letter?: string) =>
    letter === undefined ? String.fromCodePoint(parseInt(short ?? long ?? "", 16)) : (ESCAPES[letter] ?? letter),
  );
}
