// What was done and can be taken back, the newest first. Ctrl+Z and Ctrl+Shift+Z (and the palette) work on it; whoever
// changes something says how to take it back. In a field these keys are the field's own.

import { useSyncExternalStore } from "react";
import { toast } from "@/shared/ui/toast";

export interface Change {
  /** What was done, as a menu says it: "Closing of Log". */
  title: string;
  undo: () => void | Promise<void>;
  redo: () => void | Promise<void>;
  /** Changes of one kind that follow each other at once (a splitter that is dragged) become one. */
  merge?: string;
}

const MOST = 100;
const MERGE_WITHIN = 1000;

export class UndoStack {
  #done: { change: Change; at: number }[] = [];
  #undone: Change[] = [];
  #watchers = new Set<() => void>();
  #state: { undo: string | undefined; redo: string | undefined } = { undo: undefined, redo: undefined };
  /** While a change is taken back, what that causes is no new change. */
  #busy = false;

  /** Notes what has been done. */
  did(change: Change): void {
    if (this.#busy) return;
    const last = this.#done.at(-1);
    const now = Date.now();
    if (last && change.merge && last.change.merge === change.merge && now - last.at < MERGE_WITHIN) {
      last.change = { ...change, undo: last.change.undo };
      last.at = now;
    } else this.#done = [...this.#done, { change, at: now }].slice(-MOST);
    this.#undone = [];
    this.#tell();
  }

  async undo(): Promise<void> {
    const last = this.#done.at(-1);
    if (!last || this.#busy) return;
    await this.#run(last.change.undo, last.change.title, () => {
      this.#done = this.#done.filter((one) => one !== last);
      this.#undone = [...this.#undone, last.change];
    });
  }

  async redo(): Promise<void> {
    const last = this.#undone.at(-1);
    if (!last || this.#busy) return;
    await this.#run(last.redo, last.title, () => {
      this.#undone = this.#undone.slice(0, -1);
      this.#done = [...this.#done, { change: last, at: 0 }];
    });
  }

  /** Takes back one change of the past, for the button in its notice; later ones stay. */
  async undoThis(change: Change): Promise<void> {
    const found = this.#done.find((one) => one.change === change);
    if (!found || this.#busy) return;
    await this.#run(change.undo, change.title, () => {
      this.#done = this.#done.filter((one) => one !== found);
      this.#undone = [...this.#undone, change];
    });
  }

  /** Forgets changes of what is no longer shown. */
  forget(mine: (change: Change) => boolean): void {
    this.#done = this.#done.filter(({ change }) => !mine(change));
    this.#undone = this.#undone.filter((change) => !mine(change));
    this.#tell();
  }

  /** Titles of what the keys would do. */
  get state() {
    return this.#state;
  }

  watch = (watcher: () => void): (() => void) => {
    this.#watchers.add(watcher);
    return () => this.#watchers.delete(watcher);
  };

  async #run(step: () => void | Promise<void>, title: string, after: () => void): Promise<void> {
    this.#busy = true;
    try {
      await step();
      after();
    } catch (error) {
      toast.error(error, `${title} can't be taken back`);
    } finally {
      this.#busy = false;
      this.#tell();
    }
  }

  #tell(): void {
    this.#state = { undo: this.#done.at(-1)?.change.title, redo: this.#undone.at(-1)?.title };
    for (const watcher of this.#watchers) watcher();
  }
}

export const undo = new UndoStack();

export function useUndo(): UndoStack["state"] {
  return useSyncExternalStore(undo.watch, () => undo.state);
}
