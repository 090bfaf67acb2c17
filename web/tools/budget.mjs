// Prints what each part of the build weighs and fails when one is beyond its budget.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { brotliCompressSync, gunzipSync, gzipSync } from "node:zlib";

const dist = new URL("../dist/", import.meta.url);
const files = readdirSync(dist, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile() && !entry.name.endsWith(".br"))
  .map((entry) => `${entry.parentPath}/${entry.name}`.replace(/\.gz$/, ""));
// A build that is packed has each file as .gz and .br alone.
const read = (file) => (existsSync(file) ? readFileSync(file) : gunzipSync(readFileSync(`${file}.gz`)));
const gzipped = (file) => gzipSync(read(file), { level: 9 }).length;

/** A chunk and all that it loads at once, transitively. */
function closure(name, seen = new Set()) {
  const file = files.find((candidate) => candidate.endsWith(name));
  if (!file || seen.has(file)) return seen;
  seen.add(file);
  for (const [, next] of read(file)
    .toString()
    .matchAll(/(?:from|import)\s*"\.\/([^"]+\.js)"/g))
    closure(next, seen);
  return seen;
}

const find = (start) =>
  files.map((file) => file.split("/").at(-1)).find((name) => name.startsWith(start) && name.endsWith(".js"));
const entry = /src="\.\/assets\/([^"]+)"/.exec(read(new URL("index.html", dist)).toString())[1];
const sum = (set) => [...set].reduce((total, file) => total + gzipped(file), 0);

const signIn = closure(entry);
const shell = closure(find("workbench-"), new Set(signIn));
const without = (files, known) => [...files].filter((file) => !known.has(file));
// Menus and tooltips come with the first part that has any; the others find them there.
const menus = new Set(["menu-parts-", "popover-", "tooltip-"].flatMap((start) => without(closure(find(start)), shell)));
/** What a lazy part adds to the shell and the menus. */
const part = (start) => sum(without(without(closure(find(start)), shell), menus));
/** What the panel of data adds besides what the plots load as well. */
const plots = new Set(closure(find("line-plot-") ?? find("plot-view-")));
const dataOwn = sum(without(without(without(closure(find("data-panel-")), shell), menus), plots));
/** What the editor of cells adds to an open notebook. */
const notebook = new Set(closure(find("notebook-view-"), new Set(shell)));
const editorOwn = sum(without(closure(find("cell-editor-")), notebook));

const rows = [
  ["sign-in page, JavaScript", sum(signIn), 90_000],
  ["shell, JavaScript (with sign-in)", sum(shell), 200_000],
  ["with the workbench, before a panel", sum(closure(find("bench-page-"), new Set(shell))), 200_000],
  ["styles", sum(files.filter((file) => /index-.*\.css$/.test(file))), 30_000],
  ["menus", sum(menus), 45_000],
  ["log", part("log-view-"), 25_000],
  ["flow", part("flow-view-"), 90_000],
  ["form", part("schema-form-"), 130_000],
  ["Plotly", gzipped(files.find((file) => /\/canvas-[^/]+\.js$/.test(file))), 480_000],
  ["data panel", dataOwn, 45_000],
  ["Markdown", part("render-markdown-"), 60_000],
  ["notebook (with its panel)", part("notebook-view-"), 90_000],
  ["editor of cells", editorOwn, 160_000],
  ["formulas", part("formulas-"), 70_000],
  ["plot panel", part("plot-view-"), 40_000],
  ["MapLibre", gzipped(files.find((file) => /\/map-canvas-[^/]+\.js$/.test(file))), 300_000],
  ["map panel", part("map-panel-"), 75_000],
  ["workspaces", part("screens-"), 30_000],
  ["map worker (coordinates)", gzipped(files.find((file) => /\/work\.worker-[^/]+\.js$/.test(file))), 60_000],
];
let beyond = 0;
const line = (name, size, limit, unit) => {
  const bad = size > limit;
  beyond += bad ? 1 : 0;
  console.log(
    `${name.padEnd(36)} ${(size / 1000).toFixed(1).padStart(8)} of ${limit / 1000} kB ${unit}${bad ? "  BEYOND" : ""}`,
  );
};
for (const [name, size, limit] of rows) line(name, size, limit, "gzipped");
const all = files.reduce((total, file) => total + brotliCompressSync(read(file)).length, 0);
line("everything", all, 3_000_000, "brotli");
process.exitCode = beyond === 0 ? 0 : 1;
