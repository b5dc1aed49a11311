import assert from "node:assert/strict";
import { test } from "node:test";
import { plansFor, rowsFor, ties } from "../../src/query/columns";
import { Names } from "../../src/query/names";
import type { Solution } from "../../src/query/terms";

const XSD = "http://www.w3.org/2001/XMLSchema#";
const iri = { type: "uri", value: "urn:x" } as const;
const another = { type: "uri", value: "urn:y" } as const;
const text = { type: "literal", value: "x" } as const;
const typed = (value: string, type: string) => ({ type: "literal", value, datatype: XSD + type }) as const;

const wkt = (value: string) => ({ type: "literal", value, datatype: "http://www.opengis.net/ont/geosparql#wktLiteral" }) as const;
const edtf = (value: string) => ({ type: "literal", value, datatype: "http://id.loc.gov/datatypes/edtf/EDTF" }) as const;
const names = new Names({ base: "urn:", classes: [], properties: [], documents: "/doc", names: "/names", prefixes: {} });

for (const [name, row, expected] of [
  ["texts alone", { a: text, b: text }, {}],
  ["a number and what it is of", { what: iri, n: typed("3", "integer") }, { chart: { label: "what", value: "n" } }],
  ["a label beside its resource", { x: iri, xLabel: text, n: typed("3.5", "decimal") }, { chart: { label: "x", value: "n" } }],
  ["a place", { x: iri, lat: typed("1", "decimal"), long: typed("2", "decimal") }, { map: { item: "x", lat: "lat", long: "long" } }],
  ["a date", { x: iri, date: typed("2020", "gYear") }, { timeline: { item: "x", start: "date" } }],
  ["a span", { x: iri, from: typed("2020", "gYear"), to: typed("2021", "gYear") }, { timeline: { item: "x", start: "from", end: "to" } }],
  ["a date that is none", { x: iri, date: typed("soon", "date") }, {}],
  ["a network", { source: iri, target: another, kind: iri }, { network: { source: "source", target: "target", kind: "kind" } }],
  ["two resources", { a: iri, b: another }, { network: { source: "a", target: "b" } }],
  ["two resources and their tie", { a: iri, property: iri, b: another }, { network: { source: "a", target: "b", kind: "property" } }],
  ["a resource and itself", { a: iri, b: iri }, {}],
  ["a resource and its kind", { a: iri, kind: another }, {}],
  ["coordinates under other names", { x: iri, siteLat: typed("1", "decimal"), siteLng: typed("2", "decimal") }, { map: { item: "x", lat: "siteLat", long: "siteLng" } }],
  ["points", { x: iri, at: wkt("POINT(2 1)") }, { map: { item: "x", lat: "at", long: "at" } }],
  ["areas", { x: iri, at: wkt("POLYGON((2 1, 3 1, 3 2, 2 1))") }, {}],
  ["a date of EDTF", { x: iri, when: edtf("2016~") }, { timeline: { item: "x", start: "when" } }],
  ["a part of a year that is no time of it", { x: iri, when: edtf("2016-40") }, {}],
] as const) {
  test(`charts for ${name}`, () => {
    assert.deepEqual(Object.fromEntries(plansFor(Object.keys(row), [row as unknown as Solution])), expected);
  });
}

test("no rows, no charts", () => assert.equal(plansFor(["source", "target"], []).size, 0));

for (const [value, span] of [["2016?", "2016"], ["2016-05~/2017", "2016-05/2017"], ["201X", "2010/2019"], ["/2017", "../2017"], ["2016-24", "2016-12/2017-02"], ["../2023-05", "../2023-05"]] as const) {
  test(`the time line has ${value} as ${span}`, () => {
    assert.deepEqual(rowsFor({ start: "when" }, [{ when: edtf(value) }], names), [{ start: { text: value, value: span } }]);
  });
}

test("a point has its latitude last", () => {
  const [row] = rowsFor({ lat: "at", long: "at" }, [{ at: wkt("<http://www.opengis.net/def/crs/OGC/1.3/CRS84> POINT (-7.5 43.25)") }], names);
  assert.deepEqual([row?.["lat"]?.value, row?.["long"]?.value], ["43.25", "-7.5"]);
});

test("the ties of a graph", () => {
  assert.equal(ties([{ subject: iri, predicate: iri, object: text }, { subject: iri, predicate: iri, object: iri }]), undefined);
  assert.equal(ties([{ subject: iri, predicate: iri, object: another }])?.rows.length, 1);
});
