// The document as React wants it: small snapshots that change only when what they show has changed. A cell is told
// about its own changes alone, so that a thousand cells cost nothing while one is typed in.

import { useCallback, useSyncExternalStore } from "react";
import type * as Y from "yjs";
import {
  cellOf,
  cellsOf,
  childrenOf,
  fileOf,
  type KernelState,
  kernelOf,
  languageOf,
  mapsOf,
  nextOf,
  orderOf,
  type YCell,
} from "./document";

type Topic = "order" | "kernel" | "file" | "graph" | "queue" | `cell ${string}` | `outputs ${string}`;

/** Which parts of the document changed, gathered per transaction. */
export class DocumentStore {
  #watchers = new Map<Topic, Set<() => void>>();
  #versions = new Map<Topic, number>();
  #cache = new Map<string, { version: number; value: unknown }>();

  constructor(readonly doc: Y.Doc) {
    cellsOf(doc).observe(this.#onOrder);
    mapsOf(doc).observeDeep(this.#onCells);
    doc.getMap("kernel").observeDeep(this.#onKernel);
    doc.getMap("meta").observeDeep(this.#onKernel);
    doc.getMap("file").observeDeep(this.#onFile);
    doc.getArray("run_queue").observe(this.#onQueue);
    nextOf(doc).observeDeep(this.#onGraph);
    childrenOf(doc).observeDeep(this.#onGraph);
  }

  close(): void {
    const { doc } = this;
    cellsOf(doc).unobserve(this.#onOrder);
    mapsOf(doc).unobserveDeep(this.#onCells);
    doc.getMap("kernel").unobserveDeep(this.#onKernel);
    doc.getMap("meta").unobserveDeep(this.#onKernel);
    doc.getMap("file").unobserveDeep(this.#onFile);
    doc.getArray("run_queue").unobserve(this.#onQueue);
    nextOf(doc).unobserveDeep(this.#onGraph);
    childrenOf(doc).unobserveDeep(this.#onGraph);
  }

  watch(topic: Topic, watcher: () => void): () => void {
    const all = this.#watchers.get(topic) ?? new Set();
    this.#watchers.set(topic, all.add(watcher));
    return () => {
      all.delete(watcher);
      if (all.size === 0) this.#watchers.delete(topic);
    };
  }

  version(topic: Topic): number {
    return this.#versions.get(topic) ?? 0;
  }

  /** A value made from the document, the same object until `topic` changes. */
  read<Value>(topic: Topic, name: string, make: () => Value): Value {
    const key = `${topic} ${name}`;
    const version = this.version(topic);
    const known = this.#cache.get(key);
    if (known?.version === version) return known.value as Value;
    const value = make();
    this.#cache.set(key, { version, value });
    return value;
  }

  #tell(topic: Topic) {
    this.#versions.set(topic, this.version(topic) + 1);
    for (const watcher of [...(this.#watchers.get(topic) ?? [])]) watcher();
  }

  #onOrder = () => this.#tell("order");
  #onKernel = () => this.#tell("kernel");
  #onFile = () => this.#tell("file");
  #onQueue = () => this.#tell("queue");
  #onGraph = () => this.#tell("graph");

  #onCells = (events: Y.YEvent<Y.AbstractType<unknown>>[]) => {
    const topics = new Set<Topic>();
    for (const event of events) {
      const [id, key] = event.path;
      if (id === undefined) {
        // Maps came or went; an id may have waited for its map.
        topics.add("order");
        for (const changed of event.keys.keys()) topics.add(`cell ${changed}`).add(`outputs ${changed}`);
      } else if (key === "outputs") topics.add(`outputs ${id}`);
      else {
        topics.add(`cell ${id}`);
        if (event.path.length === 1 && event.keys.has("outputs")) topics.add(`outputs ${id}`);
      }
    }
    for (const topic of topics) this.#tell(topic);
  };
}

/** A value of the document that follows it. */
export function useRead<Value>(store: DocumentStore, topic: Topic, name: string, make: () => Value): Value {
  const watch = useCallback((watcher: () => void) => store.watch(topic, watcher), [store, topic]);
  return useSyncExternalStore(watch, () => store.read(topic, name, make));
}

export const useOrder = (store: DocumentStore): readonly string[] =>
  useRead(store, "order", "ids", () => orderOf(store.doc));

export const useKernelState = (store: DocumentStore): KernelState =>
  useRead(store, "kernel", "state", () => kernelOf(store.doc));

export const useLanguage = (store: DocumentStore): string =>
  useRead(store, "kernel", "language", () => languageOf(store.doc));

export const useFileState = (store: DocumentStore) => useRead(store, "file", "state", () => fileOf(store.doc));

/** Re-renders when the cell's own fields change, or (with its text) every edit of its source. */
export function useCell<Value>(
  store: DocumentStore,
  id: string,
  name: string,
  make: (cell: YCell | undefined) => Value,
) {
  return useRead(store, `cell ${id}`, name, () => make(cellOf(store.doc, id)));
}
