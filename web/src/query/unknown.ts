/** Classes and properties in a query that the data do not have, each with the one that may be meant. */
import type { EditorData, VocabularyTerm } from "./data";
import { localName } from "./names";
import { isType, readPatterns, TYPE } from "./patterns";
import { tokenize } from "./tokens";

const MAX_LENGTH = 60; // characters of a local name that are compared

export interface UnknownTerm {
  readonly iri: string;
  readonly kind: "class" | "property";
  /** The IRI of the one that may be meant. */
  readonly similar: string | undefined;
}

type Known = Pick<EditorData, "base" | "classes" | "hasAllTerms" | "prefixes" | "properties">;

/** Of namespaces that the data use. A query that names graphs may ask for what is not in the default graph. */
export function unknownTerms(query: string, data: Known): UnknownTerm[] {
  const namesGraphs = tokenize(query).some(({ kind, text }) => kind === "word" && ["FROM", "GRAPH", "SERVICE"].includes(text.toUpperCase()));
  if (!data.hasAllTerms || namesGraphs) return [];
  const { patterns } = readPatterns(query, "", data.prefixes, data.base);
  const found = new Map<string, UnknownTerm>();
  const known = { class: data.classes, property: data.properties };
  const spaces = new Set([...data.classes, ...data.properties].map(([iri]) => spaceOf(iri)));
  const check = (iri: string, kind: "class" | "property"): void => {
    if (iri === TYPE || !spaces.has(spaceOf(iri)) || known[kind].some(([other]) => other === iri)) return;
    found.set(`${kind} ${iri}`, { iri, kind, similar: mostSimilar(iri, known[kind]) });
  };
  for (const { steps, object, group } of patterns) {
    if (group.kind === "negative") continue; // what must not be there, or is constructed
    for (const { iri } of steps ?? []) check(iri, "property");
    if (isType(steps) && object.startsWith("<")) check(object.slice(1, -1), "class");
  }
  return [...found.values()];
}

function spaceOf(iri: string): string {
  return iri.slice(0, iri.length - localName(iri).length);
}

/** The term whose local name differs in the fewest letters: in a third of them at most. Its own namespace goes first. */
function mostSimilar(iri: string, terms: readonly VocabularyTerm[]): string | undefined {
  const wanted = localName(iri);
  if (wanted.length > MAX_LENGTH) return undefined;
  let [best, least]: [string | undefined, number] = [undefined, Math.floor(wanted.length / 3) + 1];
  for (const [other] of terms) {
    const name = localName(other);
    if (Math.abs(name.length - wanted.length) >= least) continue;
    const cost = distance(wanted.toLowerCase(), name.toLowerCase()) + (spaceOf(other) === spaceOf(iri) ? 0 : 0.5);
    if (cost < least) [best, least] = [other, cost];
  }
  return best;
}

/** How many letters have to be put in, left out or exchanged to make the one of the other. */
function distance(one: string, other: string): number {
  let row = [...Array(other.length + 1).keys()];
  for (let i = 1; i <= one.length; i++) {
    const next = [i];
    for (let j = 1; j <= other.length; j++) {
      const exchanged = (row[j - 1] ?? 0) + Number(one[i - 1] !== other[j - 1]);
      next.push(Math.min(exchanged, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row.at(-1) ?? 0;
}
