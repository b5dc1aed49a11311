/**
 * The graph of a network: nodes, and edges between them. A tie between more than two is a node of its own with an edge
 * to each of them, instead of one between each two.
 */
import type { Cell, Row } from "./rows";

const MAX_NODES = 400;
const PAIR = 2; // a tie between more nodes than these is a node itself

export interface Node {
  readonly cell: Cell;
  /** Whether it is a tie between the nodes that its edges lead to. */
  readonly isTie: boolean;
  readonly edges: Edge[];
  x: number;
  y: number;
}

export interface Edge {
  /** The rows that it stands for; more than one only where it leads to a tie. */
  readonly rows: readonly [Row, ...Row[]];
  readonly source: Node;
  readonly target: Node;
  /** How far it bends, so that several edges between two nodes lie apart; 0 is straight. */
  bend: number;
}

export interface Graph {
  /** In descending order of the number of their edges, then by name. */
  readonly nodes: readonly Node[];
  readonly edges: readonly Edge[];
  /** The number of nodes left out, those with the fewest edges. */
  readonly more: number;
}

/** A row with both ends, which are not the same. */
type Link = Row & { readonly source: Cell; readonly target: Cell };

/** What the same node or edge is recognised by in the graph of other rows. */
export function keyOf({ cell, isTie }: Node): string {
  return `${isTie ? "tie" : "end"} ${cell.value}`;
}

/** The graph of rows with `source` and `target`, without edges from a node to itself. */
export function graphOf(rows: readonly Row[]): Graph {
  const nodes = new Map<string, Node>();
  const edges: Edge[] = [];
  const nodeOf = (cell: Cell, isTie = false): Node => {
    const made: Node = { cell, isTie, edges: [], x: NaN, y: NaN };
    const known = nodes.get(keyOf(made)) ?? made;
    nodes.set(keyOf(made), known);
    return known;
  };
  const connect = (source: Node, target: Node, between: readonly [Row, ...Row[]]): void => {
    const edge: Edge = { rows: between, source, target, bend: 0 };
    edges.push(edge);
    source.edges.push(edge);
    target.edges.push(edge);
  };
  const links = rows.filter((row): row is Link => row["source"] !== undefined && row["target"] !== undefined && row["source"].value !== row["target"].value);
  for (const [tie, together] of byTie(links)) {
    const ends = endsOf(together);
    if (tie && ends.size > PAIR) for (const [cell, [first, ...more]] of ends.values()) connect(nodeOf(tie, true), nodeOf(cell), [first, ...more]);
    else for (const row of together) connect(nodeOf(row.source), nodeOf(row.target), [row]);
  }
  const sorted = [...nodes.values()].sort((a, b) => b.edges.length - a.edges.length || compare(a.cell.text, b.cell.text));
  const kept = new Set(sorted.slice(0, MAX_NODES));
  const among = edges.filter(({ source, target }) => kept.has(source) && kept.has(target));
  bend(among);
  return { nodes: [...kept], edges: among, more: nodes.size - kept.size };
}

/** The links by their tie, in the order of the first of each; those without a tie each alone. */
function byTie(links: readonly Link[]): [tie: Cell | undefined, together: Link[]][] {
  const found = new Map<string, [Cell | undefined, Link[]]>();
  links.forEach((link, index) => {
    const tie = link["tie"];
    const key = tie ? `tie ${tie.value}` : `row ${index}`;
    const known = found.get(key);
    if (known) known[1].push(link);
    else found.set(key, [tie, [link]]);
  });
  return [...found.values()];
}

/** Each end of the links with those that have it. */
function endsOf(links: readonly Link[]): Map<string, [Cell, [Row, ...Row[]]]> {
  const ends = new Map<string, [Cell, [Row, ...Row[]]]>();
  for (const link of links) {
    for (const cell of [link.source, link.target]) {
      const known = ends.get(cell.value);
      if (known) known[1].push(link);
      else ends.set(cell.value, [cell, [link]]);
    }
  }
  return ends;
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function bend(edges: readonly Edge[]): void {
  const pairs = new Map<Node, Map<Node, Edge[]>>();
  for (const edge of edges) {
    const from = pairs.get(edge.target)?.has(edge.source) ? edge.target : edge.source;
    const to = from === edge.source ? edge.target : edge.source;
    const between = pairs.get(from) ?? new Map<Node, Edge[]>();
    pairs.set(from, between.set(to, [...(between.get(to) ?? []), edge]));
  }
  for (const between of pairs.values()) {
    for (const parallel of between.values()) {
      parallel.forEach((edge, index) => {
        const side = edge.source === parallel[0]?.source ? 1 : -1;
        edge.bend = side * (index - (parallel.length - 1) / 2);
      });
    }
  }
}
