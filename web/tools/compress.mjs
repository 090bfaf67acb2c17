// Replaces the files of the build by their brotli and gzip forms: the server embeds these and never packs anything
// itself. The page stays as it is, since the server fills in its prefix.
import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";

const dist = new URL("../dist/", import.meta.url).pathname;
const names = readdirSync(dist, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile() && /\.(js|mjs|css|svg|json)$/.test(entry.name))
  .map((entry) => `${entry.parentPath}/${entry.name}`);
for (const name of names) {
  const bytes = readFileSync(name);
  writeFileSync(`${name}.gz`, gzipSync(bytes, { level: 9 }));
  const size = { [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length };
  writeFileSync(`${name}.br`, brotliCompressSync(bytes, { params: size }));
  rmSync(name);
}
