// One notebook's document over one WebSocket: y-websocket's protocol, and what our server says besides. It connects
// again by itself; what is edited in the meantime goes along with the next handshake. When the server turns the
// document down (another history, an update that was refused, no right to see it) it stops and says why: only the
// owner of the document can decide what becomes of it.

import * as decoding from "lib0/decoding";
import * as encoding from "lib0/encoding";
import { Awareness, applyAwarenessUpdate, encodeAwarenessUpdate, removeAwarenessStates } from "y-protocols/awareness";
import * as sync from "y-protocols/sync";
import type * as Y from "yjs";

const SYNC = 0;
const AWARENESS = 1;
const QUERY_AWARENESS = 3;
const HELLO = 100;
const REFUSED = 101;
const SAVED = 102;

export type Role = "view" | "comment" | "run" | "edit";

export interface Hello {
  epoch: string;
  role: Role;
  client?: number;
}

/** Why it does not go on by itself. */
export type Stop =
  | { kind: "signed-out" | "forbidden" | "deleted" | "epoch" | "too-big" }
  | { kind: "refused"; code: string; detail: string };

export interface SyncState {
  /** `connecting` before the first time, `offline` whenever it was lost. */
  link: "connecting" | "open" | "offline" | "stopped";
  /** The server's state has been taken over at least once. */
  synced: boolean;
  /** Edits that are not in the server's database, as far as is known. */
  unsaved: number;
  hello: Hello | undefined;
  stop: Stop | undefined;
}

interface Options {
  /** Of the socket, for an epoch. */
  url: (epoch: string | undefined) => string;
  /** The history that the document already belongs to. */
  epoch?: string | undefined;
  /** For tests. */
  open?: (url: string) => WebSocket;
  delay?: (attempt: number) => number;
}

const stops: Record<number, Exclude<Stop["kind"], "refused">> = {
  4401: "signed-out",
  4403: "forbidden",
  4404: "deleted",
  4409: "epoch",
  4413: "too-big",
};

const backoff = (attempt: number) => Math.min(5000, 200 * 2 ** attempt) * (0.75 + Math.random() / 2);

/** Without a word for this long the connection counts as dead. */
const SILENCE = 45_000;
const CHECK = 15_000;

export class Provider {
  readonly awareness: Awareness;
  state: SyncState = { link: "connecting", synced: false, unsaved: 0, hello: undefined, stop: undefined };
  #socket: WebSocket | undefined;
  #watchers = new Set<() => void>();
  #retry: ReturnType<typeof setTimeout> | undefined;
  #check: ReturnType<typeof setInterval> | undefined;
  #attempt = 0;
  #heard = 0;
  /** Updates sent over this connection, and how many of them are in the database. */
  #sent = 0;
  #saved = 0;
  /** Edits made while nothing could be sent; they go with the handshake. */
  #kept = 0;
  /** Our answer to the server's question holds edits that were kept. */
  #carried = 0;
  #epoch: string | undefined;
  #ended = false;
  readonly #options: Required<Omit<Options, "epoch">>;

  constructor(
    readonly doc: Y.Doc,
    { url, epoch, open = (address) => new WebSocket(address), delay = backoff }: Options,
  ) {
    this.#options = { url, open, delay };
    this.#epoch = epoch;
    this.awareness = new Awareness(doc);
    doc.on("update", this.#onUpdate);
    this.awareness.on("update", this.#onAwareness);
    globalThis.addEventListener?.("online", this.#online);
    globalThis.addEventListener?.("offline", this.#offline);
  }

  /** The history that the document belongs to. */
  get epoch(): string | undefined {
    return this.#epoch;
  }

  watch = (watcher: () => void): (() => void) => {
    this.#watchers.add(watcher);
    return () => this.#watchers.delete(watcher);
  };

  connect = (): void => {
    clearTimeout(this.#retry);
    if (this.#ended || this.state.stop || (this.#socket && this.#socket.readyState <= WebSocket.OPEN)) return;
    const socket = this.#options.open(this.#options.url(this.#epoch));
    socket.binaryType = "arraybuffer";
    this.#socket = socket;
    socket.onopen = () => socket === this.#socket && this.#opened();
    socket.onmessage = ({ data }) => socket === this.#socket && this.#read(new Uint8Array(data as ArrayBuffer));
    socket.onclose = ({ code }) => socket === this.#socket && this.#closed(code);
  };

  /** Leaves for good. */
  end(): void {
    this.#ended = true;
    clearTimeout(this.#retry);
    clearInterval(this.#check);
    this.doc.off("update", this.#onUpdate);
    removeAwarenessStates(this.awareness, [this.doc.clientID], "left");
    this.awareness.off("update", this.#onAwareness);
    this.awareness.destroy();
    globalThis.removeEventListener?.("online", this.#online);
    globalThis.removeEventListener?.("offline", this.#offline);
    this.#socket?.close();
    this.#socket = undefined;
    this.#watchers.clear();
  }

  #online = () => {
    this.#attempt = 0;
    this.connect();
  };

  /** The browser knows sooner than the socket. */
  #offline = () => this.#drop();

  #drop() {
    const dead = this.#socket;
    if (!dead) return;
    this.#closed(1006);
    dead.onmessage = null;
    dead.close();
  }

  #opened() {
    this.#attempt = 0;
    this.#heard = Date.now();
    this.#sent = 0;
    this.#saved = 0;
    this.#carried = 0;
    clearInterval(this.#check);
    this.#check = setInterval(() => {
      if (Date.now() - this.#heard > SILENCE) this.#drop();
      // Asks for a word.
      else if (Date.now() - this.#heard > CHECK)
        this.#send((encoder) => encoding.writeVarUint(encoder, QUERY_AWARENESS));
    }, CHECK);
    this.#become({ link: "open" });
    this.#send((encoder) => {
      encoding.writeVarUint(encoder, SYNC);
      sync.writeSyncStep1(encoder, this.doc);
    });
    if (this.awareness.getLocalState() !== null) this.#sendAwareness([this.doc.clientID]);
  }

  #closed(code: number) {
    clearInterval(this.#check);
    this.#socket = undefined;
    // What was on its way may not have arrived; the next handshake compares.
    this.#kept += this.#sent - this.#saved;
    this.#sent = 0;
    this.#saved = 0;
    const others = [...this.awareness.getStates().keys()].filter((client) => client !== this.doc.clientID);
    removeAwarenessStates(this.awareness, others, "offline");
    const kind = stops[code];
    if (kind) this.#become({ link: "stopped", stop: { kind } });
    if (this.state.stop) return;
    this.#attempt += 1;
    this.#become({ link: this.state.synced ? "offline" : this.#attempt > 1 ? "offline" : "connecting" });
    this.#retry = setTimeout(this.connect, this.#options.delay(this.#attempt));
  }

  #read(bytes: Uint8Array) {
    this.#heard = Date.now();
    const decoder = decoding.createDecoder(bytes);
    const kind = decoding.readVarUint(decoder);
    switch (kind) {
      case SYNC:
        this.#readSync(decoder);
        break;
      case AWARENESS:
        applyAwarenessUpdate(this.awareness, decoding.readVarUint8Array(decoder), this);
        break;
      case QUERY_AWARENESS:
        this.#sendAwareness([...this.awareness.getStates().keys()]);
        break;
      case HELLO: {
        const hello = JSON.parse(new TextDecoder().decode(decoding.readVarUint8Array(decoder))) as Hello;
        this.#epoch = String(hello.epoch);
        this.#become({ hello });
        break;
      }
      case REFUSED: {
        const said = JSON.parse(new TextDecoder().decode(decoding.readVarUint8Array(decoder)));
        this.#become({ link: "stopped", stop: { kind: "refused", code: said.code ?? "", detail: said.detail ?? "" } });
        this.#socket?.close();
        break;
      }
      case SAVED: {
        this.#saved = decoding.readVarUint(decoding.createDecoder(decoding.readVarUint8Array(decoder)));
        // What was kept went with our answer, which counts as one.
        if (this.#carried > 0 && this.#saved >= this.#carried) {
          this.#kept = 0;
          this.#carried = 0;
        }
        this.#become({});
        break;
      }
    }
  }

  #readSync(decoder: decoding.Decoder) {
    const kind = decoding.readVarUint(decoder);
    if (kind === sync.messageYjsSyncStep1) {
      const encoder = encoding.createEncoder();
      encoding.writeVarUint(encoder, SYNC);
      sync.readSyncStep1(decoder, encoder, this.doc);
      this.#socket?.send(encoding.toUint8Array(encoder) as Uint8Array<ArrayBuffer>);
      // The server counts it like any update.
      this.#sent += 1;
      if (this.#kept > 0) this.#carried = this.#sent;
      this.#become({});
      return;
    }
    sync.readUpdate(decoder, this.doc, this);
    if (kind === sync.messageYjsSyncStep2 && !this.state.synced) this.#become({ synced: true });
  }

  #onUpdate = (update: Uint8Array, origin: unknown) => {
    if (origin === this) return;
    const sent = this.#send((encoder) => {
      encoding.writeVarUint(encoder, SYNC);
      sync.writeUpdate(encoder, update);
    });
    if (sent) this.#sent += 1;
    else this.#kept += 1;
    this.#become({});
  };

  #onAwareness = ({ added, updated, removed }: Record<string, number[]>, origin: unknown) => {
    if (origin === this || origin === "offline") return;
    const changed = [...(added ?? []), ...(updated ?? []), ...(removed ?? [])].filter(
      (client) => client === this.doc.clientID,
    );
    if (changed.length > 0) this.#sendAwareness(changed);
  };

  #sendAwareness(clients: number[]) {
    this.#send((encoder) => {
      encoding.writeVarUint(encoder, AWARENESS);
      encoding.writeVarUint8Array(encoder, encodeAwarenessUpdate(this.awareness, clients));
    });
  }

  #send(write: (encoder: encoding.Encoder) => void): boolean {
    if (this.#socket?.readyState !== WebSocket.OPEN) return false;
    const encoder = encoding.createEncoder();
    write(encoder);
    this.#socket.send(encoding.toUint8Array(encoder) as Uint8Array<ArrayBuffer>);
    return true;
  }

  #become(change: Partial<SyncState>) {
    const next = { ...this.state, ...change, unsaved: this.#kept + Math.max(0, this.#sent - this.#saved) };
    const same = (Object.keys(next) as (keyof SyncState)[]).every((key) => next[key] === this.state[key]);
    if (same) return;
    this.state = next;
    for (const watcher of this.#watchers) watcher();
  }
}
