// One open notebook: its document, the connection, the channel to the kernel, and what happens when the server turns the
// document down: the person's own texts are put aside, they are told, and the document is loaded anew.

import * as Y from "yjs";
import { address, onReached, reached } from "@/shared/api/client";
import { Comms } from "./comms";
import { cellOf, cellsOf, orderOf, STRUCTURE, textOf } from "./document";
import { forget, keep, kept } from "./keep";
import { Provider, type Stop } from "./provider";
import { DocumentStore } from "./store";
import { Widgets } from "./widgets";

/** Texts of cells as they were here when the document was turned down. */
export interface LostEdits {
  at: number;
  why: string;
  cells: readonly { id: string; text: string }[];
}

export interface Peer {
  client: number;
  id: string;
  name: string;
  /** Which of the colours of people, 0 to 7. */
  colour: number;
  cell: string | undefined;
  view: string | undefined;
}

const KEEP_AFTER = 400;
const socketUrl = (path: string) => address(path).replace(/^http/, "ws");

export class NotebookSession {
  doc!: Y.Doc;
  store!: DocumentStore;
  provider!: Provider;
  /** Takes back cells that were made, moved and deleted; each editor has one for its text. */
  undo!: Y.UndoManager;
  readonly comms: Comms;
  readonly widgets: Widgets;
  /** Counts documents: whatever holds on to one is made anew. */
  turn = 0;
  lost: LostEdits | undefined;
  peers: readonly Peer[] = [];
  #watchers = new Set<() => void>();
  #touched = new Set<string>();
  #timer: ReturnType<typeof setTimeout> | undefined;
  #again: ReturnType<typeof setTimeout> | undefined;
  #resets = 0;

  constructor(
    readonly id: string,
    readonly user: { id: string; name: string },
    readonly allowed: { edit: boolean; run: boolean; comment: boolean },
    readonly url: (epoch: string | undefined) => string = (epoch) =>
      socketUrl(`/api/notebooks/${id}/sync?castalia=1${epoch ? `&epoch=${encodeURIComponent(epoch)}` : ""}`),
    comms: Comms = new Comms(socketUrl(`/api/notebooks/${id}/comms`)),
  ) {
    this.comms = comms;
    this.widgets = new Widgets(comms);
    this.#load();
    this.#deaf = onReached(() => {
      if (this.provider.state.link !== "offline") return;
      this.provider.connect();
      this.comms.connect();
    });
  }

  #deaf: () => void;

  watch = (watcher: () => void): (() => void) => {
    this.#watchers.add(watcher);
    return () => this.#watchers.delete(watcher);
  };

  /** Connects; edits that were left on this computer by an earlier page come along. */
  async start(): Promise<void> {
    const turn = this.turn;
    const left = await kept(this.#key);
    if (turn !== this.turn || this.#closed) return;
    if (left) {
      this.#written = true;
      this.#earlier = true;
      this.#load(left.epoch);
      Y.applyUpdate(this.doc, left.update, "kept");
    }
    this.provider.connect();
    this.comms.connect();
  }

  #closed = false;
  /** There are edits of an earlier page that the server may not have. */
  #earlier = false;

  close(): void {
    this.#closed = true;
    // What was just typed is not lost with the page.
    this.#write();
    clearTimeout(this.#timer);
    clearTimeout(this.#again);
    this.#deaf();
    this.#unload();
    this.comms.end();
    this.#watchers.clear();
  }

  /** Connects anew with the same document, after the person has signed in again. */
  again(): void {
    const { epoch } = this.provider;
    const update = Y.encodeStateAsUpdate(this.doc);
    this.#load(epoch);
    Y.applyUpdate(this.doc, update, "kept");
    this.provider.connect();
    this.comms.connect();
    this.#tell();
  }

  dismissLost = (): void => {
    this.lost = undefined;
    this.#tell();
  };

  /** What this person may do: the connection knows best, until then the notebook's view. */
  get may(): { edit: boolean; run: boolean; comment: boolean } {
    const { hello } = this.provider.state;
    if (!hello) return this.allowed;
    const { role } = hello;
    return { edit: role === "edit", run: role === "edit" || role === "run", comment: role !== "view" };
  }

  /** Waits until all edits are in the database, or this long (milliseconds). */
  saved(limit: number): Promise<void> {
    return new Promise((resolve) => {
      const done = () => {
        clearTimeout(timer);
        leave();
        resolve();
      };
      const timer = setTimeout(done, limit);
      const leave = this.provider.watch(() => this.provider.state.unsaved === 0 && done());
      if (this.provider.state.unsaved === 0) done();
    });
  }

  /** Says where this person is. */
  present(field: string, value: unknown): void {
    this.provider.awareness.setLocalStateField(field, value);
  }

  get #key() {
    return `${this.id} ${this.user.id}`;
  }

  #load(epoch?: string) {
    if (this.turn > 0) this.#unload();
    this.turn += 1;
    const doc = new Y.Doc();
    this.doc = doc;
    this.store = new DocumentStore(doc);
    this.provider = new Provider(doc, { url: this.url, epoch });
    this.undo = new Y.UndoManager([cellsOf(doc), doc.getMap("cell")], {
      trackedOrigins: new Set([STRUCTURE]),
      captureTimeout: 0,
    });
    this.provider.awareness.setLocalStateField("user", { ...this.user, color: "", colorLight: "" });
    this.provider.awareness.on("change", this.#onPeers);
    this.provider.watch(this.#onState);
    doc.on("afterTransaction", this.#onTransaction);
  }

  #unload() {
    this.doc.off("afterTransaction", this.#onTransaction);
    this.provider.end();
    this.store.close();
    this.undo.destroy();
    this.doc.destroy();
  }

  #onPeers = () => {
    const peers: Peer[] = [];
    for (const [client, state] of this.provider.awareness.getStates()) {
      if (client === this.doc.clientID) continue;
      const user = (state.user ?? {}) as { id?: string; name?: string };
      peers.push({
        client,
        id: String(user.id ?? client),
        name: String(user.name || "Somebody"),
        colour: colourOf(String(user.id ?? client)),
        cell: typeof state.cell === "string" ? state.cell : undefined,
        view: typeof state.view === "string" ? state.view : undefined,
      });
    }
    const before = this.peers;
    this.peers = peers;
    if (JSON.stringify(before) !== JSON.stringify(peers)) this.#tell();
  };

  #onTransaction = (transaction: Y.Transaction) => {
    if (!transaction.local || transaction.origin === this.provider) return;
    for (const type of transaction.changed.keys()) {
      const parent = (type as { parent?: unknown }).parent;
      const id = parent instanceof Y.Map ? parent.get("id") : undefined;
      if (typeof id === "string") this.#touched.add(id);
    }
  };

  #link: string | undefined;

  #onState = () => {
    const { state } = this.provider;
    const { link } = state;
    const before = this.#link;
    this.#link = link;
    if (link === "open" && before !== "open") reached();
    if (state.unsaved === 0 && state.link === "open" && state.synced) {
      this.#touched.clear();
      this.#earlier = false;
      this.#resets = 0;
      clearTimeout(this.#timer);
      this.#timer = undefined;
      if (this.#written) void forget(this.#key);
      this.#written = false;
    } else if (state.unsaved > 0) this.#timer ??= setTimeout(this.#write, KEEP_AFTER);
    if (state.stop) this.#stopped(state.stop);
    this.#tell();
  };

  #written = false;

  #write = () => {
    this.#timer = undefined;
    const { epoch, state } = this.provider;
    if (!epoch || state.unsaved === 0) return;
    this.#written = true;
    void keep(this.#key, { epoch, update: Y.encodeStateAsUpdate(this.doc), at: Date.now() });
  };

  #stopped(stop: Stop) {
    if (stop.kind !== "epoch" && stop.kind !== "refused") return;
    const why =
      stop.kind === "refused"
        ? stop.detail || "The server did not take your last change."
        : "The notebook was replaced on the server while you were away.";
    // Edits of an earlier page are not known one by one: all texts are kept then.
    const ids = this.#earlier ? orderOf(this.doc) : [...this.#touched];
    const all = ids.map((id) => ({ id, text: textOf(cellOf(this.doc, id)) })).filter(({ text }) => text !== "");
    if (stop.kind === "refused" || all.length > 0) this.lost = { at: Date.now(), why, cells: all };
    this.#touched.clear();
    this.#earlier = false;
    void forget(this.#key);
    this.#resets += 1;
    // One that is turned down again and again waits a little longer each time.
    this.#again = setTimeout(
      () => {
        this.#load();
        this.provider.connect();
        this.#tell();
      },
      Math.min(10_000, 50 * 3 ** (this.#resets - 1)),
    );
  }

  #tell() {
    for (const watcher of [...this.#watchers]) watcher();
  }
}

/** The same person has the same colour on every screen. */
export function colourOf(user: string): number {
  // FNV-1a; its high bits are the mixed ones.
  let hash = 0x811c9dc5;
  for (const letter of user) hash = Math.imul(hash ^ (letter.codePointAt(0) ?? 0), 0x01000193);
  return (hash >>> 16) % 8;
}
