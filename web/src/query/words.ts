/** Numbers and dates as the pages of the server write them (core/wording.py), no more precise than they are. */
import { utc } from "../charts/dates";
import { pageLanguage } from "../messages";
import { valueOf, type Term } from "./terms";

const XSD = "http://www.w3.org/2001/XMLSchema#";
const NUMBER = /^-?(?:0|[1-9]\d*)(?:\.\d{1,20})?$/;
const PERHAPS_YEAR = /^\d{4}$/; // stays as it is
const NUMBERS = /^(decimal|int|integer|long|short|byte|(non)?(positive|negative)Integer|unsigned(Long|Int|Short|Byte))$/;
const DATES = new Set([
  "http://id.loc.gov/datatypes/edtf/EDTF",
  ...["date", "dateTime", "dateTimeStamp", "gYear", "gYearMonth", "gMonth", "gMonthDay"].map((name) => XSD + name),
]);
const DATE = /^(-?\d{4,}|\d{3}X|XXXX|-)(?:-(\d\d|XX))?(?:-(\d\d|XX))?([?~%]?)$/;
const TIME = /T.*|(?<=\d\d)(?:Z|[+-]\d\d:\d\d)$/;
const UNKNOWN: readonly (string | undefined)[] = ["XX", "XXXX", "-", undefined];
const LEAP = 2000; // a year in which every day of the calendar exists

/** The words for what a date has beside its day, by their keys; `{}` stands for a date. */
export type DateWords = Readonly<Record<string, string>>;

/** The words, and the element of HTML that holds the value for machines beside them. */
export interface Words {
  readonly text: string;
  readonly element: "data" | "time";
}

/** The words for a literal; undefined for one that is shown as it stands. */
export function inWords(term: Term, dateWords: DateWords, language = pageLanguage()): Words | undefined {
  const [type, value] = [term.datatype ?? "", valueOf(term)];
  if (DATES.has(type)) {
    const text = dateInWords(value, dateWords, language);
    return text === undefined ? undefined : { text, element: "time" };
  }
  const isNumber = type.startsWith(XSD) && NUMBERS.test(type.slice(XSD.length));
  return isNumber && NUMBER.test(value) && !PERHAPS_YEAR.test(value) ? { text: number(value, language), element: "data" } : undefined;
}

/** With all digits, which a number of JavaScript would not have. */
function number(value: string, language: string | undefined): string {
  const digits = value.split(".")[1]?.length ?? 0;
  const format = new Intl.NumberFormat(language, { minimumFractionDigits: digits, maximumFractionDigits: digits });
  return format.format(value as Intl.StringNumericLiteral);
}

/** A date of XML Schema or EDTF level 1, or an interval; undefined for what is none. */
function dateInWords(text: string, words: DateWords, language: string | undefined): string | undefined {
  const [begin = "", end, ...more] = text.split("/");
  if (more.length > 0) return undefined;
  const first = single(begin, words, language);
  if (end === undefined) return first;
  const last = single(end, words, language);
  if (first && last) return say(words, "between", first, last);
  if (last && ["..", ""].includes(begin)) return say(words, begin ? "until" : "ended", last);
  if (first && ["..", ""].includes(end)) return say(words, end ? "open" : "begun", first);
  return undefined;
}

function single(text: string, words: DateWords, language: string | undefined): string | undefined {
  const [, year, month, day, doubt] = DATE.exec(text.replace(TIME, "")) ?? [];
  const said = year === undefined ? undefined : calendar(year, month, day, words, language);
  return said && doubt ? say(words, doubt, said) : said;
}

function calendar(year: string, month: string | undefined, day: string | undefined, words: DateWords, language: string | undefined): string | undefined {
  if (/^\d{3}X$/.test(year)) return month === undefined ? say(words, "decade", `${year.slice(0, 3)}0`) : undefined;
  const [hasYear, hasMonth, hasDay] = [year, month, day].map((part) => !UNKNOWN.includes(part));
  const [y, m, d] = [hasYear ? Number(year) : LEAP, hasMonth ? Number(month) : 1, hasDay ? Number(day) : 1];
  if (y < 1 || y > 9999) return undefined;
  if (m > 12) {
    const named = hasYear && day === undefined && month && month in words ? calendar(year, undefined, undefined, words, language) : undefined;
    return named && month && say(words, month, named);
  }
  const at = new Date(utc(y, m - 1, d));
  if (at.getUTCMonth() !== m - 1 || at.getUTCDate() !== d || (hasDay && !hasMonth) || !(hasYear || hasMonth)) return undefined;
  const isAlone = hasMonth && !hasYear && !hasDay; // for which Chinese has a name that no date has
  const parts: Intl.DateTimeFormatOptions = {
    ...(hasYear ? { year: "numeric" } : {}),
    ...(hasMonth ? { month: isAlone && language === "zh" ? "short" : "long" } : {}),
    ...(hasDay ? { day: "numeric" } : {}),
  };
  // in English the day goes before the month, as on the other pages
  return new Intl.DateTimeFormat(language === "en" ? "en-GB" : language, { ...parts, timeZone: "UTC" }).format(at);
}

function say(words: DateWords, key: string, ...dates: string[]): string | undefined {
  let place = 0;
  return words[key]?.replace(/\{\}/g, () => dates[place++] ?? "");
}
