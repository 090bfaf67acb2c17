// A log, shared by all that show it: its end over the WebSocket, everything before by request.

import { useEffect, useState, useSyncExternalStore } from "react";
import { sentence } from "@/shared/api/problem";
import { socket } from "@/shared/live/live";
import type { LogLine } from "./lines";
import { Pages } from "./pages";

/** A panel that is moved in the layout comes back at once. */
const LINGER = 5000;

/** Whose log it is, and where its lines come from. */
export interface Log {
  /** The same for the same log. */
  key: string;
  /** Its topic; messages are `{lines, complete}`. */
  topic: string;
  /** Lines after `after`, at most `limit`. */
  load: (after: number, limit: number) => Promise<LogLine[]>;
  /** Number of the last line; 0 when there is none. */
  last: () => Promise<number>;
  /** Whether what writes it has ended. */
  ended: boolean;
  /** Whether what writes it has not begun. */
  waits: boolean;
  /** The address of a line, where lines have one. */
  link?: (line: number) => string;
  /** Hands the whole log to the browser's downloads. */
  download: () => void;
}

export class LogSource {
  readonly pages: Pages;
  #complete = false;
  #refused: string | undefined;
  #known = 0;
  #leave = () => {};
  #closed = false;

  constructor(private readonly log: Log) {
    this.pages = new Pages(log.load);
    this.#begin().catch((error) => this.#refuse(sentence(error)));
  }

  /** Whether nothing follows. */
  get complete(): boolean {
    return this.#complete;
  }

  /** How many lines there were when it was opened. */
  get known(): number {
    return this.#known;
  }

  /** Why it can't be shown. */
  get refused(): string | undefined {
    return this.#refused;
  }

  close(): void {
    this.#closed = true;
    this.#leave();
  }

  async #begin(): Promise<void> {
    const last = await this.log.last();
    if (this.#closed) return;
    this.#known = last;
    const after = this.pages.begin(this.#known);
    this.#leave = socket.subscribe(
      this.log.topic,
      {
        onData: (data) => {
          const { lines, complete } = data as { lines: LogLine[]; complete: boolean };
          this.pages.add(lines);
          if (!complete) return;
          this.#complete = true;
          // A log that has ended says nothing more, so there is nothing to ask for after a reconnect.
          this.#leave();
        },
        onError: (_code, detail) => this.#refuse(detail),
      },
      after,
    );
  }

  #refuse(detail: string): void {
    this.#refused = detail;
    this.pages.touch();
  }
}

const open = new Map<string, { source: LogSource; users: number }>();

function acquire(log: Log): LogSource {
  const entry = open.get(log.key) ?? { source: new LogSource(log), users: 0 };
  open.set(log.key, entry);
  return entry.source;
}

function hold(log: Log): () => void {
  acquire(log);
  const entry = open.get(log.key);
  if (!entry) return () => {};
  entry.users += 1;
  return () => {
    entry.users -= 1;
    setTimeout(() => {
      if (entry.users > 0 || open.get(log.key) !== entry) return;
      open.delete(log.key);
      entry.source.close();
    }, LINGER);
  };
}

/** A log while it is shown; the caller hears of every change. A view is of one log: let its key be the view's. */
export function useLog(log: Log): LogSource {
  const [source] = useState(() => acquire(log));
  // biome-ignore lint/correctness/useExhaustiveDependencies: the key says which log it is
  useEffect(() => hold(log), [log.key]);
  useSyncExternalStore(source.pages.watch, source.pages.version);
  return source;
}
