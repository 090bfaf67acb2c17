import { beforeEach, describe, expect, it, vi } from "vitest";
import { type Listener, Socket } from "./socket";

/** The other side of the connection. */
class Wire {
  static all: Wire[] = [];
  readyState: number = WebSocket.CONNECTING;
  sent: { type: string; topic?: string; after?: number }[] = [];
  onopen = () => {};
  onmessage = (_message: { data: string }) => {};
  onclose = (_event: { code?: number }) => {};

  constructor() {
    Wire.all.push(this);
  }
  send(text: string) {
    this.sent.push(JSON.parse(text));
  }
  close() {
    this.drop();
  }
  accept() {
    this.readyState = WebSocket.OPEN;
    this.onopen();
  }
  drop(code?: number) {
    this.readyState = WebSocket.CLOSED;
    this.onclose({ ...(code && { code }) });
  }
  say(message: object) {
    this.onmessage({ data: JSON.stringify(message) });
  }
}

const newest = () => Wire.all.at(-1) as Wire;
const make = () => new Socket({ url: "ws://x", open: () => new Wire() as unknown as WebSocket, delay: () => 10 });
const hears = () => ({ onData: vi.fn(), onReady: vi.fn(), onError: vi.fn() }) satisfies Listener;

beforeEach(() => {
  Wire.all = [];
  vi.useFakeTimers();
});

describe("the socket", () => {
  it("goes on after the last number it saw when the connection was lost", () => {
    const socket = make();
    const listener = hears();
    socket.connect();
    newest().accept();
    socket.subscribe("project.p", listener);
    newest().say({ type: "subscribe", topic: "project.p", seq: 7, data: {} });
    newest().say({ type: "data", topic: "project.p", seq: 9, data: { n: 1 } });
    expect(listener.onReady).toHaveBeenLastCalledWith(false);
    expect(listener.onData).toHaveBeenCalledWith({ n: 1 }, 9);

    newest().drop();
    expect(socket.state).toBe("lost");
    vi.advanceTimersByTime(10);
    newest().accept();
    expect(newest().sent).toEqual([expect.objectContaining({ type: "subscribe", topic: "project.p", after: 9 })]);
    newest().say({ type: "subscribe", topic: "project.p", seq: 9, data: {} });
    expect(listener.onReady).toHaveBeenLastCalledWith(true);
  });

  it("begins anew when the history is gone", () => {
    const socket = make();
    const listener = hears();
    socket.connect();
    newest().accept();
    socket.subscribe("project.p", listener, 3);
    newest().say({ type: "error", topic: "project.p", data: { code: "history_gone", detail: "" } });
    expect(newest().sent.at(-1)).not.toHaveProperty("after");
    newest().say({ type: "subscribe", topic: "project.p", seq: 50, data: {} });
    expect(listener.onReady).toHaveBeenLastCalledWith(false);
    expect(listener.onError).not.toHaveBeenCalled();
  });

  it("takes silence for a lost connection", () => {
    const socket = make();
    socket.connect();
    newest().accept();
    vi.advanceTimersByTime(60_000);
    expect(Wire.all.length).toBeGreaterThan(1);
    expect(socket.state).toBe("lost");
  });

  it("does not knock again when the session has ended, until it is told to", () => {
    const onEnded = vi.fn();
    const socket = new Socket({
      url: "ws://x",
      open: () => new Wire() as unknown as WebSocket,
      delay: () => 10,
      onEnded,
    });
    socket.connect();
    newest().accept();
    newest().drop(4401);
    expect(onEnded).toHaveBeenCalledOnce();
    expect(socket.state).toBe("ended");
    vi.advanceTimersByTime(60_000);
    expect(Wire.all).toHaveLength(1);
    socket.connect();
    newest().accept();
    expect(socket.state).toBe("open");
  });

  it("says nothing more to one who left", () => {
    const socket = make();
    const listener = hears();
    socket.connect();
    newest().accept();
    socket.subscribe("project.p", listener)();
    newest().say({ type: "data", topic: "project.p", seq: 1, data: {} });
    expect(listener.onData).not.toHaveBeenCalled();
    expect(newest().sent.at(-1)?.type).toBe("unsubscribe");
  });
});
