/** The passages that a resource rests on, as the page about it shows them under its sources. */

const MOST = 2; // passages that are shown
const LONGEST = 600; // characters of one
const PASSAGE = ".footnotes > li";
const WORDS = "blockquote, a, bdi"; // of a passage: its quotation, or else its name

export interface Passage {
  readonly text: string;
  readonly language: string;
  readonly isQuotation: boolean;
}

const known = new Map<string, Promise<Passage[]>>();

/** The first passages on the page at an address; an Error where the page cannot be read. Each page is asked for once. */
export function proofOf(href: string): Promise<Passage[]> {
  const found = known.get(href) ?? load(href);
  known.set(href, found);
  found.catch(() => known.delete(href));
  return found;
}

async function load(href: string): Promise<Passage[]> {
  const response = await fetch(href, { headers: { Accept: "text/html" } });
  if (!response.ok) throw new Error(response.statusText);
  const page = new DOMParser().parseFromString(await response.text(), "text/html");
  return [...page.querySelectorAll(PASSAGE)].slice(0, MOST).flatMap((item): Passage[] => {
    const words = item.querySelector("blockquote") ?? item.querySelector(WORDS);
    const text = words?.textContent?.trim() ?? "";
    const language = words?.closest("[lang]")?.getAttribute("lang") ?? "";
    if (!text) return [];
    return [{ text: text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text, language, isQuotation: words?.tagName === "BLOCKQUOTE" }];
  });
}
