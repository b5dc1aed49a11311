import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { test } from "node:test";

const SRC = "src";
const IMPORT = /\b(?:from|import)\s*\(?\s*"(\.[^"]*)"/g;

const modules = readdirSync(SRC, { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".ts") && !name.endsWith(".d.ts"));
const imports = new Map(modules.map((name) => [name, importsOf(name)]));

/** The modules of web/src that a module imports: types and dynamic imports count too. */
function importsOf(name: string): string[] {
  const source = readFileSync(join(SRC, name), "utf8").replace(/\/\*[^]*?\*\/|\/\/.*/g, "");
  const paths = [...source.matchAll(IMPORT)].map(([, path = ""]) => `${relative(SRC, join(SRC, dirname(name), path))}.ts`);
  return [...new Set(paths)].filter((path) => modules.includes(path));
}

/** The modules that a module reaches by its imports, each with a shortest path to it. */
function pathsFrom(start: string): Map<string, string[]> {
  const found = new Map<string, string[]>();
  const queue: string[][] = [[start]];
  for (let path = queue.shift(); path; path = queue.shift()) {
    for (const next of imports.get(path.at(-1) ?? "") ?? []) {
      if (found.has(next)) continue;
      found.set(next, [...path, next]);
      queue.push([...path, next]);
    }
  }
  return found;
}

test("the imports of the modules are read", () => {
  assert.ok(modules.length >= 20);
  assert.ok([...imports.values()].flat().length >= 40);
});

for (const name of modules) {
  test(`${name} is in no circle of imports`, () => assert.equal(pathsFrom(name).get(name)?.join(" → "), undefined));
}
