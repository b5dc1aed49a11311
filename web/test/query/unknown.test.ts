import assert from "node:assert/strict";
import { test } from "node:test";
import { unknownTerms } from "../../src/query/unknown";

const data = {
  base: "http://base.example/",
  prefixes: { ex: "urn:ex:", o: "http://o.example/" },
  classes: [["http://o.example/River", "river", 1]],
  properties: [["http://o.example/party", "party", 1], ["http://o.example/mouth", "mouth", 1]],
  hasAllTerms: true,
} as const;

for (const [query, expected] of [
  ["SELECT * { ?x a o:River ; o:party/o:mouth ?y }", []],
  ["SELECT * { ?x o:partyy ?y ; o:partyy ?z }", [["property", "http://o.example/partyy", "http://o.example/party"]]],
  ["SELECT * { ?x a o:Rivers . ?x ^o:Mouth ?y }", [["class", "http://o.example/Rivers", "http://o.example/River"], ["property", "http://o.example/Mouth", "http://o.example/mouth"]]],
  ["SELECT * { ?x o:height ?y }", [["property", "http://o.example/height", undefined]]],
  ["SELECT * { ?x ex:partyy ?y }", []],
  ["SELECT * { GRAPH ?g { ?x o:partyy ?y } }", []],
  ["CONSTRUCT { ?x o:new ?y } WHERE { ?x o:party ?y }", []],
  ["SELECT * { ?x o:party 'o:partyy' # o:partyy\n }", []],
] as const) {
  test(`what is unknown in ${query}`, () => {
    assert.deepEqual(unknownTerms(query, data).map(({ kind, iri, similar }) => [kind, iri, similar]), expected);
  });
}

test("nothing is called unknown where not all is known", () => {
  assert.deepEqual(unknownTerms("SELECT * { ?x o:partyy ?y }", { ...data, hasAllTerms: false }), []);
});
