import assert from "node:assert/strict";
import { test } from "node:test";
import { localName, Names } from "../../src/query/names";

for (const [iri, name] of [
  ["http://one.example/v#Thing", "Thing"],
  ["http://one.example/id/place/x", "x"],
  ["http://one.example/id/", "http://one.example/id/"],
  ["urn:x:y", "urn:x:y"],
] as const) {
  test(`the local name of ${iri}`, () => assert.equal(localName(iri), name));
}

const names = new Names({
  base: "http://one.example/",
  documents: "/doc",
  prefixes: { v: "http://one.example/v#", deep: "http://one.example/v#deep_" },
  classes: [["http://one.example/v#Thing", "a thing", 3]],
  properties: [],
});

for (const [iri, sparql, short, label] of [
  ["http://one.example/v#Thing", "v:Thing", "v:Thing", "a thing"],
  ["http://one.example/v#deep_one", "deep:one", "deep:one", "deep:one"],
  ["http://one.example/v#not.this.", "<http://one.example/v#not.this.>", "<v#not.this.>", "not.this."],
  ["http://two.example/x", "<http://two.example/x>", "<http://two.example/x>", "x"],
] as const) {
  test(`names of ${iri}`, () => assert.deepEqual([names.toSparql(iri), names.short(iri), names.label(iri)], [sparql, short, label]));
}
