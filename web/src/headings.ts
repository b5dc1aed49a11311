/** Headings in Chinese and Japanese break between words: browsers know where these are, but not when they break lines. */

const UNSPACED = /^(zh|ja)\b/i;

/** Allow breaks between words alone, in the name of the site and in headings, if their language writes no spaces. */
export function breakBetweenWords(): void {
  if (!("Segmenter" in Intl)) return;
  for (const heading of document.querySelectorAll<HTMLElement>("h1, h2, h3, a.home span")) {
    const texts = document.createTreeWalker(heading, NodeFilter.SHOW_TEXT);
    const found: [Text, string][] = [];
    while (texts.nextNode()) {
      const text = texts.currentNode as Text;
      const language = text.parentElement?.closest<HTMLElement>("[lang]")?.lang ?? "";
      if (UNSPACED.test(language)) found.push([text, language]);
    }
    for (const [text, language] of found) text.replaceWith(...words(text.data, language));
    heading.toggleAttribute("data-words", found.length > 0);
  }
}

/** The words of a text, with a place for a break between them; characters that are words of their own are often a name. */
function words(text: string, language: string): (string | Element)[] {
  const segments = [...new Intl.Segmenter(language, { granularity: "word" }).segment(text)];
  const isSingle = (at: number): boolean => segments[at]?.segment.length === 1 && segments[at].isWordLike === true;
  return segments.flatMap(({ segment }, at) =>
    isSingle(at) && isSingle(at + 1) ? [segment] : [segment, document.createElement("wbr")],
  );
}
