// Runs the journeys one after the other; `npm run e2e -- NAME` runs one.
import { mkdirSync } from "node:fs";
import { shots } from "./stage.mjs";

const names =
  process.argv.length > 2
    ? process.argv.slice(2)
    : ["first-five-minutes", "by-keyboard", "set-up", "interruptions", "flow"];
mkdirSync(shots, { recursive: true });

let bad = 0;
for (const name of names) {
  const { title, journey } = await import(`./${name}.mjs`);
  const begin = Date.now();
  try {
    const troubles = await journey();
    for (const trouble of troubles) console.log(`  ${trouble}`);
    bad += troubles.length;
    console.log(`${troubles.length === 0 ? "ok  " : "BAD "} ${title} (${((Date.now() - begin) / 1000).toFixed(1)} s)`);
  } catch (error) {
    bad += 1;
    console.log(`FAIL ${title}\n${error.stack}`);
  }
}
process.exitCode = bad === 0 ? 0 : 1;
