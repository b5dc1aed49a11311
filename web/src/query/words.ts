/** Numbers and dates as the page's language writes them, no more precise than they are. */
import { pageLanguage } from "../messages";
import { valueOf, type Term } from "./terms";

const XSD = "http://www.w3.org/2001/XMLSchema#";
const NUMBER = /^-?(?:0|[1-9]\d*)(?:\.\d{1,20})?$/;
const PERHAPS_YEAR = /^\d{4}$/; // stays as it is
const NUMBERS = /^(decimal|int|integer|long|short|byte|(non)?(positive|negative)Integer|unsigned(Long|Int|Short|Byte))$/;
const DATE = /^[1-9]\d{3}-\d\d(-\d\d)?$/;
const DATES: Readonly<Record<string, Intl.DateTimeFormatOptions>> = {
  date: { year: "numeric", month: "long", day: "numeric" },
  gYearMonth: { year: "numeric", month: "long" },
};

/** The words, and the element of HTML that holds the value for machines beside them. */
export interface Words {
  readonly text: string;
  readonly element: "data" | "time";
}

/** The words for a literal; undefined for one that is shown as it stands. */
export function inWords(term: Term, language = pageLanguage()): Words | undefined {
  const [type, value] = [term.datatype ?? "", valueOf(term)];
  if (!type.startsWith(XSD)) return undefined;
  const name = type.slice(XSD.length);
  if (NUMBERS.test(name) && NUMBER.test(value) && !PERHAPS_YEAR.test(value)) return { text: number(value, language), element: "data" };
  const parts = DATES[name];
  const text = parts && DATE.test(value) ? date(value, parts, language) : undefined;
  return text === undefined ? undefined : { text, element: "time" };
}

/** With all digits, which a number of JavaScript would not have. */
function number(value: string, language: string | undefined): string {
  const digits = value.split(".")[1]?.length ?? 0;
  const format = new Intl.NumberFormat(language, { minimumFractionDigits: digits, maximumFractionDigits: digits });
  return format.format(value as Intl.StringNumericLiteral);
}

function date(value: string, parts: Intl.DateTimeFormatOptions, language: string | undefined): string | undefined {
  const at = new Date(`${value.padEnd(10, "-01")}T00:00:00Z`);
  if (Number.isNaN(at.getTime()) || !at.toISOString().startsWith(value)) return undefined; // there is no such day
  // in English the day goes before the month, as on the other pages
  return new Intl.DateTimeFormat(language === "en" ? "en-GB" : language, { ...parts, timeZone: "UTC" }).format(at);
}
