// Runs every journey of this folder one after the other; `npm run e2e -- NAME…` runs these. With RETRY=1 a journey that
// fails is tried once more, and both tries are told: one that needs it is to be mended.
import { mkdirSync, readdirSync } from "node:fs";
import { accessibility, shots } from "./stage.mjs";

const files = readdirSync(new URL(".", import.meta.url)).filter((file) => file.endsWith(".mjs"));
const all = files.map((file) => file.replace(/\.mjs$/, "")).filter((name) => name !== "run" && name !== "stage");
const asked = process.argv.slice(2);
const tries = process.env.RETRY ? 2 : 1;
mkdirSync(shots, { recursive: true });

/** Whether it went well; what went wrong is printed. */
async function attempt(name) {
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
}

const failed = [];
for (const name of asked.length > 0 ? asked : all) {
  let well = false;
  for (let left = tries; left > 0 && !well; left -= 1) well = await attempt(name);
  if (!well) failed.push(name);
}
const { screens, lowest } = accessibility();
if (screens > 0)
  console.log(`accessibility: ${lowest.toFixed(0)} of 100 on the worst of ${screens} pictures (at least 95)`);
const count = (asked.length > 0 ? asked : all).length;
console.log(`${count - failed.length} passed, ${failed.length} failed`);
if (failed.length > 0) console.log(`failed: ${failed.join(", ")}`);
process.exitCode = failed.length === 0 && lowest >= 95 ? 0 : 1;
