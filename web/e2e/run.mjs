// Runs every journey of this folder; `npm run e2e -- NAME…` runs these. LANES of them run at a time (1 unless set), each
// with a server and a browser of its own; what one prints is told when it has ended, so the figures of two stay apart.
// With RETRY=1 a journey that fails is tried once more, after all others and alone, and both tries are told: one that
// needs it is to be mended.
import { AsyncLocalStorage } from "node:async_hooks";
import { mkdirSync, readdirSync } from "node:fs";
import { accessibility, shots } from "./stage.mjs";

const files = readdirSync(new URL(".", import.meta.url)).filter((file) => file.endsWith(".mjs"));
const all = files.map((file) => file.replace(/\.mjs$/, "")).filter((name) => name !== "run" && name !== "stage");
const asked = process.argv.slice(2);
const lanes = Number(process.env.LANES ?? 1);
mkdirSync(shots, { recursive: true });

/** Lines of the journey that is running, wherever it prints them. */
const lines = new AsyncLocalStorage();
const print = console.log;
console.log = (...words) => {
  const own = lines.getStore();
  if (own) own.push(words.join(" "));
  else print(...words);
};

/** Whether it went well; what it printed and what went wrong are told at its end. */
async function attempt(name) {
  const said = [];
  const well = await lines.run(said, async () => {
    const { title, journey } = await import(`./${name}.mjs`);
    const begin = Date.now();
    const took = () => `${((Date.now() - begin) / 1000).toFixed(1)} s`;
    try {
      const troubles = await journey();
      for (const trouble of troubles) console.log(`  ${trouble}`);
      console.log(`${troubles.length === 0 ? "ok  " : "BAD "} ${name}: ${title} (${took()})`);
      return troubles.length === 0;
    } catch (error) {
      console.log(`FAIL ${name}: ${title} (${took()})\n${error.stack}`);
      return false;
    }
  });
  print(said.join("\n"));
  return well;
}

/** One after the other from the common list, until it is empty. */
async function lane(names) {
  const failed = [];
  for (let name = names.shift(); name !== undefined; name = names.shift()) {
    if (!(await attempt(name))) failed.push(name);
  }
  return failed;
}

const names = asked.length > 0 ? asked : all;
const count = names.length;
// One that waits minutes for the server's clock needs no lane: it runs beside them from the beginning.
const waits = new Set();
for (const name of names) if ((await import(`./${name}.mjs`)).waits) waits.add(name);
const beside = lanes > 1 ? names.filter((name) => waits.has(name)) : [];
const rest = names.filter((name) => !beside.includes(name));
let failed = (
  await Promise.all([...beside.map((name) => lane([name])), ...Array.from({ length: lanes }, () => lane(rest))])
).flat();
if (process.env.RETRY) failed = await lane(failed);

const { screens, lowest } = accessibility();
if (screens > 0)
  console.log(`accessibility: ${lowest.toFixed(0)} of 100 on the worst of ${screens} pictures (at least 95)`);
console.log(`${count - failed.length} passed, ${failed.length} failed`);
if (failed.length > 0) console.log(`failed: ${failed.join(", ")}`);
process.exitCode = failed.length === 0 && lowest >= 95 ? 0 : 1;
