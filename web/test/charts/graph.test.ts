import assert from "node:assert/strict";
import { test } from "node:test";
import { graphOf, layOut } from "../../src/charts/graph";
import type { Row } from "../../src/charts/rows";

const row = (source: string, target: string): Row => ({ source: { text: source, value: source }, target: { text: target, value: target } });

test("nodes with many edges come first, then by name", () => {
  const { nodes, edges } = graphOf([row("b", "c"), row("a", "c"), row("c", "c")]);
  assert.deepEqual(nodes.map(({ cell }) => cell.value), ["c", "a", "b"]);
  assert.equal(edges.length, 2); // an edge to itself cannot be drawn
});

test("edges between the same two nodes bend apart, whichever way they run", () => {
  const { edges } = graphOf([row("a", "b"), row("b", "a"), row("a", "b"), row("a", "c")]);
  const seen = edges.map(({ source, bend }) => (source.cell.value === "a" ? bend : -bend));
  assert.deepEqual(seen, [-1, 0, 1, 0].map((bend) => bend + 0));
});

test("the layout is the same each time, and within its box", () => {
  const rows = Array.from({ length: 40 }, (_, index) => row(`n${index % 13}`, `n${(index * 7 + 1) % 17}`));
  const places = [1, 2].map(() => {
    const graph = graphOf(rows);
    layOut(graph, 800, 500, 30);
    return graph.nodes.map(({ x, y }) => [x, y]);
  });
  assert.deepEqual(places[0], places[1]);
  for (const [x = NaN, y = NaN] of places[0] ?? []) assert.ok(x >= 29 && x <= 771 && y >= 29 && y <= 471, `${x}, ${y}`);
});

test("of too many nodes those with the fewest edges are left out", () => {
  const rows = Array.from({ length: 500 }, (_, index) => row("hub", `leaf ${index}`));
  const { nodes, edges, more } = graphOf(rows);
  assert.deepEqual([nodes.length, edges.length, more], [400, 399, 101]);
});
