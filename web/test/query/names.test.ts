import assert from "node:assert/strict";
import { test } from "node:test";
import { batches, localName, Names } from "../../src/query/names";

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
  names: "/names",
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

test("IRIs are asked for in addresses that are not too long", () => {
  const iris = [...Array(120).keys()].map((number) => `http://one.example/id/${number}`);
  assert.deepEqual(batches(iris).map((batch) => batch.length), [50, 50, 20]);
  assert.deepEqual(batches(iris).flat(), iris);
  const long = [...Array(4).keys()].map((number) => `http://one.example/${String(number).repeat(2000)}`);
  assert.deepEqual(batches(long).map((batch) => batch.length), [2, 2]);
  assert.deepEqual(batches(["urn:x:" + "y".repeat(6000), "urn:x:y"]), [["urn:x:y"]]);
});

test("equal names are told apart", () => {
  const same = { classes: [["http://one.example/v#A", "claim", 1], ["http://two.example/A", "claim", 1], ["http://one.example/v#B", "plan", 1], ["http://one.example/v#C", "plan", 1], ["http://one.example/v#D", "thing", 1]] } as const;
  const own = new Names({ base: "http://one.example/", documents: "", names: "", prefixes: { v: "http://one.example/v#" }, properties: [], ...same });
  own.distinguish(same.classes.map(([iri]) => iri));
  assert.deepEqual(same.classes.map(([iri]) => own.label(iri)), ["claim (v)", "claim (two.example)", "plan (v:B)", "plan (v:C)", "thing"]);
  own.distinguish(["http://one.example/v#A"]);
  assert.equal(own.label("http://one.example/v#A"), "claim");
});
