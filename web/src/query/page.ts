/** What the page tells the script: where to ask, what can be completed, and how to say it. */
import type { Messages } from "../views/drawing";

/** IRI, name and number of uses of a class or property. */
export type Term = readonly [iri: string, name: string, uses: number];

/** Extension, name and media type. */
export type Format = readonly [extension: string, name: string, mediaType: string];

export interface Page {
  readonly endpoint: string;
  readonly search: string;
  readonly documents: string;
  readonly base: string;
  readonly prefixes: Readonly<Record<string, string>>;
  readonly classes: readonly Term[];
  readonly properties: readonly Term[];
  readonly results: readonly Format[];
  readonly graphs: readonly Format[];
  readonly saved: Readonly<Record<string, string>>;
}

export function readPage(): Page {
  return JSON.parse(byId("editor-data").textContent ?? "") as Page;
}

export function readMessages(): Messages {
  const drawing = JSON.parse(byId("results").dataset["messages"] ?? "{}") as Messages;
  return { ...drawing, ...(JSON.parse(byId("editor-messages").textContent ?? "") as Messages) };
}

export function byId(id: string): HTMLElement {
  const found = document.getElementById(id);
  if (!found) throw new Error(`the page has no ${id}`);
  return found;
}

/** Names and addresses of IRIs. */
export class Names {
  private readonly namespaces: [string, string][];
  private readonly terms: ReadonlyMap<string, string>;

  constructor(private readonly page: Page) {
    this.namespaces = Object.entries(page.prefixes).sort(([, a], [, b]) => b.length - a.length);
    this.terms = new Map([...page.properties, ...page.classes].map(([iri, name]) => [iri, name]));
  }

  /** What a class or property is called. */
  term(iri: string): string | undefined {
    return this.terms.get(iri);
  }

  /** The IRI as a prefixed name, else undefined. */
  prefixed(iri: string): string | undefined {
    for (const [prefix, namespace] of this.namespaces) {
      const local = iri.slice(namespace.length);
      if (iri.startsWith(namespace) && /^[A-Za-z0-9_]([A-Za-z0-9_-]*[A-Za-z0-9_])?$/.test(local)) return `${prefix}:${local}`;
    }
    return undefined;
  }

  /** The IRI as a reader likes it: prefixed, or without the base. */
  short(iri: string): string {
    return this.prefixed(iri) ?? (iri.startsWith(this.page.base) ? `<${iri.slice(this.page.base.length)}>` : `<${iri}>`);
  }

  /** The address of the document here about the resource. */
  document(iri: string): string {
    const address = new URL(this.page.documents, document.baseURI);
    address.searchParams.set("iri", iri);
    return address.pathname + address.search;
  }
}
