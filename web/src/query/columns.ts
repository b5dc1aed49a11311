/** The charts that the columns of a result allow, and the rows that they are drawn from. */
import { spanOf } from "../charts/dates";
import type { Cell, Row } from "../charts/rows";
import type { Names } from "./names";
import { valueOf, type Solution, type Term } from "./terms";

const SAMPLE = 50; // rows that the type of a column is taken from
const LABEL = "Label"; // column `xLabel` names the resources of column `x`
const NUMBERS = /^http:\/\/www\.w3\.org\/2001\/XMLSchema#(integer|decimal|double|float|(non|un|positive|negative|long|int$|short|byte).*)$/;
const DATES = /^http:\/\/www\.w3\.org\/2001\/XMLSchema#(date|dateTime|gYear|gYearMonth)$/;
const EDTF = /^https?:\/\/id\.loc\.gov\/datatypes\/edtf\//;
const WKT = "http://www.opengis.net/ont/geosparql#wktLiteral";
const POINT = /^\s*(?:<[^>]*>\s*)?POINT\s*Z?\s*\(\s*(-?[\d.]+)\s+(-?[\d.]+)/i;
const SEASONS: Readonly<Record<string, (year: number) => string>> = {
  21: (year) => `${year}-03/${year}-05`,
  22: (year) => `${year}-06/${year}-08`,
  23: (year) => `${year}-09/${year}-11`,
  24: (year) => `${year}-12/${year + 1}-02`,
};
const NAMES: Readonly<Record<string, RegExp>> = {
  lat: /^(lat|latitude)$/,
  long: /^(lon|long|lng|longitude)$/,
  start: /^(start|from|begin|date|since)$/,
  end: /^(end|to|until)$/,
};
const RELATIONS = /^(kind|type|class|property|predicate|relation|p)$/i; // columns of what ties two resources

interface Column {
  readonly name: string;
  readonly type: "iri" | "number" | "date" | "point" | "text";
}

/** The column of the result for each column of a chart. */
export type Plan = Readonly<Record<string, string>>;

/** The kinds of chart that a result allows, each with its plan. */
export function plansFor(names: readonly string[], rows: readonly Solution[]): Map<string, Plan> {
  const labels = new Set(names.filter((name) => name.endsWith(LABEL) && names.includes(name.slice(0, -LABEL.length))));
  const columns = names.filter((name) => !labels.has(name)).map((name) => ({ name, type: typeOf(name, rows) }));
  const plans = new Map<string, Plan>();
  if (rows.length === 0) return plans;
  for (const [kind, plan] of [
    ["chart", chart(columns)],
    ["map", map(columns)],
    ["timeline", timeline(columns)],
    ["network", network(columns, rows)],
  ] as const) {
    if (plan) plans.set(kind, plan);
  }
  return plans;
}

/** The type of all terms of a column; `text` where they differ. */
function typeOf(name: string, rows: readonly Solution[]): Column["type"] {
  const terms = rows.flatMap((row) => row[name] ?? []).slice(0, SAMPLE);
  const every = (test: (term: Term) => boolean): boolean => terms.length > 0 && terms.every(test);
  if (every(({ type }) => type === "uri")) return "iri";
  if (every(({ datatype }) => NUMBERS.test(datatype ?? ""))) return "number";
  if (every(({ datatype }) => DATES.test(datatype ?? "") || EDTF.test(datatype ?? "")) && terms.some((term) => spanOf(dateOf(term)) !== undefined)) return "date";
  if (every(({ datatype }) => datatype === WKT) && terms.some((term) => POINT.test(valueOf(term)))) return "point";
  return "text";
}

/** A date as the time line reads it; of EDTF a span without what is uncertain, and with the years that `201X` may be. */
function dateOf(term: Term): string {
  const value = valueOf(term);
  if (!EDTF.test(term.datatype ?? "")) return value;
  const [first = "", last] = value.split("/").map((part) => part.replace(/[~?%]/g, ""));
  if (last !== undefined) return [first, last].map((part) => part || "..").join("/");
  if (/^\d+X+$/.test(first)) return `${first.replaceAll("X", "0")}/${first.replaceAll("X", "9")}`;
  const [, year = "", part] = /^(\d{4})-(2\d|[34]\d)$/.exec(first) ?? [];
  return part === undefined ? first : (SEASONS[part]?.(Number(year)) ?? "");
}

/** The column that has one of the names of a role, by itself, else as the last of its words, as `placeLat`. */
function named(columns: readonly Column[], role: string): Column | undefined {
  const wanted = NAMES[role] ?? /^$/;
  const last = (name: string): string => name.split(/[_.]|(?<=[a-z])(?=[A-Z])/).at(-1) ?? name;
  return (
    columns.find(({ name }) => name === role) ??
    columns.find(({ name }) => wanted.test(name.toLowerCase())) ??
    columns.find(({ name }) => wanted.test(last(name).toLowerCase()))
  );
}

/** The column that names what a row is about: `item` or `label`, else the first of IRIs, else the first of texts. */
function item(columns: readonly Column[], others: readonly (Column | undefined)[]): Column | undefined {
  const free = columns.filter((column) => !others.includes(column));
  return free.find(({ name }) => name === "item" || name === "label") ?? free.find(({ type }) => type === "iri") ?? free.find(({ type }) => type === "text");
}

function chart(columns: readonly Column[]): Plan | undefined {
  const value = columns.find(({ name, type }) => name === "value" && type === "number") ?? columns.find(({ name, type }) => type === "number" && !isCoordinate(name));
  const label = item(columns, [value]) ?? columns.find(({ type }) => type === "date");
  return value && label && { label: label.name, value: value.name };
}

function isCoordinate(name: string): boolean {
  return ["lat", "long"].some((role) => named([{ name, type: "number" }], role) !== undefined);
}

function map(columns: readonly Column[]): Plan | undefined {
  const point = columns.find(({ type }) => type === "point");
  const numbers = columns.filter(({ type }) => type === "number");
  const [lat, long] = point ? [point, point] : [named(numbers, "lat"), named(numbers, "long")];
  const what = item(columns, [lat, long]);
  return lat && long && what && { item: what.name, lat: lat.name, long: long.name };
}

function timeline(columns: readonly Column[]): Plan | undefined {
  const dates = columns.filter(({ type }) => type === "date");
  const start = named(dates, "start") ?? dates[0];
  const end = named(dates.filter((column) => column !== start), "end");
  const what = item(columns, dates);
  return start && what && { item: what.name, start: start.name, ...(end ? { end: end.name } : {}) };
}

/** Two columns of resources are its ends: those called so, else the first two that are no kind of tie. */
function network(columns: readonly Column[], rows: readonly Solution[]): Plan | undefined {
  const resources = columns.filter(({ type }) => type === "iri");
  const ends = resources.filter(({ name }) => !RELATIONS.test(name));
  const called = (role: string): Column | undefined => columns.find(({ name }) => name === role);
  const [source, target] = called("source") && called("target") ? [called("source"), called("target")] : ends;
  if (!source || !target || !rows.some((row) => isTie(row[source.name], row[target.name]))) return undefined;
  const kind = called("kind") ?? resources.find(({ name }) => RELATIONS.test(name) && name !== source.name && name !== target.name);
  const others = ["year", "tie"].filter(called).map((name) => [name, name]);
  return { source: source.name, target: target.name, ...(kind ? { kind: kind.name } : {}), ...Object.fromEntries(others) };
}

function isTie(one: Term | undefined, other: Term | undefined): boolean {
  return one !== undefined && other !== undefined && valueOf(one) !== valueOf(other);
}

/** The plan of the network of a graph, and the triples in it: those that lead from resource to resource. */
export function ties(triples: readonly Solution[]): { plan: Plan; rows: readonly Solution[] } | undefined {
  const rows = triples.filter(({ subject, object }) => subject?.type === "uri" && object?.type === "uri" && isTie(subject, object));
  return rows.length === 0 ? undefined : { plan: { source: "subject", target: "object", kind: "predicate" }, rows };
}

/** The rows of a chart. */
export function rowsFor(plan: Plan, rows: readonly Solution[], names: Names): Row[] {
  return rows.map((row) => {
    const made: Record<string, Cell> = {};
    for (const [role, column] of Object.entries(plan)) {
      const term = row[column];
      if (term) made[role] = cell(role, term, row[column + LABEL], names);
    }
    return made;
  });
}

function cell(role: string, term: Term, label: Term | undefined, names: Names): Cell {
  const value = valueOf(term);
  if (term.type === "uri") {
    const class_ = names.name(value)?.class;
    return { text: label ? valueOf(label) : names.label(value), value, href: names.document(value), ...(class_ ? { class: class_ } : {}) };
  }
  if (term.datatype === WKT && (role === "lat" || role === "long")) return { text: value, value: POINT.exec(value)?.[role === "lat" ? 2 : 1] ?? "" };
  if (EDTF.test(term.datatype ?? "")) return { text: value, value: dateOf(term) };
  return { text: value, value, ...(term["xml:lang"] ? { language: term["xml:lang"] } : {}) };
}
