import assert from "node:assert/strict";
import { test } from "node:test";
import { inWords } from "../../src/query/words";

const XSD = "http://www.w3.org/2001/XMLSchema#";

for (const [type, value, language, words] of [
  ["integer", "8700000000000", "de", "8.700.000.000.000"],
  ["decimal", "12345678901234567890.10", "en", "12,345,678,901,234,567,890.10"],
  ["integer", "2016", "en", undefined],
  ["integer", "007", "en", undefined],
  ["double", "1.5E3", "en", undefined],
  ["string", "12345", "en", undefined],
  ["date", "2023-05-30", "en", "30 May 2023"],
  ["date", "2023-05-30", "de", "30. Mai 2023"],
  ["date", "2023-05-30", "zh", "2023年5月30日"],
  ["gYearMonth", "2023-05", "de", "Mai 2023"],
  ["gYear", "2023", "de", "2023"],
  ["gYear", "2023", "zh", "2023年"],
  ["dateTime", "2023-05-30T10:00:00Z", "en", "30 May 2023"],
  ["gMonthDay", "--05-30", "de", "30. Mai"],
  ["date", "2023-02-30", "en", undefined],
  ["date", "2023-13-01", "en", undefined],
  ["date", "0099-01-01", "en", "1 January 99"],
  ["date", "2023-00-01", "en", undefined],
] as const) {
  test(`${value} as ${type} in ${language}`, () => assert.equal(inWords({ type: "literal", value, datatype: XSD + type }, {}, language)?.text, words));
}
