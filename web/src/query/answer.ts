/** Requests to the SPARQL endpoint, and its answers. */
import { pageLanguage } from "../messages";
import type { EditorData } from "./data";
import { parseNTriples, type Solution } from "./terms";

/** The answer to ASK, to SELECT, or to CONSTRUCT and DESCRIBE. */
export type Answer =
  | { readonly form: "boolean"; readonly boolean: boolean }
  | { readonly form: "results" | "graph"; readonly columns: readonly string[]; readonly rows: readonly Solution[] };

/** A place in the query; lines and columns count from 1. */
export interface Place {
  readonly line: number;
  readonly column: number;
}

/** What the server says of a request that it refuses, by RFC 9457. */
interface ProblemDetails {
  readonly title?: string;
  readonly detail?: string;
  readonly line?: number;
  readonly column?: number;
  /** What is missing at that place, and the bracket that it would close. */
  readonly missing?: string;
  readonly opened?: Place;
  /** The prefix that is not declared. */
  readonly prefix?: string;
}

/** A request that the server refused. */
export class Problem extends Error {
  readonly title: string;
  readonly place: Place | undefined;

  constructor(
    status: number,
    readonly details: ProblemDetails,
  ) {
    super(details.detail ?? "");
    this.title = details.title ?? String(status);
    const { line, column } = details;
    this.place = line === undefined ? undefined : { line, column: column ?? 1 };
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
    headers: { Accept: `${accept}, application/problem+json;q=0.5`, "Accept-Language": pageLanguage() ?? "*" },
    signal,
  });
  if (response.ok) return response;
  throw new Problem(response.status, (await response.json().catch(() => ({}))) as ProblemDetails);
}
