// One writes, fifty read: Castalia beside @y/websocket-server, in turns, on this machine.
//   node fanout.mjs CASTALIA_PROGRAM [ROUNDS]
// A delivery is one edit at one reader, however many came in one frame. Latencies are from the writer's edit to the
// reader's socket. CPU and memory are those of the server's process.
import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { Worker } from "node:worker_threads";
import * as encoding from "lib0/encoding";
import { WebSocket } from "ws";
import { castalia, freePort, sleep, until } from "./servers.mjs";

const READERS = 50;
const BURST = 2000;
const RATE = 100;
const SECONDS = 5;
const program = process.argv[2] ?? "target/release/castalia";
const rounds = Number(process.argv[3] ?? 3);

const usage = (pid) => {
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1].split(" ");
  const status = readFileSync(`/proc/${pid}/status`, "utf8");
  return { cpu: (Number(stat[11]) + Number(stat[12])) / 100, mb: Number(/VmRSS:\s+(\d+)/.exec(status)[1]) / 1024 };
};

async function nodeServer() {
  const port = await freePort();
  const child = spawn(process.execPath, ["node_modules/@y/websocket-server/src/server.js"], {
    cwd: new URL(".", import.meta.url).pathname,
    env: { ...process.env, HOST: "127.0.0.1", PORT: String(port) },
    stdio: "ignore",
  });
  await until(async () => (await fetch(`http://127.0.0.1:${port}/`).catch(() => null))?.ok);
  return { pid: child.pid, room: async () => ({ address: `ws://127.0.0.1:${port}/room${Math.random()}`, headers: {} }), stop: () => child.kill() };
}

async function measure(server) {
  const { address, headers } = await server.room();
  const idle = usage(server.pid);
  const zero = performance.timeOrigin + performance.now();
  const worker = new Worker(new URL("writer.mjs", import.meta.url), { workerData: { address, headers, zero } });
  await new Promise((done) => worker.once("message", done));
  const hello = encoding.createEncoder();
  encoding.writeVarUint(hello, 0);
  encoding.writeVarUint(hello, 0);
  encoding.writeVarUint8Array(hello, new Uint8Array([0]));
  let marker = Buffer.from("<end0>");
  let arrived = 0;
  let latencies = null;
  const readers = [];
  for (let n = 0; n < READERS; n += 1) {
    const socket = new WebSocket(address, { headers });
    await new Promise((done, failed) => socket.on("open", done).on("error", failed));
    socket.send(encoding.toUint8Array(hello));
    socket.on("message", (data) => {
      if (latencies) {
        const now = (performance.timeOrigin + performance.now() - zero) * 100;
        for (const [time] of data.toString("latin1").matchAll(/\d{8}/g)) latencies.push((now - Number(time)) / 100);
      }
      if (data.includes(marker)) arrived += 1;
    });
    readers.push(socket);
  }
  await sleep(300);
  const phase = async (options, end, times = null) => {
    marker = Buffer.from(end);
    arrived = 0;
    latencies = times;
    const before = usage(server.pid);
    const begun = performance.now();
    worker.postMessage({ ...options, end });
    await until(() => arrived === READERS, 120_000);
    const seconds = (performance.now() - begun) / 1000;
    latencies = null;
    const after = usage(server.pid);
    return { seconds, cpu: after.cpu - before.cpu, mb: after.mb };
  };
  await phase({ edits: 200 }, "<warm>");
  const burst = await phase({ edits: BURST }, "<burst>");
  const times = [];
  const paced = await phase({ edits: RATE * SECONDS, perSecond: RATE }, "<paced>", times);
  times.sort((a, b) => a - b);
  const at = (share) => times[Math.min(times.length - 1, Math.floor(times.length * share))];
  readers.forEach((socket) => socket.terminate());
  await worker.terminate();
  return {
    "deliveries/s": Math.round((BURST * READERS) / burst.seconds),
    "burst CPU s": burst.cpu,
    "idle MB": Math.round(idle.mb),
    "after MB": Math.round(burst.mb),
    "grown MB": Math.round(burst.mb - idle.mb),
    [`p50 ms at ${RATE}/s`]: at(0.5),
    "p99 ms": at(0.99),
    "paced CPU s": paced.cpu,
    delivered: times.length,
  };
}

const rows = [];
for (let round = 0; round < rounds; round += 1) {
  for (const [name, make] of [["@y/websocket-server", nodeServer], ["castalia", () => castalia(program)]]) {
    const server = await make();
    try {
      rows.push({ server: name, round, ...(await measure(server)) });
    } finally {
      await server.stop();
    }
  }
}
console.table(rows.map((row) => Object.fromEntries(Object.entries(row).map(([k, v]) => [k, typeof v === "number" ? Math.round(v * 100) / 100 : v]))));
const median = (name, key) => {
  const all = rows.filter((row) => row.server === name).map((row) => row[key]).sort((a, b) => a - b);
  return all[Math.floor(all.length / 2)];
};
const ratio = (key) => (median("castalia", key) / median("@y/websocket-server", key)).toFixed(2);
for (const key of ["deliveries/s", "burst CPU s", "grown MB", "after MB", `p50 ms at ${RATE}/s`, "p99 ms", "paced CPU s"]) {
  console.log(`castalia / node, ${key}: ${ratio(key)}`);
}
process.exit(0);
