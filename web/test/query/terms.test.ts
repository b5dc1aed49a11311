import assert from "node:assert/strict";
import { test } from "node:test";
import { parseNTriples } from "../../src/query/terms";

test("N-Triples are read with every kind of term", () => {
  const text = [
    "<urn:s> <urn:p> <urn:o> .",
    '_:b0 <urn:p> "a \\"b\\" \\u706F\\n"@zh-Hans .',
    '<urn:s> <urn:p> "3"^^<http://www.w3.org/2001/XMLSchema#integer> .',
    "# no triple",
    "",
  ].join("\n");
  assert.deepEqual(
    parseNTriples(text).map(({ subject, object }) => [subject, object]),
    [
      [{ type: "uri", value: "urn:s" }, { type: "uri", value: "urn:o" }],
      [{ type: "bnode", value: "b0" }, { type: "literal", value: 'a "b" 灯\n', "xml:lang": "zh-Hans" }],
      [{ type: "uri", value: "urn:s" }, { type: "literal", value: "3", datatype: "http://www.w3.org/2001/XMLSchema#integer" }],
    ],
  );
});
