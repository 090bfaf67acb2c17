// What running costs: a hundred small cells beside nbclient, and fifty megabytes printed by one cell.
//   node kernels.mjs CASTALIA_PROGRAM ENVIRONMENT_OF_KERNELS [ROUNDS]
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as decoding from "lib0/decoding";
import * as encoding from "lib0/encoding";
import { WebSocket } from "ws";
import { castalia, sleep, until } from "./servers.mjs";

const [program = "target/release/castalia", kernels = "target/test-kernels", rounds = 3] = process.argv.slice(2);
const CELLS = 100;
const MB = 50;
const folder = mkdtempSync(join(tmpdir(), "castalia-bench-"));
const file = (sources) => ({
  nbformat: 4,
  nbformat_minor: 5,
  metadata: { kernelspec: { name: "python3", display_name: "Python 3", language: "python" } },
  cells: sources.map((source, at) => ({
    id: `c${at}`,
    cell_type: "code",
    metadata: {},
    execution_count: null,
    outputs: [],
    source,
  })),
});
const small = file(Array(CELLS + 1).fill("x=1"));
const path = join(folder, "small.ipynb");
writeFileSync(path, JSON.stringify(small));

const server = await castalia(program, ["--kernel-path", kernels]);
const rss = () => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${server.pid}/status`, "utf8"))[1]) / 1024;
const make = async (name, content) => (await server.post("/api/notebooks", { project: "bench", name, content })).id;
const cells = async (id) => (await (await server.ask(`/api/notebooks/${id}/cells`)).json()).items;
const ended = async (id, patience) => {
  let now;
  await until(async () => {
    now = await cells(id);
    return now.every(({ run }) => run?.ended_at);
  }, patience);
  return now;
};

const ms = [];
const peer = [];
const own = [];
for (let round = 0; round < Number(rounds); round += 1) {
  const id = await make(`small-${round}.ipynb`, small);
  await server.post(`/api/notebooks/${id}/runs`, { what: "all" });
  await sleep(3000);
  const [, ...ran] = await ended(id, 60_000);
  ms.push((new Date(ran.at(-1).run.ended_at) - new Date(ran[0].run.started_at)) / ran.length);
  await server.post(`/api/notebooks/${id}/kernel/shutdown`, {});
  const python = join(kernels, "bin/python");
  const said = execFileSync(python, [new URL("nbclient_cells.py", import.meta.url).pathname, path], {
    stdio: ["ignore", "pipe", "ignore"],
  });
  const { whole, own: kernel } = JSON.parse(said);
  peer.push(whole);
  own.push(kernel);
}
const list = (values) => values.map((value) => value.toFixed(2)).join("; ");
console.log(`${CELLS} times x=1, ms for each: Castalia ${list(ms)}, nbclient ${list(peer)} (the kernel's own ${list(own)})`);

/** Bytes of the whole document, as a client that has nothing gets it. */
const documentBytes = (id) =>
  new Promise((done, failed) => {
    const { address, headers } = server.at(id);
    const socket = new WebSocket(address, { headers });
    socket.binaryType = "arraybuffer";
    socket.on("error", failed);
    socket.on("open", () => {
      const hello = encoding.createEncoder();
      encoding.writeVarUint(hello, 0);
      encoding.writeVarUint(hello, 0);
      encoding.writeVarUint8Array(hello, new Uint8Array([0]));
      socket.send(encoding.toUint8Array(hello));
    });
    socket.on("message", (data) => {
      const from = decoding.createDecoder(new Uint8Array(data));
      if (decoding.readVarUint(from) !== 0 || decoding.readVarUint(from) !== 1) return;
      done(decoding.readVarUint8Array(from).length);
      socket.close();
    });
  });

const shapes = {
  "one write": `import sys\n_ = sys.stdout.write("x" * ${MB}_000_000)`,
  lines: `for n in range(${MB * 20_000}): print("y" * 49)`,
};
for (const [name, source] of Object.entries(shapes)) {
  const id = await make(`${name}.ipynb`, file(["x=1", source]));
  await server.post(`/api/notebooks/${id}/runs`, { what: "cell", cell: "c0" });
  await until(async () => (await cells(id))[0].run?.ended_at, 60_000);
  const [bytes, memory] = [await documentBytes(id), rss()];
  let most = memory;
  const begun = Date.now();
  await server.post(`/api/notebooks/${id}/runs`, { what: "cell", cell: "c1" });
  await until(async () => {
    most = Math.max(most, rss());
    return (await cells(id))[1].run?.ended_at;
  }, 300_000);
  const took = (Date.now() - begun) / 1000;
  const [output] = (await cells(id))[1].outputs;
  const stored = await server.ask(`/api/notebooks/${id}/outputs/${output.stored.text.id}`);
  const got = (await stored.arrayBuffer()).byteLength;
  console.log(
    `${MB} MB of stdout, ${name}: ${took.toFixed(1)} s, document +${((await documentBytes(id)) - bytes) / 1000} kB, ` +
      `server +${(most - memory).toFixed(0)} MB at most, ${(got / 1e6).toFixed(1)} MB downloaded`,
  );
  await server.post(`/api/notebooks/${id}/kernel/shutdown`, {});
}
await server.stop();
rmSync(folder, { recursive: true });
process.exit(0);
