import assert from "node:assert/strict";
import { test } from "node:test";
import { indented } from "../../src/query/indented";

for (const [name, text, mediaType, expected] of [
  ["JSON", '{"a":[1,"b"]}', "application/sparql-results+json", '{\n "a": [\n  1,\n  "b"\n ]\n}'],
  ["broken JSON", '{"a":', "application/ld+json", '{"a":'],
  ["XML", '<?xml version="1.0"?><a><b c=">"/><d>x</d><e></e></a>', "application/rdf+xml", '<?xml version="1.0"?>\n<a>\n <b c=">"/>\n <d>x</d>\n <e>\n </e>\n</a>'],
  ["Turtle", "<a> <b> <c> .", "text/turtle", "<a> <b> <c> ."],
] as const) {
  test(`${name} is indented`, () => assert.equal(indented(text, mediaType), expected));
}
