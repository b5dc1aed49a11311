/** The graph of a network: its nodes and edges, and the positions of the nodes. */
import { forceCollide, forceLink, forceManyBody, forceSimulation, forceX, forceY, type SimulationNodeDatum } from "d3-force";
import type { Cell, Row } from "./rows";

const MAX_NODES = 400;
const TICKS = 300; // steps of the simulation

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
  /** How far it bends, so that several edges between two nodes lie apart; 0 is straight. */
  bend: number;
}

export interface Graph {
  readonly nodes: readonly Node[];
  readonly edges: readonly Edge[];
  /** The number of nodes left out, those with the fewest edges. */
  readonly more: number;
}

/**
 * The graph of rows with `source` and `target`, without edges from a node to itself; nodes in descending order of the
 * number of their edges, then by name.
 */
export function graphOf(rows: readonly Row[]): Graph {
  const nodes = new Map<string, Node>();
  const nodeOf = (cell: Cell): Node => {
    const known = nodes.get(cell.value);
    if (known) return known;
    const made: Node = { cell, edges: [], x: 0, y: 0 };
    nodes.set(cell.value, made);
    return made;
  };
  const edges: Edge[] = [];
  for (const row of rows) {
    if (!row["source"] || !row["target"]) continue;
    const [source, target] = [nodeOf(row["source"]), nodeOf(row["target"])];
    if (source === target) continue;
    const edge: Edge = { row, source, target, bend: 0 };
    edges.push(edge);
    source.edges.push(edge);
    target.edges.push(edge);
  }
  const sorted = [...nodes.values()].sort((a, b) => b.edges.length - a.edges.length || compare(a.cell.text, b.cell.text));
  const kept = new Set(sorted.slice(0, MAX_NODES));
  const among = edges.filter(({ source, target }) => kept.has(source) && kept.has(target));
  bend(among);
  return { nodes: [...kept], edges: among, more: nodes.size - kept.size };
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

/** Sets the positions of the nodes in a box of the given size; the result is the same for the same graph and box. */
export function layOut({ nodes, edges }: Graph, width: number, height: number, margin: number): void {
  for (const node of nodes) Object.assign(node, { x: NaN, y: NaN, vx: NaN, vy: NaN }); // d3-force then starts from a spiral
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
