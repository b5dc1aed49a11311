/** Requests to the SPARQL endpoint, and its answers. */
import type { EditorData } from "./data";
import { parseNTriples, type Solution } from "./terms";

/** The answer to ASK, to SELECT, or to CONSTRUCT and DESCRIBE. */
export type Answer =
  | { readonly form: "boolean"; readonly boolean: boolean }
  | { readonly form: "results" | "graph"; readonly columns: readonly string[]; readonly rows: readonly Solution[] };

/** A request that the server refused, with the problem details of RFC 9457; line and column are those in the query. */
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

/** The answer to a query; a Problem where the server refuses it. */
export async function ask(data: EditorData, query: string, signal: AbortSignal): Promise<Answer> {
  const response = await post(data, { query }, ACCEPT, signal);
  const text = await response.text();
  if (response.headers.get("Content-Type")?.startsWith("application/n-triples")) {
    return { form: "graph", columns: ["subject", "predicate", "object"], rows: parseNTriples(text) };
  }
  const read = JSON.parse(text) as { boolean?: boolean; head: { vars?: string[] }; results?: { bindings: Solution[] } };
  if (read.boolean !== undefined) return { form: "boolean", boolean: read.boolean };
  return { form: "results", columns: read.head.vars ?? [], rows: read.results?.bindings ?? [] };
}

/** The text of the answer in the format with that extension; a Problem where the server refuses it. */
export async function askFor(data: EditorData, query: string, format: string, signal: AbortSignal): Promise<string> {
  return (await post(data, { query, format }, "*/*", signal)).text();
}

async function post(data: EditorData, fields: Record<string, string>, accept: string, signal: AbortSignal): Promise<Response> {
  const response = await fetch(data.endpoint, {
    method: "POST",
    body: new URLSearchParams(fields),
    headers: { Accept: `${accept}, application/problem+json;q=0.5` },
    signal,
  });
  if (response.ok) return response;
  const problem = (await response.json().catch(() => ({}))) as { title?: string; detail?: string; line?: number; column?: number };
  throw new Problem(problem.title ?? String(response.status), problem.detail ?? "", problem.line, problem.column);
}
