import { afterEach, expect, it, vi } from "vitest";
import { reached } from "@/shared/api/client";
import { socket } from "./live";

afterEach(() => vi.unstubAllGlobals());

it("connects at once when anybody has found the server again", () => {
  const made: { readyState: number; onopen?: () => void; onclose?: (event: object) => void; close: () => void }[] = [];
  const { CONNECTING, OPEN, CLOSED } = WebSocket;
  // `new` of a function that answers an object gives that object.
  function stub() {
    const wire = { readyState: CONNECTING, send() {}, close() {} };
    made.push(wire);
    return wire;
  }
  vi.stubGlobal("WebSocket", Object.assign(stub, { CONNECTING, OPEN, CLOSED }));
  const enter = () => {
    const wire = made.at(-1);
    if (wire) wire.readyState = OPEN;
    wire?.onopen?.();
  };
  // Nobody has asked for a connection yet.
  reached();
  expect(made).toHaveLength(0);
  socket.connect();
  enter();
  reached();
  expect(made).toHaveLength(1);

  const [first] = made;
  if (first) first.readyState = CLOSED;
  first?.onclose?.({ code: 1006 });
  expect(socket.state).toBe("lost");
  reached();
  expect(made).toHaveLength(2);
  // It is on its way: once is enough.
  reached();
  expect(made).toHaveLength(2);
  enter();
  expect(socket.state).toBe("open");
  socket.close();
});
