// Writes src/shared/api/schema.d.ts from the server's OpenAPI description.
//
//   npm run generate                 asks the built server (../target/debug/castalia, or $CASTALIA)
//   npm run generate -- FILE.json    reads a file
//   … --check                        writes nothing, and fails when the committed file is another
//
// The generator needs TypeScript 5's compiler API, so it lives in tools/ with a package.json of its own;
// it is installed there on first use.
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const check = process.argv.includes("--check");
const file = process.argv.slice(2).find((argument) => argument !== "--check");
const server = process.env.CASTALIA ?? here("../../target/debug/castalia");
const text = file
  ? readFileSync(file, "utf8")
  : execFileSync(server, ["openapi"], { encoding: "utf8", maxBuffer: 1 << 26 });

if (!existsSync(here("node_modules/openapi-typescript"))) {
  execFileSync("npm", ["ci", "--no-audit", "--no-fund"], { cwd: here("."), stdio: "inherit" });
}
const { default: openapiTS, astToString } = await import("openapi-typescript");
const types = astToString(await openapiTS(JSON.parse(text), { defaultNonNullable: false }));
const head = "// Made by `npm run generate` from the server's OpenAPI description; don't edit.\n\n";
const target = here("../src/shared/api/schema.d.ts");
if (!check) {
  writeFileSync(target, head + types);
  console.log(`wrote ${target}`);
} else if (readFileSync(target, "utf8") !== head + types) {
  console.error(
    "the typed client is not what the OpenAPI description says; run `npm run generate -- ../docs/openapi.json`",
  );
  process.exitCode = 1;
}
