// Runs the scenarios that are named, all of scenarios/ unless told: `node run.mjs NAME…`. The server and its tokens are
// in CASTALIA_URL, CASTALIA_TOKEN and CASTALIA_VIEWER.
import { readdirSync } from "node:fs";

const folder = new URL("scenarios/", import.meta.url);
const all = {};
for (const file of readdirSync(folder).filter((name) => name.endsWith(".mjs")).sort()) {
  Object.assign(all, await import(new URL(file, folder)));
}
const wanted = process.argv.slice(2);
let failed = 0;
for (const name of wanted.length > 0 ? wanted : Object.keys(all)) {
  process.env.CASTALIA_SCENARIO = name;
  const begun = Date.now();
  try {
    if (!all[name]) throw new Error("there is no such scenario");
    await all[name]();
    console.log(`ok ${name} (${Date.now() - begun} ms)`);
  } catch (error) {
    failed += 1;
    console.log(`FAILED ${name}: ${error.stack}`);
  }
}
process.exit(failed > 0 ? 1 : 0);
