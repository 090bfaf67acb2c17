// The log of one version, shared by all that show it: its end over the WebSocket, everything before by request.

import { useEffect, useState, useSyncExternalStore } from "react";
import { api, body } from "@/shared/api/client";
import { sentence } from "@/shared/api/problem";
import type { VersionView } from "@/shared/api/types";
import { socket } from "@/shared/live/live";
import type { LogLine } from "./lines";
import { Pages } from "./pages";

/** Beyond the end of every log: the answer says where the end is. */
const END = Number.MAX_SAFE_INTEGER;
/** A panel that is moved in the layout comes back at once. */
const LINGER = 5000;

type Of = Pick<VersionView, "process" | "version">;

export class LogSource {
  readonly pages: Pages;
  #complete = false;
  #refused: string | undefined;
  #known = 0;
  #leave = () => {};
  #closed = false;

  constructor(private readonly of: Of) {
    this.pages = new Pages((after, limit) => this.#load(after, limit));
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

  async #ask(after: number, limit: number) {
    const { process: id, version } = this.of;
    return body(api.GET("/api/processes/{id}/logs", { params: { path: { id }, query: { version, after, limit } } }));
  }

  async #load(after: number, limit: number): Promise<LogLine[]> {
    return (await this.#ask(after, limit)).lines as LogLine[];
  }

  async #begin(): Promise<void> {
    const { last_seq } = await this.#ask(END, 1);
    if (this.#closed) return;
    // A log that has not begun answers with what was asked.
    this.#known = last_seq === END ? 0 : last_seq;
    const after = this.pages.begin(this.#known);
    this.#leave = socket.subscribe(
      `process.${this.of.process}.v${this.of.version}.log`,
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

function acquire(of: Of): LogSource {
  const key = `${of.process} ${of.version}`;
  const entry = open.get(key) ?? { source: new LogSource(of), users: 0 };
  open.set(key, entry);
  return entry.source;
}

function hold(of: Of): () => void {
  const key = `${of.process} ${of.version}`;
  acquire(of);
  const entry = open.get(key);
  if (!entry) return () => {};
  entry.users += 1;
  return () => {
    entry.users -= 1;
    setTimeout(() => {
      if (entry.users > 0 || open.get(key) !== entry) return;
      open.delete(key);
      entry.source.close();
    }, LINGER);
  };
}

/** The log of a version while it is shown; the caller hears of every change. A view is of one log: let it be its key. */
export function useLog(version: Of): LogSource {
  const [source] = useState(() => acquire(version));
  const { process, version: number } = version;
  useEffect(() => hold({ process, version: number }), [process, number]);
  useSyncExternalStore(source.pages.watch, source.pages.version);
  return source;
}
