// One WebSocket for the whole app. It reconnects by itself, and every subscription goes on after the last
// sequence number that it saw, so nothing is missed in between.

/** `ended`: the session is over; it connects again when it is told to. */
export type Connection = "connecting" | "open" | "lost" | "ended";

export interface Incoming {
  type: "subscribe" | "unsubscribe" | "data" | "error" | "pong";
  topic?: string;
  seq?: number;
  data: unknown;
}

export interface Listener {
  /** One event or batch of lines. */
  onData(data: unknown, seq: number): void;
  /** The live part begins; `resumed` when nothing was missed since the last message. */
  onReady?(resumed: boolean): void;
  /** The subscription was refused. */
  onError?(code: string, detail: string): void;
}

interface Subscription {
  listener: Listener;
  /** Last sequence number seen; undefined: begin with what comes next. */
  after: number | undefined;
}

interface Options {
  url: string;
  /** Called when the server closes the connection because the session has ended. */
  onEnded?: () => void;
  /** For tests. */
  open?: (url: string) => WebSocket;
  /** Milliseconds until try `n` (from 1). */
  delay?: (attempt: number) => number;
}

/** The close code for a session that has ended: to knock again would only be refused again. */
const SESSION_ENDED = 4401;

const PING_EVERY = 15_000;
/** Without any word from the server for this long the connection counts as dead. */
const SILENCE = 35_000;

const backoff = (attempt: number) => Math.min(10_000, 250 * 2 ** attempt) * (0.75 + Math.random() / 2);

export class Socket {
  #socket: WebSocket | null = null;
  #subscriptions = new Map<string, Subscription>();
  #watchers = new Set<() => void>();
  #state: Connection = "connecting";
  #attempt = 0;
  #retry: ReturnType<typeof setTimeout> | undefined;
  #ping: ReturnType<typeof setInterval> | undefined;
  #heard = 0;
  #open: (url: string) => WebSocket;
  #delay: (attempt: number) => number;
  #url: string;
  #onEnded: () => void;

  constructor({ url, onEnded = () => {}, open = (address) => new WebSocket(address), delay = backoff }: Options) {
    this.#url = url;
    this.#onEnded = onEnded;
    this.#open = open;
    this.#delay = delay;
  }

  get state(): Connection {
    return this.#state;
  }

  /** Calls back whenever `state` changes. */
  watch = (watcher: () => void): (() => void) => {
    this.#watchers.add(watcher);
    return () => this.#watchers.delete(watcher);
  };

  /** Connects now, also in the middle of a wait. */
  connect = (): void => {
    clearTimeout(this.#retry);
    if (this.#socket && this.#socket.readyState <= WebSocket.OPEN) return;
    const socket = this.#open(this.#url);
    this.#socket = socket;
    socket.onopen = () => this.#opened();
    socket.onmessage = (message) => this.#heardOf(JSON.parse(String(message.data)) as Incoming);
    socket.onclose = ({ code }) => socket === this.#socket && this.#closed(code);
  };

  /** Ends the connection and all subscriptions. */
  close(): void {
    clearTimeout(this.#retry);
    clearInterval(this.#ping);
    this.#subscriptions.clear();
    const socket = this.#socket;
    this.#socket = null;
    socket?.close();
    this.#attempt = 0;
    this.#become("connecting");
  }

  /** Listens to a topic (one listener each) from after `after`, or from now. */
  subscribe(topic: string, listener: Listener, after?: number): () => void {
    const subscription: Subscription = { listener, after };
    this.#subscriptions.set(topic, subscription);
    if (this.#state === "open") this.#ask(topic, after);
    return () => {
      if (this.#subscriptions.get(topic) !== subscription) return;
      this.#subscriptions.delete(topic);
      this.#send({ type: "unsubscribe", topic });
    };
  }

  #opened(): void {
    this.#attempt = 0;
    this.#heard = Date.now();
    clearInterval(this.#ping);
    this.#ping = setInterval(() => this.#check(), PING_EVERY);
    this.#become("open");
    for (const [topic, { after }] of this.#subscriptions) this.#ask(topic, after);
  }

  #closed(code?: number): void {
    clearInterval(this.#ping);
    this.#socket = null;
    if (code === SESSION_ENDED) {
      this.#become("ended");
      this.#onEnded();
      return;
    }
    this.#attempt += 1;
    this.#become("lost");
    this.#retry = setTimeout(this.connect, this.#delay(this.#attempt));
  }

  /** A network that vanished closes nothing, so silence decides. */
  #check(): void {
    if (Date.now() - this.#heard > SILENCE) {
      const dead = this.#socket;
      this.#closed();
      dead?.close();
    } else this.#send({ type: "ping" });
  }

  #heardOf(message: Incoming): void {
    this.#heard = Date.now();
    const subscription = message.topic === undefined ? undefined : this.#subscriptions.get(message.topic);
    if (!subscription || !message.topic) return;
    switch (message.type) {
      case "subscribe": {
        const resumed = subscription.after !== undefined;
        subscription.after ??= message.seq;
        subscription.listener.onReady?.(resumed);
        break;
      }
      case "data":
        subscription.after = message.seq ?? subscription.after;
        subscription.listener.onData(message.data, message.seq ?? 0);
        break;
      case "error": {
        const { code, detail } = message.data as { code: string; detail: string };
        if (code === "history_gone") {
          // Too long away for a replay: begin anew; `onReady(false)` tells the listener to load everything.
          subscription.after = undefined;
          this.#ask(message.topic, undefined);
        } else subscription.listener.onError?.(code, detail);
        break;
      }
    }
  }

  #ask(topic: string, after: number | undefined): void {
    this.#send({ type: "subscribe", topic, after });
  }

  #send(message: object): void {
    if (this.#socket?.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify({ id: "", ...message }));
  }

  #become(state: Connection): void {
    if (this.#state === state) return;
    this.#state = state;
    for (const watcher of this.#watchers) watcher();
  }
}
