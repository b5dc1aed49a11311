/** Which drawings the columns of a result allow, and the rows that they are drawn from. */
import { spanOf } from "../views/dates";
import type { Cell, Row } from "../views/rows";
import type { Solution, Term } from "./answer";
import type { Names } from "./page";

const LOOKED_AT = 50; // rows from which the kind of a column is told
const LABEL = "Label";
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
  readonly is: "iri" | "number" | "date" | "text";
}

/** The columns that each drawing is made from, as drawing column → column of the result. */
export type Plan = Readonly<Record<string, string>>;

/** The drawings that a result allows, each with its plan. */
export function plansFor(names: readonly string[], rows: readonly Solution[]): Map<string, Plan> {
  const labels = new Set(names.filter((name) => name.endsWith(LABEL) && names.includes(name.slice(0, -LABEL.length))));
  const columns = names.filter((name) => !labels.has(name)).map((name) => ({ name, is: kindOf(name, rows) }));
  const plans = new Map<string, Plan>();
  if (rows.length === 0) return plans;
  for (const [drawing, plan] of [
    ["chart", chart(columns)],
    ["map", map(columns)],
    ["timeline", timeline(columns)],
    ["network", network(columns)],
  ] as const) {
    if (plan) plans.set(drawing, plan);
  }
  return plans;
}

function kindOf(name: string, rows: readonly Solution[]): Column["is"] {
  const terms = rows.slice(0, LOOKED_AT).flatMap((row) => row[name] ?? []);
  const every = (test: (term: Term) => boolean): boolean => terms.length > 0 && terms.every(test);
  if (every(({ type }) => type === "uri")) return "iri";
  if (every(({ datatype }) => NUMBERS.test(datatype ?? ""))) return "number";
  if (every(({ value, datatype }) => DATES.test(datatype ?? "") && spanOf(String(value)) !== undefined)) return "date";
  return "text";
}

function named(columns: readonly Column[], role: string): Column | undefined {
  for (const name of [role, ...(NAMES[role] ?? [])]) {
    const found = columns.find((column) => column.name.toLowerCase() === name);
    if (found) return found;
  }
  return undefined;
}

/** What a row is about: a column of that name, else the first of IRIs, else the first of texts. */
function item(columns: readonly Column[], not: readonly (Column | undefined)[]): Column | undefined {
  const free = columns.filter((column) => !not.includes(column));
  return free.find(({ name }) => name === "item" || name === "label") ?? free.find(({ is }) => is === "iri") ?? free.find(({ is }) => is === "text");
}

function chart(columns: readonly Column[]): Plan | undefined {
  const value = columns.find(({ name, is }) => name === "value" && is === "number") ?? columns.find(({ name, is }) => is === "number" && !isPlace(name));
  const label = item(columns, [value]) ?? columns.find(({ is }) => is === "date");
  return value && label && { label: label.name, value: value.name };
}

function isPlace(name: string): boolean {
  return [...(NAMES["lat"] ?? []), ...(NAMES["long"] ?? [])].includes(name.toLowerCase());
}

function map(columns: readonly Column[]): Plan | undefined {
  const [lat, long] = [named(columns, "lat"), named(columns, "long")];
  const what = item(columns, [lat, long]);
  return lat && long && what && { item: what.name, lat: lat.name, long: long.name };
}

function timeline(columns: readonly Column[]): Plan | undefined {
  const dates = columns.filter(({ is }) => is === "date");
  const start = named(dates, "start") ?? dates[0];
  const end = named(dates.filter((column) => column !== start), "end");
  const what = item(columns, dates);
  return start && what && { item: what.name, start: start.name, ...(end ? { end: end.name } : {}) };
}

function network(columns: readonly Column[]): Plan | undefined {
  const [source, target] = ["source", "target"].map((role) => columns.find(({ name }) => name === role));
  if (!source || !target) return undefined;
  const more = columns.filter(({ name }) => name === "kind" || name === "year").map(({ name }) => [name, name]);
  return { source: "source", target: "target", ...Object.fromEntries(more) };
}

/** The rows of a drawing. */
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
  const value = typeof term.value === "string" ? term.value : JSON.stringify(term.value);
  if (term.type !== "uri") return { text: value, value, ...(term["xml:lang"] ? { language: term["xml:lang"] } : {}) };
  const text = typeof label?.value === "string" ? label.value : (names.term(value) ?? lastPart(names.short(value)));
  return { text, value, href: names.document(value) };
}

/** `beijing` for `<id/place/beijing>`: what is left to say where a result has no name. */
function lastPart(short: string): string {
  const parts = short.replace(/^<|>$/g, "").split(/[/#]/);
  return parts.at(-1) || short;
}
