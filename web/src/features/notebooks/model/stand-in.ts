// For tests: a server of a few lines that speaks the protocol of documents, and keeps one.

import * as decoding from "lib0/decoding";
import * as encoding from "lib0/encoding";
import * as sync from "y-protocols/sync";
import * as Y from "yjs";

export class Server {
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

export class FakeSocket {
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
