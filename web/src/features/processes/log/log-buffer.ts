// The lines of one log, outside of React: a million of them arrive in batches, and the view hears of it once a frame.

import { stripped } from "./ansi";

export interface LogLine {
  seq: number;
  /** Milliseconds UTC. */
  time: number;
  stream: "stdout" | "stderr" | "system" | "progress";
  line: string;
  fraction?: number;
}

export class LogBuffer {
  #lines: LogLine[] = [];
  #shown: LogLine[] = [];
  #needle = "";
  #complete = false;
  #version = 0;
  #watchers = new Set<() => void>();
  #scheduled = false;
  #schedule: (callback: () => void) => void;

  constructor(schedule: (callback: () => void) => void = (callback) => requestAnimationFrame(callback)) {
    this.#schedule = schedule;
  }

  /** Those that contain the filter. */
  get shown(): readonly LogLine[] {
    return this.#shown;
  }

  get total(): number {
    return this.#lines.length;
  }

  /** Whether nothing follows. */
  get complete(): boolean {
    return this.#complete;
  }

  /** Changes with every change. */
  version = (): number => this.#version;

  watch = (watcher: () => void): (() => void) => {
    this.#watchers.add(watcher);
    return () => this.#watchers.delete(watcher);
  };

  add(lines: readonly LogLine[], complete: boolean): void {
    const last = this.#lines.at(-1)?.seq ?? 0;
    // After a reconnect the overlap, if any, is dropped.
    const fresh = lines.filter(({ seq }) => seq > last);
    for (const line of fresh) this.#lines.push(line);
    if (this.#needle === "") this.#shown = this.#lines;
    else for (const line of fresh) if (this.#matches(line)) this.#shown.push(line);
    this.#complete ||= complete;
    this.#changed();
  }

  filter(needle: string): void {
    this.#needle = needle.toLowerCase();
    this.#shown = needle === "" ? this.#lines : this.#lines.filter((line) => this.#matches(line));
    this.#changed();
  }

  #matches({ line }: LogLine): boolean {
    return stripped(line).toLowerCase().includes(this.#needle);
  }

  #changed(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    this.#schedule(() => {
      this.#scheduled = false;
      this.#version += 1;
      for (const watcher of this.#watchers) watcher();
    });
  }
}
