/** Filters in the address of the page, so that it can be shared and comes back with the history of the browser. */

export type FilterPlace = "query" | "fragment";

/** The parameters of the address: of its query, or of a fragment as `#kind=…`; undefined where that is a place on the page. */
export function readAddress(place: FilterPlace): URLSearchParams | undefined {
  const fragment = location.hash.slice(1);
  if (place === "fragment" && fragment && !fragment.includes("=")) return undefined;
  return new URLSearchParams(place === "query" ? location.search : fragment);
}

/** Replaces parameters of the address by others, without a request and without a new step of the history. */
export function writeAddress(place: FilterPlace, parameters: Readonly<Record<string, readonly string[]>>): void {
  const all = readAddress(place) ?? new URLSearchParams();
  for (const [name, values] of Object.entries(parameters)) {
    all.delete(name);
    for (const value of values) all.append(name, value);
  }
  const text = all.toString();
  const rest = place === "query" ? location.hash : "";
  const search = place === "query" ? (text && `?${text}`) : location.search + (text && `#${text}`);
  history.replaceState(history.state, "", `${location.pathname}${search}${rest}`);
}
