// The provider against a server of a few lines that speaks the same protocol.

import * as decoding from "lib0/decoding";
import * as encoding from "lib0/encoding";
import { expect, it } from "vitest";
import * as sync from "y-protocols/sync";
import * as Y from "yjs";
import { Provider } from "./provider";

class Server {
  readonly doc = new Y.Doc();
  epoch = "e1";
  sockets: FakeSocket[] = [];
  /** Whether updates get into the database. */
  saves = true;

  open = (url: string): WebSocket => {
    const socket = new FakeSocket(this, url);
    this.sockets.push(socket);
    setTimeout(() => socket.enter(), 0);
    return socket as unknown as WebSocket;
  };

  get last(): FakeSocket {
    return this.sockets.at(-1) as FakeSocket;
  }
}

class FakeSocket {
  readyState: number = WebSocket.CONNECTING;
  binaryType = "";
  onopen?: () => void;
  onclose?: (event: { code: number }) => void;
  onmessage?: (event: { data: ArrayBuffer }) => void;
  counted = 0;

  constructor(
    readonly server: Server,
    readonly url: string,
  ) {}

  enter() {
    const epoch = new URL(this.url).searchParams.get("epoch");
    this.readyState = WebSocket.OPEN;
    this.onopen?.();
    if (epoch && epoch !== this.server.epoch) {
      this.drop(4409);
      return;
    }
    this.json(100, { epoch: this.server.epoch, role: "edit" });
    this.frame((encoder) => {
      encoding.writeVarUint(encoder, 0);
      sync.writeSyncStep1(encoder, this.server.doc);
    });
  }

  frame(write: (encoder: encoding.Encoder) => void) {
    const encoder = encoding.createEncoder();
    write(encoder);
    this.onmessage?.({ data: encoding.toUint8Array(encoder).slice().buffer as ArrayBuffer });
  }

  json(kind: number, value: unknown) {
    this.frame((encoder) => {
      encoding.writeVarUint(encoder, kind);
      encoding.writeVarUint8Array(encoder, new TextEncoder().encode(JSON.stringify(value)));
    });
  }

  saved() {
    this.frame((encoder) => {
      encoding.writeVarUint(encoder, 102);
      const number = encoding.createEncoder();
      encoding.writeVarUint(number, this.counted);
      encoding.writeVarUint8Array(encoder, encoding.toUint8Array(number));
    });
  }

  send(bytes: Uint8Array) {
    const decoder = decoding.createDecoder(bytes);
    if (decoding.readVarUint(decoder) !== 0) return;
    const kind = decoding.readVarUint(decoder);
    if (kind === 0) {
      this.frame((encoder) => {
        encoding.writeVarUint(encoder, 0);
        sync.writeSyncStep2(encoder, this.server.doc, decoding.readVarUint8Array(decoder));
      });
      return;
    }
    Y.applyUpdate(this.server.doc, decoding.readVarUint8Array(decoder));
    this.counted += 1;
    if (this.server.saves) this.saved();
  }

  drop(code = 1006) {
    this.readyState = WebSocket.CLOSED;
    this.onclose?.({ code });
  }

  close() {
    if (this.readyState !== WebSocket.CLOSED) this.drop(1000);
  }
}

const url = (epoch: string | undefined) => `ws://server/sync?${epoch ? `epoch=${epoch}` : ""}`;
const soon = () => new Promise((resolve) => setTimeout(resolve, 20));

function client(server: Server) {
  const doc = new Y.Doc();
  const provider = new Provider(doc, { url, open: server.open, delay: () => 1 });
  provider.connect();
  return { doc, provider, text: doc.getText("t") };
}

it("takes over the server's text, and knows what of its own is saved", async () => {
  const server = new Server();
  server.doc.getText("t").insert(0, "before ");
  const { provider, text } = client(server);
  await soon();
  expect(text.toString()).toBe("before ");
  expect(provider.state).toMatchObject({ link: "open", synced: true, unsaved: 0, hello: { role: "edit" } });
  server.saves = false;
  text.insert(7, "after");
  text.insert(12, "!");
  expect(provider.state.unsaved).toBe(2);
  expect(server.doc.getText("t").toString()).toBe("before after!");
  server.last.saved();
  expect(provider.state.unsaved).toBe(0);
  provider.end();
});

it("keeps what is written while nobody listens, and brings it along", async () => {
  const server = new Server();
  const { provider, text } = client(server);
  await soon();
  server.last.drop();
  server.saves = false;
  expect(provider.state.link).toBe("offline");
  text.insert(0, "away");
  expect(provider.state.unsaved).toBe(1);
  server.doc.getText("t").insert(0, "meanwhile ");
  await soon();
  expect(provider.state.link).toBe("open");
  expect(server.last.url).toContain("epoch=e1");
  expect(["awaymeanwhile ", "meanwhile away"]).toContain(server.doc.getText("t").toString());
  expect(text.toString()).toBe(server.doc.getText("t").toString());
  expect(provider.state.unsaved).toBeGreaterThan(0);
  server.last.saved();
  expect(provider.state.unsaved).toBe(0);
  provider.end();
});

it("counts what was on its way when the connection broke", async () => {
  const server = new Server();
  const { provider, text } = client(server);
  await soon();
  server.saves = false;
  text.insert(0, "x");
  server.last.drop();
  expect(provider.state.unsaved).toBe(1);
  await soon();
  expect(provider.state.unsaved).toBeGreaterThan(0);
  server.last.saved();
  expect(provider.state.unsaved).toBe(0);
  provider.end();
});

it("stops before another history or a refusal, and does not merge", async () => {
  const server = new Server();
  const { provider, text } = client(server);
  await soon();
  server.last.drop();
  text.insert(0, "mine");
  server.epoch = "e2";
  await soon();
  expect(provider.state).toMatchObject({ link: "stopped", stop: { kind: "epoch" }, unsaved: 1 });
  expect(server.doc.getText("t").toString()).toBe("");
  const count = server.sockets.length;
  await soon();
  expect(server.sockets.length).toBe(count);
  provider.end();

  const other = client(server);
  await soon();
  server.last.json(101, { code: "not_yours", detail: "outputs are the server's" });
  expect(other.provider.state.stop).toMatchObject({ kind: "refused", code: "not_yours" });
  await soon();
  expect(server.last.readyState).toBe(WebSocket.CLOSED);
  other.provider.end();
});
