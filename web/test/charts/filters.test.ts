import assert from "node:assert/strict";
import { test } from "node:test";
import { kindsOf, yearsOf } from "../../src/charts/filters";

for (const [text, expected] of [
  ["2019", [2019, 2019]],
  ["2019-12-31", [2019, 2019]],
  ["2019/2021", [2019, 2021]],
  ["2019/..", undefined],
  ["once", undefined],
] as const) {
  test(`years of ${text}`, () => assert.deepEqual(yearsOf({ year: { text, value: text } }), expected));
}

test("the most frequent kind comes first, and beyond eight the colours come again with dashes", () => {
  const kinds = kindsOf([..."abcdefghii"].map((kind) => ({ kind: { text: kind.toUpperCase(), value: kind } })));
  assert.deepEqual([...kinds.keys()].join(""), "iabcdefgh");
  assert.deepEqual(kinds.get("i"), { text: "I", count: 2, colour: "series-1" });
  assert.deepEqual(kinds.get("h"), { text: "H", count: 1, colour: "series-1 dashed" });
});
