// Runs the scenarios that are named, all of scenarios/ unless told: `node run.mjs NAME…`. The server and its tokens are
// in CASTALIA_URL, CASTALIA_TOKEN and CASTALIA_VIEWER. Those of driven/ are told over stdin what was done to the server
// (killed, started again), and run only when they are named.
import { readdirSync } from "node:fs";

async function load(name) {
  const folder = new URL(name, import.meta.url);
  const all = {};
  for (const file of readdirSync(folder).filter((file) => file.endsWith(".mjs")).sort()) {
    Object.assign(all, await import(new URL(file, folder)));
  }
  return all;
}
const usual = await load("scenarios/");
const all = { ...(await load("driven/")), ...usual };
const wanted = process.argv.slice(2);
let failed = 0;
for (const name of wanted.length > 0 ? wanted : Object.keys(usual)) {
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
