/** The search of the site (docs/http.md). */

/** A resource whose name matches; `matched` is the name that does, in the language `matchedLanguage`. */
export interface SearchResult {
  readonly iri: string;
  readonly label: string;
  readonly language: string;
  readonly classLabel: string | null;
  readonly href: string;
  readonly matched: string;
  readonly matchedLanguage: string;
}

/** The results at an address of the search; an Error where the server refuses it. */
export async function search(address: URL, signal?: AbortSignal): Promise<SearchResult[]> {
  address.searchParams.set("format", "json");
  const response = await fetch(address, { headers: { Accept: "application/json" }, ...(signal ? { signal } : {}) });
  if (!response.ok) throw new Error(response.statusText);
  return ((await response.json()) as { results: SearchResult[] }).results;
}
