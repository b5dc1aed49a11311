import assert from "node:assert/strict";
import { test } from "node:test";
import { graphOf } from "../../src/charts/graph";
import { layOut } from "../../src/charts/layout";
import type { Row } from "../../src/charts/rows";

const row = (source: string, target: string, tie?: string): Row => ({
  source: { text: source, value: source },
  target: { text: target, value: target },
  ...(tie ? { tie: { text: tie, value: tie } } : {}),
});

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

test("a tie between more than two is a node with an edge to each of them; one between two is an edge", () => {
  const { nodes, edges } = graphOf([row("a", "b", "t"), row("b", "c", "t"), row("a", "c", "t"), row("a", "b", "u"), row("c", "d")]);
  assert.deepEqual(nodes.filter(({ isTie }) => isTie).map(({ cell, edges }) => [cell.value, edges.length]), [["t", 3]]);
  assert.deepEqual(edges.map(({ rows }) => rows.length), [2, 2, 2, 1, 1]); // those of the tie that each stands for
});

test("a tie with the IRI of a node is another node", () => {
  const { nodes } = graphOf([row("a", "b", "a"), row("b", "c", "a")]);
  assert.equal(nodes.length, 4);
});

test("of 120 pairs that one tie makes of 16 are drawn 16 edges", () => {
  const ends = Array.from({ length: 16 }, (_, index) => `n${index}`);
  const pairs = ends.flatMap((one, index) => ends.slice(index + 1).map((other) => row(one, other, "t")));
  assert.deepEqual([pairs.length, graphOf(pairs).edges.length], [120, 16]);
});

test("the layout is the same each time, and within its box", async () => {
  const rows = Array.from({ length: 40 }, (_, index) => row(`n${index % 13}`, `n${(index * 7 + 1) % 17}`));
  const places = await Promise.all(
    [1, 2].map(async () => {
      const graph = graphOf(rows);
      const found = await layOut(graph, 800, 500, [30, 30]);
      return graph.nodes.map((node) => found?.get(node) ?? []);
    }),
  );
  assert.deepEqual(places[0], places[1]);
  for (const [x = NaN, y = NaN] of places[0] ?? []) assert.ok(x >= 29 && x <= 771 && y >= 29 && y <= 471, `${x}, ${y}`);
});

test("of too many nodes those with the fewest edges are left out", () => {
  const rows = Array.from({ length: 500 }, (_, index) => row("hub", `leaf ${index}`));
  const { nodes, edges, more } = graphOf(rows);
  assert.deepEqual([nodes.length, edges.length, more], [400, 399, 101]);
});

test("a layout that nobody waits for any more ends, and lets others have their turn meanwhile", async () => {
  const rows = Array.from({ length: 3000 }, (_, index) => row(`n${index % 399}`, `n${(index * 7 + 1) % 397}`));
  const abort = new AbortController();
  const found = layOut(graphOf(rows), 800, 500, [30, 30], abort.signal);
  setTimeout(() => abort.abort());
  assert.equal(await found, undefined);
});
