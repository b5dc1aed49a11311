/** RDF terms of results, and the reading of N-Triples (https://www.w3.org/TR/n-triples/). */

/** An RDF term of a result, as SPARQL 1.1 Query Results JSON has it. */
export interface Term {
  readonly type: "uri" | "literal" | "bnode" | "triple";
  readonly value: string | object;
  readonly datatype?: string;
  readonly "xml:lang"?: string;
}

/** One solution of a query: its terms by the names of the variables; an unbound variable is left out. */
export type Solution = Readonly<Record<string, Term>>;

/** The IRI, the label of a blank node, or the text of a literal; a triple term as JSON. */
export function valueOf({ value }: Term): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}

/** The IRIs in solutions, each once, in the order in which they occur. */
export function irisOf(rows: readonly Solution[]): string[] {
  return [...new Set(rows.flatMap((row) => Object.values(row).flatMap((term) => (term.type === "uri" ? [valueOf(term)] : []))))];
}

const IRI = "<([^>]*)>";
const NODE = `(?:${IRI}|(_:[^\\s]+))`;
const LITERAL = `"((?:[^"\\\\]|\\\\.)*)"(?:@([A-Za-z0-9-]+)|\\^\\^${IRI})?`;
const LINE = new RegExp(`^${NODE} ${IRI} (?:${NODE}|${LITERAL}) \\.$`);

/** The triples of canonical N-Triples, one to a line with single spaces; other lines are left out. */
export function parseNTriples(text: string): Solution[] {
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

/** The text of a literal or an IRI without the escapes of N-Triples. */
function unescaped(text: string): string {
  return text.replace(/\\(?:u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{8})|(.))/g, (_all, short?: string, long?: string, letter?: string) =>
    letter === undefined ? String.fromCodePoint(parseInt(short ?? long ?? "", 16)) : (ESCAPES[letter] ?? letter),
  );
}
