// What a notebook's page asks of the server and the kernel: `{id, channel, method, message}` over one WebSocket.

import { Problem } from "@/shared/api/problem";

export interface Said {
  id?: string | number | null;
  channel: string;
  method: string;
  message?: unknown;
}

type Listener = (said: Said) => void;

const PATIENCE = 30_000;

export class Comms {
  #socket: WebSocket | undefined;
  #calls = new Map<string, { resolve: (value: unknown) => void; reject: (error: Error) => void; timer: number }>();
  #listeners = new Set<Listener>();
  #waiting: string[] = [];
  #last = 0;
  #attempt = 0;
  #retry: ReturnType<typeof setTimeout> | undefined;
  #ended = false;

  constructor(
    readonly url: string,
    readonly open: (url: string) => WebSocket = (address) => new WebSocket(address),
  ) {}

  connect = (): void => {
    clearTimeout(this.#retry);
    if (this.#ended || (this.#socket && this.#socket.readyState <= WebSocket.OPEN)) return;
    const socket = this.open(this.url);
    this.#socket = socket;
    socket.onopen = () => {
      this.#attempt = 0;
      for (const text of this.#waiting.splice(0)) socket.send(text);
    };
    socket.onmessage = ({ data }) => this.#heard(JSON.parse(String(data)) as Said);
    socket.onclose = ({ code }) => {
      if (socket !== this.#socket) return;
      this.#socket = undefined;
      for (const { reject, timer } of this.#calls.values()) {
        clearTimeout(timer);
        reject(Problem.unreachable());
      }
      this.#calls.clear();
      this.#waiting = [];
      // Turned away for good: the document's own connection tells why.
      if (this.#ended || (code >= 4401 && code <= 4404)) return;
      this.#attempt += 1;
      this.#retry = setTimeout(this.connect, Math.min(10_000, 250 * 2 ** this.#attempt));
    };
  };

  end(): void {
    this.#ended = true;
    clearTimeout(this.#retry);
    this.#socket?.close();
    this.#listeners.clear();
  }

  /** Hears what the server says by itself. */
  listen(listener: Listener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Asks, and answers what the server replied. */
  ask<Answer = unknown>(channel: string, method: string, message: unknown = {}): Promise<Answer> {
    const id = String(++this.#last);
    return new Promise<Answer>((resolve, reject) => {
      const timer = window.setTimeout(() => {
        this.#calls.delete(id);
        reject(new Error(`no answer to ${channel}.${method}`));
      }, PATIENCE);
      this.#calls.set(id, { resolve: resolve as (value: unknown) => void, reject, timer });
      const text = JSON.stringify({ id, channel, method, message });
      if (this.#socket?.readyState === WebSocket.OPEN) this.#socket.send(text);
      else {
        this.#waiting.push(text);
        this.connect();
      }
    });
  }

  #heard(said: Said) {
    const call = said.id == null ? undefined : this.#calls.get(String(said.id));
    if (!call || (said.method !== "reply" && said.method !== "error")) {
      for (const listener of [...this.#listeners]) listener(said);
      return;
    }
    this.#calls.delete(String(said.id));
    clearTimeout(call.timer);
    if (said.method === "reply") call.resolve(said.message);
    else {
      const { code = "error", detail = "it failed" } = (said.message ?? {}) as { code?: string; detail?: string };
      call.reject(new Problem(400, code, detail));
    }
  }
}
