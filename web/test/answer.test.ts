import assert from "node:assert/strict";
import { test } from "node:test";
import { triples, type Solution } from "../src/query/answer";
import { plansFor } from "../src/query/columns";

test("N-Triples are read with every kind of term", () => {
  const text = [
    "<urn:s> <urn:p> <urn:o> .",
    '_:b0 <urn:p> "a \\"b\\" \\u706F\\n"@zh-Hans .',
    '<urn:s> <urn:p> "3"^^<http://www.w3.org/2001/XMLSchema#integer> .',
    "# no triple",
    "",
  ].join("\n");
  assert.deepEqual(
    triples(text).map(({ subject, object }) => [subject, object]),
    [
      [{ type: "uri", value: "urn:s" }, { type: "uri", value: "urn:o" }],
      [{ type: "bnode", value: "b0" }, { type: "literal", value: 'a "b" 灯\n', "xml:lang": "zh-Hans" }],
      [{ type: "uri", value: "urn:s" }, { type: "literal", value: "3", datatype: "http://www.w3.org/2001/XMLSchema#integer" }],
    ],
  );
});

const XSD = "http://www.w3.org/2001/XMLSchema#";
const iri = { type: "uri", value: "urn:x" } as const;
const text = { type: "literal", value: "x" } as const;
const typed = (value: string, type: string) => ({ type: "literal", value, datatype: XSD + type }) as const;

for (const [name, row, expected] of [
  ["texts alone", { a: text, b: text }, {}],
  ["a number and what it is of", { what: iri, n: typed("3", "integer") }, { chart: { label: "what", value: "n" } }],
  ["a label beside its resource", { x: iri, xLabel: text, n: typed("3.5", "decimal") }, { chart: { label: "x", value: "n" } }],
  ["a place", { x: iri, lat: typed("1", "decimal"), long: typed("2", "decimal") }, { map: { item: "x", lat: "lat", long: "long" } }],
  ["a date", { x: iri, date: typed("2020", "gYear") }, { timeline: { item: "x", start: "date" } }],
  ["a span", { x: iri, from: typed("2020", "gYear"), to: typed("2021", "gYear") }, { timeline: { item: "x", start: "from", end: "to" } }],
  ["a date that is none", { x: iri, date: typed("soon", "date") }, {}],
  ["a network", { source: iri, target: iri, kind: iri }, { network: { source: "source", target: "target", kind: "kind" } }],
  ["two resources that are no network", { a: iri, b: iri }, {}],
] as const) {
  test(`drawings for ${name}`, () => {
    assert.deepEqual(Object.fromEntries(plansFor(Object.keys(row), [row as unknown as Solution])), expected);
  });
}

test("no rows, no drawings", () => assert.equal(plansFor(["source", "target"], []).size, 0));
