/** The data that the page of the editor has for its script, as JSON. */
import type { Source } from "../charts/source";
import type { Messages } from "../messages";
import type { DateWords } from "./words";

/** A class or property: its IRI, its name, and the number of its uses. */
export type VocabularyTerm = readonly [iri: string, name: string, uses: number];

/** A format of results: its extension, name and media type. */
export type Format = readonly [extension: string, name: string, mediaType: string];

export interface EditorData {
  /** The address of the SPARQL endpoint. */
  readonly endpoint: string;
  /** The address of the search. */
  readonly search: string;
  /** The address that gives the names of resources, for up to 100 IRIs as `iri`. */
  readonly names: string;
  /** The address of what may follow in a query, for classes and properties. */
  readonly completion: string;
  /** The address of the documents about resources, which takes the IRI of one as `iri`. */
  readonly documents: string;
  /** Where the data of charts come from. */
  readonly source: Source;
  /** The IRI that those of the data begin with. */
  readonly base: string;
  readonly prefixes: Readonly<Record<string, string>>;
  readonly classes: readonly VocabularyTerm[];
  readonly properties: readonly VocabularyTerm[];
  /** Whether these are all classes and properties of the data. */
  readonly hasAllTerms: boolean;
  /** Formats of SELECT and ASK, and of CONSTRUCT and DESCRIBE. */
  readonly results: readonly Format[];
  readonly graphs: readonly Format[];
  /** What dates that are not days are called. */
  readonly dateWords: DateWords;
  /** Saved queries by their names. */
  readonly saved: Readonly<Record<string, string>>;
  /** The chart of each of them, `table` for none. */
  readonly views: Readonly<Record<string, string>>;
}

export function readEditorData(): EditorData {
  return JSON.parse(byId("editor-data").textContent ?? "") as EditorData;
}

/** The messages of the charts and of the editor. */
export function readMessages(): Messages {
  const charts = JSON.parse(byId("results").dataset["messages"] ?? "{}") as Messages;
  return { ...charts, ...(JSON.parse(byId("editor-messages").textContent ?? "") as Messages) };
}

/** The element with an id; an Error where the page has none. */
export function byId(id: string): HTMLElement {
  const found = document.getElementById(id);
  if (!found) throw new Error(`the page has no ${id}`);
  return found;
}
