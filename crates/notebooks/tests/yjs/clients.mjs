// Clients of a notebook: stock yjs and y-websocket, and a raw one that can say anything.
import assert from "node:assert/strict";
import { createRequire } from "node:module";
import * as decoding from "lib0/decoding";
import * as encoding from "lib0/encoding";
import { WebSocket } from "ws";
import { WebsocketProvider } from "y-websocket";
import * as Y from "yjs";

export { assert, decoding, encoding, Y };
export const require = createRequire(import.meta.url);

export const url = process.env.CASTALIA_URL;
/** Another server over the same database, where there is one. */
export const other = process.env.CASTALIA_OTHER;
export const tokens = { demo: process.env.CASTALIA_TOKEN, viewer: process.env.CASTALIA_VIEWER };
const PATIENCE = 20_000;

export async function call(method, path, body, token = tokens.demo) {
  const answer = await fetch(`${url}${path}`, {
    method,
    headers: { authorization: `Bearer ${token}`, ...(body && { "content-type": "application/json" }) },
    body: body && JSON.stringify(body),
  });
  const text = await answer.text();
  return { status: answer.status, body: text ? JSON.parse(text) : null };
}

let made = 0;
export async function notebook(options = {}) {
  const name = `${process.env.CASTALIA_SCENARIO ?? "x"}-${process.pid}-${made++}`;
  const { status, body } = await call("POST", "/api/notebooks", { project: "demo", name, ...options });
  assert.equal(status, 201, JSON.stringify(body));
  return body;
}

export async function until(what, condition, patience = PATIENCE) {
  const begun = Date.now();
  for (;;) {
    const value = await condition();
    if (value) return value;
    if (Date.now() - begun > patience) throw new Error(`it did not happen: ${what}`);
    await new Promise((done) => setTimeout(done, 10));
  }
}

export const sleep = (ms) => new Promise((done) => setTimeout(done, ms));

const polyfill = (token, sockets) =>
  class extends WebSocket {
    constructor(address, protocols) {
      super(address, protocols, { headers: { authorization: `Bearer ${token}` }, maxPayload: 256 << 20 });
      this.binaryType = "arraybuffer";
      sockets?.push(this);
    }
  };

/** A stock client; `castalia: "1"` in the parameters changes nothing of what it does. */
export function client(id, { token = tokens.demo, params = {}, doc = new Y.Doc(), connect = true, at = url } = {}) {
  const sockets = [];
  const provider = new WebsocketProvider(`${at.replace("http", "ws")}/api/notebooks/${id}`, "sync", doc, {
    WebSocketPolyfill: polyfill(token, sockets),
    params,
    connect,
    disableBc: true,
  });
  const closes = [];
  provider.on("connection-close", (event) => event && closes.push(event.code));
  return {
    doc,
    provider,
    sockets,
    closes,
    awareness: provider.awareness,
    synced: () => until("a client is synced", () => provider.synced),
    leave: () => provider.destroy(),
    json: () => documentOf(doc),
  };
}

/** The whole document as JSON, by the layout of notebooks. */
export function documentOf(doc) {
  const json = { cells: doc.getArray("cells").toJSON(), run_queue: doc.getArray("run_queue").toJSON() };
  for (const root of ["cell", "np_graph", "pc_graph", "meta", "kernel", "file"]) json[root] = doc.getMap(root).toJSON();
  return json;
}

export const same = (what, a, b) => until(what, () => sameNow(a, b)).catch(() => assert.deepEqual(a.json(), b.json(), what));
const sameNow = (a, b) => {
  try {
    assert.deepEqual(a.json(), b.json());
    return true;
  } catch {
    return false;
  }
};

/** Adds a cell as a person does. */
export function addCell(doc, id, source = "", type = "code") {
  doc.transact(() => {
    const cell = new Y.Map();
    const text = new Y.Text();
    text.insert(0, source);
    cell.set("id", id);
    cell.set("type", type);
    cell.set("source", text);
    cell.set("metadata", new Y.Map());
    for (const key of ["top", "left", "width", "height", "collapsed"]) cell.set(key, null);
    doc.getMap("cell").set(id, cell);
    doc.getArray("cells").push([id]);
  });
}
export const source = (doc, id) => doc.getMap("cell").get(id).get("source");

/** A client that speaks the protocol by hand. */
export async function raw(id, { token = tokens.demo, query = "castalia=1", at = url } = {}) {
  const socket = new (polyfill(token))(`${at.replace("http", "ws")}/api/notebooks/${id}/sync?${query}`);
  const seen = { frames: [], hello: null, refused: [], saved: 0, close: null, updates: [], stateVector: null };
  socket.on("message", (data) => {
    const bytes = new Uint8Array(data);
    const decoder = decoding.createDecoder(bytes);
    const kind = decoding.readVarUint(decoder);
    seen.frames.push(kind);
    const json = () => JSON.parse(new TextDecoder().decode(decoding.readVarUint8Array(decoder)));
    if (kind === 0) {
      const step = decoding.readVarUint(decoder);
      const body = decoding.readVarUint8Array(decoder);
      if (step === 0) seen.stateVector = body;
      else seen.updates.push({ step, body });
    } else if (kind === 100) seen.hello = json();
    else if (kind === 101) seen.refused.push(json());
    else if (kind === 102) {
      const inner = decoding.createDecoder(decoding.readVarUint8Array(decoder));
      seen.saved = decoding.readVarUint(inner);
    }
  });
  socket.on("close", (code, reason) => (seen.close = { code, reason: reason.toString() }));
  socket.on("error", () => {});
  await until("a socket opens", () => socket.readyState !== 0);
  const say = (...parts) => {
    const encoder = encoding.createEncoder();
    for (const part of parts) {
      if (typeof part === "number") encoding.writeVarUint(encoder, part);
      else encoding.writeVarUint8Array(encoder, part);
    }
    socket.send(encoding.toUint8Array(encoder));
  };
  return {
    socket,
    seen,
    say,
    step1: (doc = new Y.Doc()) => say(0, 0, Y.encodeStateVector(doc)),
    update: (bytes) => say(0, 2, bytes),
    step2: (bytes) => say(0, 1, bytes),
    synced: async (doc) => {
      say(0, 0, Y.encodeStateVector(doc));
      await until("step 2 comes", () => seen.updates.some((u) => u.step === 1));
      for (const { body } of seen.updates.splice(0)) Y.applyUpdate(doc, body);
    },
    closed: () => until("the socket is closed", () => seen.close),
  };
}

let lines = null;
const heard = [];
/** Says to the one who drives that something is so, and waits for what was then done. */
export async function driven(say) {
  if (!lines) {
    const { createInterface } = await import("node:readline");
    lines = createInterface({ input: process.stdin });
    lines.on("line", (line) => heard.push(line));
  }
  console.log(`== ${say}`);
  return until(`an answer to “${say}”`, () => heard.shift(), 120_000);
}

/** A document of the notebook as it is now, without a connection that stays. */
export async function fetched(id, options) {
  const doc = new Y.Doc();
  const one = await raw(id, options);
  await one.synced(doc);
  one.socket.close();
  return doc;
}
