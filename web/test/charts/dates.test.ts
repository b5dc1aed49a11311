import assert from "node:assert/strict";
import { test } from "node:test";
import { between, spanOf, utc } from "../../src/charts/dates";

const day = (year: number, month: number, date: number): number => utc(year, month - 1, date);

for (const [text, from, to] of [
  ["2020", day(2020, 1, 1), day(2021, 1, 1)],
  ["2020-02", day(2020, 2, 1), day(2020, 3, 1)],
  ["2020-12-31", day(2020, 12, 31), day(2021, 1, 1)],
  ["2020-01-01Z", day(2020, 1, 1), day(2020, 1, 2)],
  ["0044", day(44, 1, 1), day(45, 1, 1)],
  ["-0044", day(-44, 1, 1), day(-43, 1, 1)],
  ["2020-01-01T12:30:00Z", day(2020, 1, 1) + 45_000_000, day(2020, 1, 1) + 45_000_001],
  ["2019/2021-06", day(2019, 1, 1), day(2021, 7, 1)],
  ["2019/..", day(2019, 1, 1), Infinity],
  ["../2019", -Infinity, day(2020, 1, 1)],
] as const) {
  test(`${text} is a span as long as it is imprecise`, () => assert.deepEqual(spanOf(text), { from, to }));
}

for (const text of ["", "-13800000000", "12020000-01-01", "-13800000000/2020", "soon", "20", "2020-1", "2020/2021/2022", "2021/2019"]) {
  test(`'${text}' is no date`, () => assert.equal(spanOf(text), undefined));
}

test("from a year to a month", () => assert.deepEqual(between("2019", "2020-03"), { from: day(2019, 1, 1), to: day(2020, 4, 1) }));
