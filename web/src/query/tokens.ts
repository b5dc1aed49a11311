/** The tokens of a query, by the lexical rules of SPARQL; any text has some, also one that is not finished. */

export type TokenKind = "iri" | "text" | "variable" | "language" | "name" | "word" | "number" | "other" | "cursor";

export interface Token {
  readonly kind: TokenKind;
  readonly text: string;
  /** Where it begins in the query. */
  readonly start: number;
}

const TOKEN = new RegExp(
  [
    String.raw`(?<space>\s+|#[^\r\n]*)`,
    String.raw`(?<iri><[^<>"{}|^\x60\\\x00-\x20]*>)`,
    String.raw`(?<text>"""(?:[^"\\]|\\.|"(?!""))*"""|'''(?:[^'\\]|\\.|'(?!''))*'''|"(?:[^"\\\r\n]|\\.)*"?|'(?:[^'\\\r\n]|\\.)*'?)`,
    String.raw`(?<variable>[?$][\p{L}\p{N}_]+)`,
    String.raw`(?<language>@[A-Za-z]+(?:-[A-Za-z0-9-]+)?)`,
    String.raw`(?<name>(?:[\p{L}_][\p{L}\p{N}_.-]*)?:(?:\.*(?:[\p{L}\p{N}_:-]|%[0-9A-Fa-f]{2}|\\[^\s\p{L}\p{N}]))*)`,
    String.raw`(?<word>[\p{L}_][\p{L}\p{N}_]*)`,
    String.raw`(?<number>\d+(?:\.\d+)?)`,
    String.raw`(?<other>\^\^|.)`,
  ].join("|"),
  "gsu",
);

export function tokenize(query: string): Token[] {
  const tokens: Token[] = [];
  for (const { groups = {}, index } of query.matchAll(TOKEN)) {
    const [kind, text] = Object.entries(groups).find(([, found]) => found !== undefined) ?? [];
    if (kind !== undefined && text !== undefined && kind !== "space") tokens.push({ kind: kind as TokenKind, text, start: index });
  }
  return tokens;
}
