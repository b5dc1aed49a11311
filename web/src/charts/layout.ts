/** The positions of the nodes of a graph, found in short turns between which the page answers its reader. */
import { forceCollide, forceLink, forceManyBody, forceSimulation, forceX, forceY, type SimulationNodeDatum } from "d3-force";
import type { Graph, Node } from "./graph";

const TICKS = 300; // steps of the simulation
const TURN = 8; // milliseconds of it at a time
const MOST_STRETCHED = 2.5;

export type Positions = ReadonlyMap<Node, readonly [x: number, y: number]>;

interface Body extends SimulationNodeDatum {
  readonly node: Node;
  x: number;
  y: number;
}

/**
 * Positions of the nodes in a box, near those that they have. The same for the same graph, positions and box;
 * undefined as soon as `signal` is aborted.
 */
export async function layOut({ nodes, edges }: Graph, width: number, height: number, margin: readonly [x: number, y: number], signal?: AbortSignal): Promise<Positions | undefined> {
  const bodies = nodes.map((node): Body => ({ node, x: node.x - width / 2, y: node.y - height / 2 })); // NaN: d3-force places it
  const indexes = new Map(nodes.map((node, index) => [node, index]));
  const links = edges.map(({ source, target }) => ({ source: indexes.get(source) ?? 0, target: indexes.get(target) ?? 0 }));
  const simulation = forceSimulation<Body>(bodies)
    .force("link", forceLink<Body, (typeof links)[number]>(links).distance(70))
    .force("charge", forceManyBody().strength(-260).distanceMax(500))
    .force("collide", forceCollide<Body>(({ node }) => (node.isTie ? 16 : 26)))
    .force("x", forceX(0).strength(0.06))
    .force("y", forceY(0).strength((0.06 * width) / height))
    .stop();
  let began = performance.now();
  for (let tick = 0; tick < TICKS; tick += 1) {
    simulation.tick();
    if (performance.now() - began < TURN) continue;
    await new Promise((resolve) => setTimeout(resolve));
    if (signal?.aborted) return undefined;
    began = performance.now();
  }
  stretch(bodies, "x", width, margin[0]);
  stretch(bodies, "y", height, margin[1]);
  return new Map(bodies.map(({ node, x, y }) => [node, [x, y]]));
}

function stretch(bodies: readonly Body[], axis: "x" | "y", length: number, margin: number): void {
  const values = bodies.map((body) => body[axis]);
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const scale = Math.min((length - 2 * margin) / (high - low || 1), MOST_STRETCHED);
  for (const body of bodies) body[axis] = length / 2 + (body[axis] - (low + high) / 2) * scale;
}
