// The lines of one log, outside of React. They are kept in pages, each one string, and only as many as fit a budget:
// the rest is loaded again when somebody looks at it. So a log of millions of lines opens at its end at once.

import { kindOf, type LogLine, textOf } from "./lines";

/** Lines of a page; also what is asked for at once. */
export const PAGE = 5000;
/** Characters that are kept. */
const BUDGET = 96_000_000;
/** Pages whose lines are kept apart from each other, because they are on screen. */
const SPLIT = 6;

export interface Page {
  text: string;
  times: Float64Array;
  kinds: Uint8Array;
}

export interface Line {
  text: string;
  /** Milliseconds UTC. */
  time: number;
  kind: number;
}

/** Loads up to `limit` lines after line `after`. */
export type Load = (after: number, limit: number) => Promise<LogLine[]>;

function pageOf(lines: readonly LogLine[]): Page {
  return {
    text: lines.map(textOf).join("\n"),
    times: Float64Array.from(lines, ({ time }) => time),
    kinds: Uint8Array.from(lines, kindOf),
  };
}

export class Pages {
  #total = 0;
  /** The least recently used first. */
  #pages = new Map<number, Page>();
  #split = new Map<number, string[]>();
  #loading = new Map<number, Promise<Page>>();
  /** The last, unfinished page, as it grows. */
  #tail: { lines: string[]; times: number[]; kinds: number[] } = { lines: [], times: [], kinds: [] };
  #size = 0;
  #watchers = new Set<() => void>();
  #scheduled = false;
  #version = 0;

  constructor(
    private readonly load: Load,
    private readonly schedule: (callback: () => void) => void = (callback) => requestAnimationFrame(callback),
    private readonly budget = BUDGET,
  ) {}

  get total(): number {
    return this.#total;
  }

  /** Characters in memory. */
  get size(): number {
    return this.#size;
  }

  /** Changes with every change. */
  version = (): number => this.#version;

  watch = (watcher: () => void): (() => void) => {
    this.#watchers.add(watcher);
    return () => this.#watchers.delete(watcher);
  };

  /** The log has this many lines already; what is heard goes on from the last whole page. Returns its end. */
  begin(total: number): number {
    this.#total = total - (total % PAGE);
    return this.#total;
  }

  /** Lines that were heard; those known already are left out. */
  add(lines: readonly LogLine[]): void {
    for (const line of lines) {
      if (line.seq <= this.#total) continue;
      const text = textOf(line);
      this.#tail.lines.push(text);
      this.#tail.times.push(line.time);
      this.#tail.kinds.push(kindOf(line));
      this.#total += 1;
      if (this.#total % PAGE === 0) this.#seal();
    }
    this.#changed();
  }

  #seal(): void {
    const { lines, times, kinds } = this.#tail;
    this.#tail = { lines: [], times: [], kinds: [] };
    const page = { text: lines.join("\n"), times: Float64Array.from(times), kinds: Uint8Array.from(kinds) };
    this.#keep(this.#total / PAGE - 1, page);
  }

  #keep(number: number, page: Page): void {
    this.#size += page.text.length - (this.#pages.get(number)?.text.length ?? 0);
    this.#pages.delete(number);
    this.#pages.set(number, page);
    for (const [old, { text }] of this.#pages) {
      if (this.#size <= this.budget || old === number) break;
      this.#pages.delete(old);
      this.#split.delete(old);
      this.#size -= text.length;
    }
  }

  /** A line by its index from 0. One that is not in memory is undefined, and is being loaded. */
  line(index: number): Line | undefined {
    const number = Math.floor(index / PAGE);
    const at = index % PAGE;
    if (number * PAGE + this.#tail.lines.length > index && number === Math.floor(this.#total / PAGE)) {
      const { lines, times, kinds } = this.#tail;
      return { text: lines[at] as string, time: times[at] as number, kind: kinds[at] as number };
    }
    const page = this.#pages.get(number);
    if (!page) {
      if (index < this.#total) void this.page(number).catch(() => {});
      return undefined;
    }
    return { text: this.#lines(number, page)[at] ?? "", time: page.times[at] ?? 0, kind: page.kinds[at] ?? 0 };
  }

  #lines(number: number, page: Page): string[] {
    let lines = this.#split.get(number);
    if (!lines) {
      lines = page.text.split("\n");
      this.#split.set(number, lines);
      const oldest = this.#split.keys().next().value;
      if (this.#split.size > SPLIT && oldest !== undefined) this.#split.delete(oldest);
    }
    return lines;
  }

  /** A page, loaded when it must be. The last one is as far as it is known. */
  async page(number: number): Promise<Page> {
    if (number === Math.floor(this.#total / PAGE)) {
      const { lines, times, kinds } = this.#tail;
      return { text: lines.join("\n"), times: Float64Array.from(times), kinds: Uint8Array.from(kinds) };
    }
    const known = this.#pages.get(number);
    if (known) {
      // Used just now.
      this.#pages.delete(number);
      this.#pages.set(number, known);
      return known;
    }
    const underway = this.#loading.get(number) ?? this.#fetch(number);
    this.#loading.set(number, underway);
    return underway;
  }

  async #fetch(number: number): Promise<Page> {
    try {
      const lines: LogLine[] = [];
      // Very long lines come in several answers.
      while (lines.length < PAGE) {
        const more = await this.load(number * PAGE + lines.length, PAGE - lines.length);
        if (more.length === 0) throw new Error(`the log has no lines after ${number * PAGE + lines.length}`);
        lines.push(...more);
      }
      const page = pageOf(lines);
      this.#keep(number, page);
      this.#changed();
      return page;
    } finally {
      this.#loading.delete(number);
    }
  }

  #changed(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    this.schedule(() => {
      this.#scheduled = false;
      this.#version += 1;
      for (const watcher of this.#watchers) watcher();
    });
  }

  /** Something beside the lines has changed. */
  touch(): void {
    this.#changed();
  }
}
