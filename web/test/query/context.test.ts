import assert from "node:assert/strict";
import { test } from "node:test";
import { expectedAt } from "../../src/query/context";

const prefixes = { ex: "urn:ex:", rdf: "http://www.w3.org/1999/02/22-rdf-syntax-ns#", rdfs: "http://www.w3.org/2000/01/rdf-schema#" };
const river = { classes: ["urn:ex:River"] };
const property = (origin: unknown, inverse = false) => ({ what: "property", origin, inverse });
const step = (iri: string, inverse = false) => ({ iri: `urn:ex:${iri}`, inverse });
const subject = { what: "subject" };
const other = { what: "other" };

/** The cursor is at ¦. */
for (const [query, expected] of [
  ["¦", other],
  ["SELECT ¦", other],
  ["SELECT * { ¦", subject],
  ["SELECT * { ?x ¦", property(undefined)],
  ["SELECT * { ?x a ¦", { what: "class" }],
  ["SELECT * { ?x rdf:type ¦ }", { what: "class" }],
  ["SELECT * { ?x a/rdfs:subClassOf* ¦ }", { what: "class" }],
  ["SELECT * { ?x a ex:River ; ¦", property(river)],
  ["SELECT * { ?x a ex:River . ¦", subject],
  ["SELECT * { ?x a ex:River . ?x ¦ }", property(river)],
  ["SELECT * { ?x a ex:River ¦", subject],
  ["SELECT * { ?x ¦ . ?x a ex:River }", property(river)],
  ["SELECT * { ?x ¦ ?y . ?x a ex:River }", property(river)],
  ["SELECT * { ?x a ex:River , ex:Border ; ¦", property({ classes: ["urn:ex:River", "urn:ex:Border"] })],
  ["SELECT * { ?x <http://www.w3.org/1999/02/22-rdf-syntax-ns#type> <urn:ex:River> ; ex:name 'a ; . }' ; ¦", property(river)],
  ["PREFIX e: <urn:ex:> SELECT * { ?x a e:River ; e:name \"\"\"a\n\" }\"\"\"@en , 1.5 ; # } ; '\n ¦", property(river)],
  ["BASE <http://x.example/> SELECT * { <a> ¦", property({ resource: "http://x.example/a" })],
  ["SELECT * { <id/a> ¦", property({ resource: "http://base.example/id/a" })],
  ["SELECT * { ex:a ex:b ¦", { what: "value", origin: { resource: "urn:ex:a" }, property: step("b") }],
  ["SELECT * { ?x a ex:River ; ex:kind ¦ }", { what: "value", origin: river, property: step("kind") }],
  ["SELECT * { ?x a ex:River ; ex:kind ex:big, ¦ }", { what: "value", origin: river, property: step("kind") }],
  ["SELECT * { ?x a ex:River ; ex:into ?y . ?y ¦", property({ from: river, steps: [step("into")] })],
  ["SELECT * { ?x a ex:River ; ex:into/ex:in ?y . ?y ¦", property({ from: river, steps: [step("into"), step("in")] })],
  ["SELECT * { ?x a ex:River ; ex:into/¦", property({ from: river, steps: [step("into")] })],
  ["SELECT * { ?x a ex:River ; ^¦", property(river, true)],
  ["SELECT * { ?x a ex:River ; ^ex:by ?y . ?y ¦", property({ from: river, steps: [step("by", true)] })],
  ["SELECT * { ?x a ex:River ; ex:into/^¦", property({ from: river, steps: [step("into")] }, true)],
  ["SELECT * { ?x a ex:River ; (ex:into|ex:by)/¦", property(undefined)],
  ["SELECT * { ?x a ex:River ; (ex:into|ex:by)+ ?y ; ¦", property(river)],
  ["SELECT * { ?x a ex:River ; ex:mouth [ ¦", property({ from: river, steps: [step("mouth")] })],
  ["SELECT * { ?x a ex:River ; ex:mouth [ a ex:Delta ; ¦", property({ classes: ["urn:ex:Delta"] })],
  ["SELECT * { ?x a ex:River ; ex:mouth [ ex:at 3 ] ; ¦", property(river)],
  ["SELECT * { [] a ex:River ; ¦", property(river)],
  ["SELECT * { ?x ex:into ?y ; ¦", property({ from: undefined, steps: [step("into", true)] })],
  ["SELECT * { ?x a ex:River . OPTIONAL { ?x ¦", property(river)],
  ["SELECT * { OPTIONAL { ?x a ex:River } ?x ¦", property(river)],
  ["SELECT * { GRAPH ?g { ?x a ex:River } GRAPH <urn:g> { ?x ¦", property(river)],
  ["SELECT * { { ?x a ex:River } UNION { ?x ¦", property(undefined)],
  ["SELECT * { { ?x a ex:River ; ¦ } UNION { ?x a ex:Lake } }", property(river)],
  ["SELECT * { ?x a ex:River MINUS { ?x a ex:Canal } ?x ¦", property(river)],
  ["SELECT * { ?x a ex:River FILTER NOT EXISTS { ?x a ex:Canal ; ¦", property({ classes: ["urn:ex:River", "urn:ex:Canal"] })],
  ["SELECT * { ?x a ex:River FILTER(?x != ex:a && (1 > 0)) ?x ¦", property(river)],
  ["SELECT * { ?x a ex:River FILTER(¦", other],
  ["SELECT * { ?x a ex:River BIND(STR(?x) AS ?y) VALUES ?z { ex:a ex:b } VALUES (?v ?w) { (1 2) } ?x ¦", property(river)],
  ["SELECT * { ?x a ex:River { SELECT ?x (COUNT(?y) AS ?n) WHERE { ?x ¦", property(river)],
  ["SELECT * { ?x a ex:River { SELECT ?y { ?y ex:by ?x . ?x ¦", property({ from: { from: undefined, steps: [step("by", true)] }, steps: [step("by")] })],
  ["SELECT * { { SELECT ?x { ?x a ex:River } GROUP BY ?x LIMIT 3 } ?x ¦", property(river)],
  ["SELECT * { { SELECT ?y { ?x a ex:River ; ex:by ?y } } ?x ¦", property(undefined)],
  ["CONSTRUCT { ?x a ex:Sea } WHERE { ?x a ex:River ; ¦", property(river)],
  ["SELECT * { ?x a ex:River ; ex:list (1 ?y) ; ¦", property(river)],
  ["SELECT * { ?x a ex:River ; ex:name 'open\n ; ¦", property(river)],
  ["SELECT * { ?x ex:to ?y . ?y ex:to ?x . ?x ¦", property({ from: undefined, steps: [step("to", true)] })],
] as const) {
  test(`at the cursor of ${query}`, () => {
    const [before = "", after = ""] = query.split("¦");
    const found = expectedAt(before, after, prefixes, "http://base.example/");
    if (query.endsWith("?x ¦") && query.includes("?y ex:to ?x")) assert.equal(found.what, "property"); // in a circle
    else assert.deepEqual(found, expected);
  });
}

test("any text is read", () => {
  for (const part of ["{", "}", "(", ")", "[", "]", "'", '"""', "^", "?x ", "; ", "<", "SELECT ", "UNION "]) {
    assert.ok(expectedAt(`SELECT * { ?x ${part.repeat(20_000)}`, part.repeat(100), prefixes, "http://base.example/"));
  }
});
