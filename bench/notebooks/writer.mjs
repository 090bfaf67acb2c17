// The one who writes: connects, makes a cell, and types when it is told to (messages of the parent).
import { parentPort, workerData } from "node:worker_threads";
import * as decoding from "lib0/decoding";
import * as encoding from "lib0/encoding";
import { WebSocket } from "ws";
import * as Y from "yjs";

const { address, headers } = workerData;
const socket = new WebSocket(address, { headers });
socket.binaryType = "arraybuffer";
const doc = new Y.Doc();
const say = (step, body) => {
  const encoder = encoding.createEncoder();
  encoding.writeVarUint(encoder, 0);
  encoding.writeVarUint(encoder, step);
  encoding.writeVarUint8Array(encoder, body);
  socket.send(encoding.toUint8Array(encoder));
};
let synced;
const ready = new Promise((done) => (synced = done));
socket.on("open", () => say(0, Y.encodeStateVector(doc)));
socket.on("message", (data) => {
  const decoder = decoding.createDecoder(new Uint8Array(data));
  if (decoding.readVarUint(decoder) !== 0) return;
  const step = decoding.readVarUint(decoder);
  const body = decoding.readVarUint8Array(decoder);
  if (step === 0) return say(1, Y.encodeStateAsUpdate(doc, body));
  Y.applyUpdate(doc, body, "server");
  if (step === 1) synced();
});
await ready;
doc.on("update", (update, origin) => origin !== "server" && say(2, update));
const text = new Y.Text();
doc.transact(() => {
  const cell = new Y.Map();
  cell.set("id", "c1");
  cell.set("type", "code");
  cell.set("metadata", new Y.Map());
  cell.set("source", text);
  doc.getMap("cell").set("c1", cell);
  doc.getArray("cells").push(["c1"]);
});
const pad = (n) => String(n).padStart(8, "0");
const zero = Number(workerData.zero);
parentPort.on("message", async ({ edits, perSecond, end }) => {
  const begun = performance.now();
  for (let n = 0; n < edits; n += 1) {
    if (perSecond) {
      const wait = begun + (n * 1000) / perSecond - performance.now();
      if (wait > 0) await new Promise((done) => setTimeout(done, wait));
    }
    // Eight characters: when it was written, in tens of microseconds.
    text.insert(text.length, perSecond ? pad(Math.round((performance.timeOrigin + performance.now() - zero) * 100) % 1e8) : "abcdefgh");
    if (!perSecond && n % 50 === 49) await new Promise((done) => setImmediate(done));
  }
  text.insert(text.length, end);
});
parentPort.postMessage("ready");
