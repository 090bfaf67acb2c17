// Which cell is active and whether its text is being written ("edit") or cells are walked by keys ("command").

import { useCallback, useSyncExternalStore } from "react";

export type Mode = "command" | "edit";
export type Where = "start" | "end" | { x: number; y: number } | undefined;

interface Part {
  /** The cell's element, which has the focus in command mode. */
  element: HTMLElement;
  /** Puts the focus into its text, as soon as there is an editor. */
  write: (where: Where) => void;
}

const none: ReadonlySet<string> = new Set();

export class Focus {
  active: string | undefined;
  mode: Mode = "command";
  /** Cells from `active` to here are chosen together. */
  other: string | undefined;
  /** All of them. */
  range: ReadonlySet<string> = none;
  /** Brings a cell into sight in another way than by scrolling. */
  reveal: ((id: string) => void) | undefined;
  #parts = new Map<string, Part>();
  #wanted: { id: string; where: Where } | undefined;
  #watchers = new Set<() => void>();

  watch = (watcher: () => void): (() => void) => {
    this.#watchers.add(watcher);
    return () => this.#watchers.delete(watcher);
  };

  /** A cell that is on screen. */
  enter(id: string, part: Part): () => void {
    this.#parts.set(id, part);
    if (this.#wanted?.id === id) {
      const { where } = this.#wanted;
      this.#wanted = undefined;
      this.#take(part, where);
    }
    return () => {
      if (this.#parts.get(id) === part) this.#parts.delete(id);
    };
  }

  /** What has the focus says so. */
  note(id: string, mode: Mode): void {
    if (this.active === id && this.mode === mode) return;
    this.active = id;
    this.mode = mode;
    this.other = undefined;
    this.range = none;
    this.#tell();
  }

  /** Goes to a cell. One that has just been made gets the focus when it is drawn. */
  go(id: string, mode: Mode = "command", where?: Where): void {
    this.active = id;
    this.mode = mode;
    this.other = undefined;
    this.range = none;
    this.#tell();
    this.reveal?.(id);
    const part = this.#parts.get(id);
    if (part) this.#take(part, where);
    else this.#wanted = { id, where };
  }

  extend(to: string, range: readonly string[]): void {
    this.other = to;
    this.range = new Set(range);
    this.#tell();
    this.show(to);
  }

  #take({ element, write }: Part, where: Where) {
    if (this.mode === "edit") write(where);
    else {
      element.focus({ preventScroll: true });
      if (!this.reveal) element.scrollIntoView({ block: "nearest" });
    }
  }

  /** Brings a cell into sight. */
  show(id: string, block: "nearest" | "center" = "nearest"): void {
    if (this.reveal) this.reveal(id);
    else this.#parts.get(id)?.element.scrollIntoView({ block });
  }

  #tell() {
    for (const watcher of [...this.#watchers]) watcher();
  }
}

/** Whether a cell is active and how; re-renders only when that changes. */
export function useFocus(focus: Focus, id: string): Mode | undefined {
  return useSyncExternalStore(
    focus.watch,
    useCallback(() => (focus.active === id ? focus.mode : undefined), [focus, id]),
  );
}

/** Whether a cell is chosen together with others. */
export function usePicked(focus: Focus, id: string): boolean {
  return useSyncExternalStore(
    focus.watch,
    useCallback(() => focus.range.has(id), [focus, id]),
  );
}

export const useActive = (focus: Focus): string | undefined => useSyncExternalStore(focus.watch, () => focus.active);
