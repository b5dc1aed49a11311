// Bundles src/ into server/static/built. The names of the files contain a hash of their content; manifest.json, which is
// written last, maps the names of the entry points to them.
import { createHash } from "node:crypto";
import { mkdir, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const HERE = fileURLToPath(new URL(".", import.meta.url));
const OUT = join(HERE, "..", "server", "static", "built");
const ENTRIES = { theme: "src/theme.ts", pages: "src/pages.ts", editor: "src/editor.ts" };
const MANIFEST = "manifest.json";

await mkdir(OUT, { recursive: true });
const { metafile } = await build({
  absWorkingDir: HERE,
  entryPoints: ENTRIES,
  outdir: OUT,
  entryNames: "[name]-[hash]",
  chunkNames: "part-[hash]",
  assetNames: "[name]-[hash]",
  bundle: true,
  splitting: true,
  format: "esm",
  target: "es2022",
  minify: true,
  legalComments: "linked",
  metafile: true,
  logLevel: "warning",
});

const manifest = {};
for (const [path, output] of Object.entries(metafile.outputs)) {
  const entry = Object.keys(ENTRIES).find((name) => ENTRIES[name] === output.entryPoint);
  if (!entry) continue;
  manifest[`${entry}.js`] = basename(path);
  if (output.cssBundle) manifest[`${entry}.css`] = basename(output.cssBundle);
}
const licences = await licencesOfPackages();
const licencesName = `licences-${createHash("sha256").update(licences).digest("hex").slice(0, 8).toUpperCase()}.txt`;
await writeFile(join(OUT, licencesName), licences);
manifest["licences.txt"] = licencesName;
await writeFile(join(OUT, MANIFEST), `${JSON.stringify(manifest, null, 2)}\n`);

// a running server still serves the files of the build before; a later build removes them
const HOUR = 3_600_000;
const current = new Set([MANIFEST, licencesName, ...Object.keys(metafile.outputs).map((path) => basename(path))]);
for (const name of await readdir(OUT)) {
  if (current.has(name)) continue;
  const { mtimeMs } = await stat(join(OUT, name));
  if (Date.now() - mtimeMs > HOUR) await rm(join(OUT, name));
}

/** The licence texts of all bundled packages, which have to accompany the bundles. */
async function licencesOfPackages() {
  const { packages } = JSON.parse(await readFile(join(HERE, "package-lock.json"), "utf8"));
  const texts = [];
  for (const [path, { version, license, dev }] of Object.entries(packages)) {
    if (!path || dev) continue;
    const file = (await readdir(join(HERE, path))).find((name) => /^licen[cs]e/i.test(name));
    const text = file ? await readFile(join(HERE, path, file), "utf8") : `${license}\n`;
    texts.push(`${path.replace(/^.*node_modules\//, "")} ${version}, ${license}\n\n${text.trim()}\n`);
  }
  return texts.join(`\n${"-".repeat(80)}\n\n`);
}
