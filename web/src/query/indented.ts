/** Texts in JSON and XML with a line for each of their parts; they are written in one line. */

/** The text, indented if its media type is of JSON or XML and it can be read. */
export function indented(text: string, mediaType: string): string {
  if (/[/+]json\b/.test(mediaType)) {
    try {
      return JSON.stringify(JSON.parse(text), null, 1);
    } catch {
      return text;
    }
  }
  return /[/+]xml\b/.test(mediaType) ? indentedXml(text) : text;
}

/** An element that holds but text stays in one line; text never has a `<`. */
function indentedXml(text: string): string {
  let depth = 0;
  return text.replace(/>\s*<(?=([/!?]?))/g, (_all, sign: string, at: number) => {
    const tag = text.slice(text.lastIndexOf("<", at), at);
    if (!/^<[/!?]|\/$/.test(tag)) depth += 1;
    if (sign === "/") depth -= 1;
    return `>\n${" ".repeat(Math.max(depth, 0))}<`;
  });
}
