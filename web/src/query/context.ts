/** What a query says of the resource at the cursor: its classes, or how it is reached. */
import { isType, readPatterns, type Group, type Pattern, type Step } from "./patterns";

export type { Step };

const DEEPEST = 5; // variables that lead to each other

/** A resource: one that is named, a member of each of some classes, or what a path leads to from another one. */
export type Origin =
  | { readonly resource: string }
  | { readonly classes: readonly string[] }
  | { readonly from: Origin | undefined; readonly steps: readonly Step[] };

/** What is expected at the cursor. origin: what has the property, or the value; undefined where nothing is said of it. */
export type Expected =
  | { readonly what: "property"; readonly origin: Origin | undefined; readonly inverse: boolean }
  | { readonly what: "class" | "subject" | "other" }
  | { readonly what: "value"; readonly origin: Origin | undefined; readonly property: Step | undefined };

export function expectedAt(before: string, after: string, prefixes: Readonly<Record<string, string>>, base: string): Expected {
  const { patterns, place } = readPatterns(before, after, prefixes, base);
  if (!place || place.position === "other") return { what: "other" };
  const { steps } = place;
  if (place.position === "subject") return { what: "subject" };
  if (place.position === "object" && isType(steps)) return { what: "class" };
  const known = new Query(patterns, place.group);
  if (place.position === "property") {
    const origin = known.origin(place.subject);
    const reached = steps === undefined ? undefined : steps.length > 0 ? { from: origin, steps } : origin;
    return { what: "property", origin: reached, inverse: place.inverse };
  }
  const origin = known.origin(place.subject);
  const [first, property] = [steps?.slice(0, -1) ?? [], steps?.at(-1)];
  return { what: "value", origin: first.length > 0 ? { from: origin, steps: first } : origin, property };
}

class Query {
  constructor(
    private readonly patterns: readonly Pattern[],
    private readonly group: Group,
  ) {}

  /** What is said of a node, by the patterns around the cursor, else by others that hold there. */
  origin(node: string, depth = DEEPEST): Origin | undefined {
    if (node.startsWith("<")) return { resource: node.slice(1, -1) };
    if (node === "" || depth === 0) return undefined;
    const visible = this.patterns.filter(({ group }) => holdsAt(group, this.group));
    const around = new Set(ancestors(this.group));
    for (const near of [visible.filter(({ group }) => around.has(group)), visible]) {
      const classes = near.flatMap(({ subject, steps, object }) => (subject === node && isType(steps) && object.startsWith("<") ? [object.slice(1, -1)] : []));
      if (classes.length > 0) return { classes: [...new Set(classes)] };
    }
    for (const { subject, steps, object } of visible) {
      if (object === node && subject !== node && steps && !isType(steps)) return { from: this.origin(subject, depth - 1), steps };
    }
    for (const { subject, steps } of visible) {
      const first = steps?.[0];
      if (subject === node && first && !isType(steps)) return { from: undefined, steps: [{ iri: first.iri, inverse: !first.inverse }] };
    }
    return undefined;
  }
}

/** A group and those around it, from within. */
function ancestors(innermost: Group): Group[] {
  const found: Group[] = [];
  for (let group: Group | undefined = innermost; group; group = group.parent) found.push(group);
  return found;
}

/** Whether what is said in a group holds at another one. */
function holdsAt(group: Group, place: Group): boolean {
  const around = new Set(ancestors(place));
  const own = ancestors(group).filter((of) => !around.has(of));
  if (own.some(({ kind }) => kind === "negative")) return false;
  const outermost = own.at(-1);
  return !(outermost?.kind === "union" && [...around].some(({ kind, parent }) => kind === "union" && parent === outermost.parent));
}
