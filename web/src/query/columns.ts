/** The charts that the columns of a result allow, and the rows that they are drawn from. */
import { spanOf } from "../charts/dates";
import type { Cell, Row } from "../charts/rows";
import type { Names } from "./names";
import { valueOf, type Solution, type Term } from "./terms";

const SAMPLE = 50; // rows that the type of a column is taken from
const LABEL = "Label"; // column `xLabel` names the resources of column `x`
const NUMBERS = /^http:\/\/www\.w3\.org\/2001\/XMLSchema#(integer|decimal|double|float|(non|un|positive|negative|long|int$|short|byte).*)$/;
const DATES = /^http:\/\/www\.w3\.org\/2001\/XMLSchema#(date|dateTime|gYear|gYearMonth)$/;
const NAMES: Readonly<Record<string, readonly string[]>> = {
  lat: ["lat", "latitude"],
  long: ["long", "lon", "lng", "longitude"],
  start: ["start", "from", "begin", "date", "since"],
  end: ["end", "to", "until"],
};

interface Column {
  readonly name: string;
  readonly type: "iri" | "number" | "date" | "text";
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
    ["network", network(columns)],
  ] as const) {
    if (plan) plans.set(kind, plan);
  }
  return plans;
}

/** The type of all terms of a column; `text` where they differ. */
function typeOf(name: string, rows: readonly Solution[]): Column["type"] {
  const terms = rows.slice(0, SAMPLE).flatMap((row) => row[name] ?? []);
  const every = (test: (term: Term) => boolean): boolean => terms.length > 0 && terms.every(test);
  if (every(({ type }) => type === "uri")) return "iri";
  if (every(({ datatype }) => NUMBERS.test(datatype ?? ""))) return "number";
  if (every(({ value, datatype }) => DATES.test(datatype ?? "") && spanOf(String(value)) !== undefined)) return "date";
  return "text";
}

/** The column that has one of the names of a role. */
function named(columns: readonly Column[], role: string): Column | undefined {
  for (const name of [role, ...(NAMES[role] ?? [])]) {
    const found = columns.find((column) => column.name.toLowerCase() === name);
    if (found) return found;
  }
  return undefined;
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
  return [...(NAMES["lat"] ?? []), ...(NAMES["long"] ?? [])].includes(name.toLowerCase());
}

function map(columns: readonly Column[]): Plan | undefined {
  const [lat, long] = [named(columns, "lat"), named(columns, "long")];
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

function network(columns: readonly Column[]): Plan | undefined {
  const [source, target] = ["source", "target"].map((role) => columns.find(({ name }) => name === role));
  if (!source || !target) return undefined;
  const more = columns.filter(({ name }) => name === "kind" || name === "year" || name === "tie").map(({ name }) => [name, name]);
  return { source: "source", target: "target", ...Object.fromEntries(more) };
}

/** The rows of a chart. */
export function rowsFor(plan: Plan, rows: readonly Solution[], names: Names): Row[] {
  return rows.map((row) => {
    const made: Record<string, Cell> = {};
    for (const [role, column] of Object.entries(plan)) {
      const term = row[column];
      if (term) made[role] = cell(term, row[column + LABEL], names);
    }
    return made;
  });
}

function cell(term: Term, label: Term | undefined, names: Names): Cell {
  const value = valueOf(term);
  if (term.type !== "uri") return { text: value, value, ...(term["xml:lang"] ? { language: term["xml:lang"] } : {}) };
  return { text: label ? valueOf(label) : names.label(value), value, href: names.document(value) };
}
