/** Names and addresses of IRIs. */
import type { EditorData } from "./data";

const MAX_LOOK_UP = 400; // resources that are looked up at a time
const MAX_BATCH = 50; // of them in one request
const MAX_IRIS = 5000; // characters of their IRIs, percent-encoded

/** What a resource is called, the language of that, and the IRI and name of its class; empty where it has none. */
export interface ResourceName {
  readonly name: string;
  readonly language: string;
  readonly class: string;
  readonly classLabel: string;
}

/** The last segment of an IRI, after the last `#` or `/`; the IRI itself where that is empty. */
export function localName(iri: string): string {
  return /[^#/]+$/.exec(iri)?.[0] ?? iri;
}

export class Names {
  private readonly namespaces: readonly [string, string][];
  private readonly terms: ReadonlyMap<string, string>;
  private readonly found = new Map<string, ResourceName>();
  private marks: ReadonlyMap<string, string> = new Map();

  constructor(private readonly data: Pick<EditorData, "base" | "classes" | "documents" | "names" | "prefixes" | "properties">) {
    this.namespaces = Object.entries(data.prefixes).sort(([, a], [, b]) => b.length - a.length);
    this.terms = new Map([...data.properties, ...data.classes].map(([iri, name]) => [iri, name]));
  }

  /** What a resource is called in the reader's language, if it was looked up. */
  name(iri: string): ResourceName | undefined {
    return this.found.get(iri);
  }

  /** Asks the server what resources are called, of many the first; an Error where it does not answer. */
  async lookUp(iris: Iterable<string>, signal: AbortSignal): Promise<void> {
    const unknown = [...new Set(iris)].filter((iri) => !this.found.has(iri)).slice(0, MAX_LOOK_UP);
    for (const batch of batches(unknown)) {
      const address = new URL(this.data.names, document.baseURI);
      for (const iri of batch) address.searchParams.append("iri", iri);
      const response = await fetch(address, { headers: { Accept: "application/json" }, signal });
      if (!response.ok) throw new Error(response.statusText);
      for (const [iri, name] of Object.entries((await response.json()) as Record<string, ResourceName>)) this.found.set(iri, name);
    }
  }

  /** The names of the classes of these resources by their IRIs, those of most resources first. */
  classes(iris: Iterable<string>): Record<string, string> {
    const counts = new Map<string, { label: string; count: number }>();
    for (const iri of iris) {
      const found = this.found.get(iri);
      if (found?.class) counts.set(found.class, { label: found.classLabel, count: (counts.get(found.class)?.count ?? 0) + 1 });
    }
    const most = [...counts].sort(([, a], [, b]) => b.count - a.count);
    return Object.fromEntries(most.map(([iri, { label }]) => [iri, label]));
  }

  /** The name of a resource in a chart: one that is known, else a prefixed name, else the local name. */
  label(iri: string): string {
    const mark = this.mark(iri);
    const name = this.known(iri);
    return name === undefined ? (this.prefixed(iri) ?? localName(iri)) : mark ? `${name} (${mark})` : name;
  }

  /** Tells those of these resources apart that have the same name: by prefix or host, else by their IRIs. */
  distinguish(iris: Iterable<string>): void {
    const byName = new Map<string, Set<string>>();
    for (const iri of iris) {
      const name = this.known(iri);
      if (name !== undefined) byName.set(name, (byName.get(name) ?? new Set()).add(iri));
    }
    const marks = new Map<string, string>();
    for (const same of byName.values()) {
      if (same.size === 1) continue;
      const spaces = [...same].map((iri) => this.space(iri));
      for (const iri of same) marks.set(iri, new Set(spaces).size === same.size ? this.space(iri) : this.short(iri).replace(/^<|>$/g, ""));
    }
    this.marks = marks;
  }

  /** What is written behind the name of a resource of which another one has the same name too. */
  mark(iri: string): string | undefined {
    return this.marks.get(iri);
  }

  private known(iri: string): string | undefined {
    return this.found.get(iri)?.name ?? this.terms.get(iri);
  }

  /** The prefix of an IRI, else its host. */
  private space(iri: string): string {
    return this.prefixed(iri)?.split(":")[0] ?? /^[a-z]+:\/\/([^/]+)/.exec(iri)?.[1]?.replace(/^www\./, "") ?? iri;
  }

  /** The prefixed name of an IRI; undefined where it has none. */
  prefixed(iri: string): string | undefined {
    for (const [prefix, namespace] of this.namespaces) {
      const local = iri.slice(namespace.length);
      if (iri.startsWith(namespace) && /^[A-Za-z0-9_]([A-Za-z0-9_-]*[A-Za-z0-9_])?$/.test(local)) return `${prefix}:${local}`;
    }
    return undefined;
  }

  /** The IRI as SPARQL writes it: a prefixed name, or the IRI in angle brackets. */
  toSparql(iri: string): string {
    return this.prefixed(iri) ?? `<${iri}>`;
  }

  /** The IRI as the table shows it: as `toSparql`, but relative to the base of the data where it begins with that. */
  short(iri: string): string {
    return this.prefixed(iri) ?? `<${iri.startsWith(this.data.base) ? iri.slice(this.data.base.length) : iri}>`;
  }

  /** The address of the document about a resource on this site. */
  document(iri: string): string {
    const address = new URL(this.data.documents, document.baseURI);
    address.searchParams.set("iri", iri);
    return address.pathname + address.search;
  }
}

/** IRIs in groups that fit into an address; one that is too long by itself is left out. */
export function batches(iris: readonly string[]): string[][] {
  const made: string[][] = [];
  let room = 0;
  for (const iri of iris) {
    const length = encodeURIComponent(iri).length;
    if (length > MAX_IRIS) continue;
    const last = made.at(-1);
    if (last && last.length < MAX_BATCH && length <= room) {
      last.push(iri);
    } else {
      made.push([iri]);
      room = MAX_IRIS;
    }
    room -= length;
  }
  return made;
}
