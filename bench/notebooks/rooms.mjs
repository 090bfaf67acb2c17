// A thousand open rooms that nobody writes in: what one costs, and what is left when all have gone.
//   node rooms.mjs CASTALIA_PROGRAM [ROOMS]
import { readFileSync } from "node:fs";
import * as encoding from "lib0/encoding";
import { WebSocket } from "ws";
import { castalia, sleep } from "./servers.mjs";

const program = process.argv[2] ?? "target/release/castalia";
const rooms = Number(process.argv[3] ?? 1000);
const server = await castalia(program, ["--notebook-idle-s", "2"]);
const rss = () => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${server.pid}/status`, "utf8"))[1]);
const ids = [];
for (let n = 0; n < rooms; n += 1) ids.push(await server.notebook());
const hello = encoding.createEncoder();
encoding.writeVarUint(hello, 0);
encoding.writeVarUint(hello, 0);
encoding.writeVarUint8Array(hello, new Uint8Array([0]));
const step1 = encoding.toUint8Array(hello);
const open = async (list) => {
  const sockets = [];
  for (const id of list) {
    const { address, headers } = server.at(id);
    const socket = new WebSocket(address, { headers });
    await new Promise((done, failed) => socket.on("open", done).on("error", failed));
    socket.send(step1);
    sockets.push(socket);
  }
  return sockets;
};
const leave = async (sockets) => {
  await Promise.all(sockets.map((socket) => new Promise((done) => socket.on("close", done).close())));
};
// What is made once is made before it is measured.
await leave(await open(ids.slice(0, 50)));
await sleep(6000);
const before = rss();
for (const round of ["first", "second"]) {
  const sockets = await open(ids);
  await sleep(1000);
  const at = rss();
  await leave(sockets);
  await sleep(12_000);
  const after = rss();
  // What an allocator keeps after the first time it uses again: the second time shows whether something stays for good.
  console.log(`${round} time, ${rooms} rooms open, a connection each: ${((at - before) / rooms).toFixed(1)} kB each; ` +
    `${before} kB before, ${at} kB with all open, ${after} kB after they were let go`);
}
await server.stop();
process.exit(0);
