import assert from "node:assert/strict";
import { test } from "node:test";
import { plansFor } from "../../src/query/columns";
import type { Solution } from "../../src/query/terms";

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
  test(`charts for ${name}`, () => {
    assert.deepEqual(Object.fromEntries(plansFor(Object.keys(row), [row as unknown as Solution])), expected);
  });
}

test("no rows, no charts", () => assert.equal(plansFor(["source", "target"], []).size, 0));
