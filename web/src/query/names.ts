/** Names and addresses of IRIs. */
import type { EditorData } from "./data";

/** The last segment of an IRI, after the last `#` or `/`; the IRI itself where that is empty. */
export function localName(iri: string): string {
  return /[^#/]+$/.exec(iri)?.[0] ?? iri;
}

export class Names {
  private readonly namespaces: readonly [string, string][];
  private readonly terms: ReadonlyMap<string, string>;

  constructor(private readonly data: Pick<EditorData, "base" | "classes" | "documents" | "prefixes" | "properties">) {
    this.namespaces = Object.entries(data.prefixes).sort(([, a], [, b]) => b.length - a.length);
    this.terms = new Map([...data.properties, ...data.classes].map(([iri, name]) => [iri, name]));
  }

  /** The name of a resource in a chart: that of a class or property, else a prefixed name, else the local name. */
  label(iri: string): string {
    return this.terms.get(iri) ?? this.prefixed(iri) ?? localName(iri);
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
