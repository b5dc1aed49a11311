/** What a resource rests on, as the page about it shows it under its sources. */

const MOST = 2; // sources that are shown
const LONGEST = 600; // characters of one
const SOURCE = ".footnotes > li";
const WORDS = "blockquote, a, bdi"; // of a source: its quotation, or else its name

export interface Proof {
  readonly text: string;
  readonly language: string;
  readonly isQuotation: boolean;
}

const known = new Map<string, Promise<Proof[]>>();

/** The first sources on the page at an address; an Error where the page cannot be read. Each page is asked for once. */
export function proofOf(href: string): Promise<Proof[]> {
  const found = known.get(href) ?? load(href);
  known.set(href, found);
  found.catch(() => known.delete(href));
  return found;
}

async function load(href: string): Promise<Proof[]> {
  const response = await fetch(href, { headers: { Accept: "text/html" } });
  if (!response.ok) throw new Error(response.statusText);
  const page = new DOMParser().parseFromString(await response.text(), "text/html");
  return [...page.querySelectorAll(SOURCE)].slice(0, MOST).flatMap((item): Proof[] => {
    const words = item.querySelector("blockquote") ?? item.querySelector(WORDS);
    const text = words?.textContent?.trim() ?? "";
    const language = words?.closest("[lang]")?.getAttribute("lang") ?? "";
    if (!text) return [];
    return [{ text: text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text, language, isQuotation: words?.tagName === "BLOCKQUOTE" }];
  });
}
