/** The graph behind a network: nodes, edges, and where the nodes lie; without any drawing. */
import { forceCollide, forceLink, forceManyBody, forceSimulation, forceX, forceY, type SimulationNodeDatum } from "d3-force";
import { spanOf } from "./dates";
import type { Cell, Row } from "./rows";

const MOST = 400; // nodes; the table has the rest
const TICKS = 300;

export interface Node extends SimulationNodeDatum {
  readonly cell: Cell;
  readonly edges: Edge[];
  x: number;
  y: number;
}

export interface Edge {
  readonly row: Row;
  readonly source: Node;
  readonly target: Node;
  readonly kind: Cell | undefined;
  /** The first and the last year of it; undefined where it has none. */
  readonly years: readonly [number, number] | undefined;
  /** How far it bends, so that several between two nodes can be told apart. */
  bend: number;
}

export interface Graph {
  readonly nodes: readonly Node[];
  readonly edges: readonly Edge[];
  /** Nodes that are left out because there are too many. */
  readonly more: number;
}

/** The graph of rows with `source` and `target`: nodes with many edges come first, then by name. */
export function graphOf(rows: readonly Row[]): Graph {
  const all = new Map<string, Node>();
  const nodeOf = (cell: Cell): Node => {
    const known = all.get(cell.value);
    if (known) return known;
    const made: Node = { cell, edges: [], x: 0, y: 0 };
    all.set(cell.value, made);
    return made;
  };
  const edges: Edge[] = [];
  for (const row of rows) {
    if (!row["source"] || !row["target"]) continue;
    const [source, target] = [nodeOf(row["source"]), nodeOf(row["target"])];
    if (source === target) continue;
    const edge: Edge = { row, source, target, kind: row["kind"], years: yearsOf(row["year"]), bend: 0 };
    edges.push(edge);
    source.edges.push(edge);
    target.edges.push(edge);
  }
  const nodes = [...all.values()].sort((a, b) => b.edges.length - a.edges.length || compare(a.cell.text, b.cell.text));
  const kept = new Set(nodes.slice(0, MOST));
  const among = edges.filter(({ source, target }) => kept.has(source) && kept.has(target));
  bend(among);
  return { nodes: [...kept], edges: among, more: nodes.length - kept.size };
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function yearsOf(cell: Cell | undefined): readonly [number, number] | undefined {
  const span = cell && spanOf(cell.value);
  if (!span || !Number.isFinite(span.from) || !Number.isFinite(span.to)) return undefined;
  return [new Date(span.from).getUTCFullYear(), new Date(span.to - 1).getUTCFullYear()];
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
    for (const several of between.values()) {
      several.forEach((edge, index) => {
        const side = edge.source === several[0]?.source ? 1 : -1;
        edge.bend = side * (index - (several.length - 1) / 2);
      });
    }
  }
}

/** Lays the nodes out in a box of the given size, the same way each time. */
export function layOut({ nodes, edges }: Graph, width: number, height: number, margin: number): void {
  for (const node of nodes) Object.assign(node, { x: NaN, y: NaN, vx: NaN, vy: NaN }); // the simulation begins with a spiral
  const simulation = forceSimulation<Node>([...nodes])
    .force("link", forceLink<Node, { source: Node; target: Node }>(edges.map(({ source, target }) => ({ source, target }))).distance(70))
    .force("charge", forceManyBody().strength(-220).distanceMax(500))
    .force("collide", forceCollide(24))
    .force("x", forceX(0).strength(0.06))
    .force("y", forceY(0).strength((0.06 * width) / height))
    .stop();
  simulation.tick(TICKS);
  const stretch = (axis: "x" | "y", length: number): void => {
    const values = nodes.map((node) => node[axis]);
    const [low, high] = [Math.min(...values), Math.max(...values)];
    const scale = Math.min((length - 2 * margin) / (high - low || 1), 2.5);
    for (const node of nodes) node[axis] = length / 2 + (node[axis] - (low + high) / 2) * scale;
  };
  stretch("x", width);
  stretch("y", height);
}
