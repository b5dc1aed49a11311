/** Dates as the spans of time that they cover: forms of XML Schema, and intervals of EDTF level 0. */

/** A span of time in milliseconds since 1970; an open bound is infinite. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

const DATE = /^(-?\d{4,})(?:-(\d\d)(?:-(\d\d))?)?(?:T(\d\d):(\d\d)(?::(\d\d)(?:\.\d+)?)?)?(Z|[+-]\d\d:\d\d)?$/;
const OPEN = "..";

/**
 * The span of a date, as the year of `2019`, or of an interval, as `2019/2021`; undefined for anything else, and for
 * years beyond those that `Date` has (about 270,000 before and after 1970).
 */
export function spanOf(text: string): Span | undefined {
  const [first = "", last, ...more] = text.trim().split("/");
  if (more.length > 0) return undefined;
  if (last === undefined) {
    const span = dateSpan(first);
    return span && Number.isFinite(span.from) && Number.isFinite(span.to) ? span : undefined;
  }
  return between(first, last);
}

/** The span from the beginning of one date to the end of the other; `..` is an open bound. */
export function between(first: string, last: string): Span | undefined {
  const from = first === OPEN ? { from: -Infinity } : spanOf(first);
  const to = last === OPEN ? { to: Infinity } : spanOf(last);
  return from && to && from.from < to.to ? { from: from.from, to: to.to } : undefined;
}

function dateSpan(text: string): Span | undefined {
  const parts = DATE.exec(text);
  if (!parts) return undefined;
  const [year, month, day, hour, minute, second] = parts.slice(1, 7).map((part) => (part === undefined ? undefined : Number(part)));
  if (year === undefined) return undefined;
  if (hour !== undefined) {
    const from = utc(year, (month ?? 1) - 1, day ?? 1) + ((hour * 60 + (minute ?? 0)) * 60 + (second ?? 0)) * 1000;
    return { from, to: from + 1 };
  }
  if (day !== undefined && month !== undefined) return { from: utc(year, month - 1, day), to: utc(year, month - 1, day + 1) };
  if (month !== undefined) return { from: utc(year, month - 1, 1), to: utc(year, month, 1) };
  return { from: utc(year, 0, 1), to: utc(year + 1, 0, 1) };
}

/** Date.UTC, but for years below 100, which that function moves into the twentieth century. */
export function utc(year: number, month: number, day: number): number {
  return new Date(0).setUTCFullYear(year, month, day);
}
