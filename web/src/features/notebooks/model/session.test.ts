import { afterEach, expect, it, vi } from "vitest";
import type { Comms } from "./comms";
import { addCell, cellOf, orderOf, setSource, textOf } from "./document";
import type { Kept } from "./keep";
import { NotebookSession } from "./session";
import { Server } from "./stand-in";

const linked = (session: NotebookSession) =>
  vi.waitFor(() => expect(session.provider.state).toMatchObject({ link: "open", synced: true }), {
    timeout: 10_000,
    interval: 5,
  });
const comms = { connect() {}, end() {}, listen: () => () => {} } as unknown as Comms;
const all = { edit: true, run: true, comment: true };

/** What the browser keeps. */
const stored = new Map<string, Kept>();
vi.mock("./keep", () => ({
  keep: async (key: string, kept: Kept) => void stored.set(key, kept),
  forget: async (key: string) => void stored.delete(key),
  kept: async (key: string) => stored.get(key),
}));

afterEach(() => {
  vi.unstubAllGlobals();
  stored.clear();
});

/** A page that was closed while the server was away, with this text in the server's cell. */
async function leftBehind(server: Server, id: string, text: string) {
  const session = opened(server);
  await linked(session);
  server.last.drop();
  setSource(session.doc, id, text);
  session.close();
  expect([...stored.values()].map(({ epoch }) => epoch)).toEqual(["e1"]);
}

it("brings along what an earlier page could not send", async () => {
  const server = new Server();
  const id = addCell(server.doc, 0, { source: "theirs" });
  await leftBehind(server, id, "theirs, and mine");
  server.saves = false;
  const session = opened(server);
  await linked(session);
  expect(textOf(cellOf(server.doc, id))).toBe("theirs, and mine");
  expect(stored.size).toBe(1);
  server.last.saved();
  await vi.waitFor(() => expect(stored.size).toBe(0), 10_000);
  expect(session.lost).toBeUndefined();
  session.close();
});

it("puts what an earlier page could not send aside when the notebook was replaced meanwhile", async () => {
  const server = new Server();
  const id = addCell(server.doc, 0, { source: "theirs" });
  await leftBehind(server, id, "theirs, and mine");
  server.epoch = "e2";
  const session = opened(server);
  await vi.waitFor(() => expect(session.lost?.cells).toEqual([{ id, text: "theirs, and mine" }]), 10_000);
  await linked(session);
  expect(textOf(cellOf(server.doc, id))).toBe("theirs");
  expect(textOf(cellOf(session.doc, id))).toBe("theirs");
  expect(stored.size).toBe(0);
  session.close();
});

function opened(server: Server) {
  const real = WebSocket;
  // `new` of a function that answers an object gives that object.
  const stub = Object.assign(
    function open(this: unknown, url: string) {
      return server.open(url);
    },
    { OPEN: real.OPEN, CONNECTING: real.CONNECTING, CLOSED: real.CLOSED },
  );
  vi.stubGlobal("WebSocket", stub);
  const url = (epoch: string | undefined) => `ws://server/sync?${epoch ? `epoch=${epoch}` : ""}`;
  const session = new NotebookSession("nb_1", { id: "u1", name: "Ada" }, all, url, comms);
  void session.start();
  return session;
}

it("puts a person's texts aside when the notebook was replaced, and loads it anew", async () => {
  const server = new Server();
  const id = addCell(server.doc, 0, { source: "old" });
  const session = opened(server);
  await linked(session);
  expect(orderOf(session.doc)).toEqual([id]);
  server.last.drop();
  setSource(session.doc, id, "mine, written away");
  server.epoch = "e2";
  server.doc.getArray("cells").delete(0, 1);
  const fresh = addCell(server.doc, 0, { source: "new" });
  await vi.waitFor(() => expect(session.turn).toBe(2), 10_000);
  await linked(session);
  expect(session.lost?.cells).toEqual([{ id, text: "mine, written away" }]);
  expect(orderOf(session.doc)).toEqual([fresh]);
  expect(textOf(cellOf(server.doc, id))).not.toContain("mine");
  expect(session.provider.state).toMatchObject({ link: "open", unsaved: 0 });
  session.dismissLost();
  expect(session.lost).toBeUndefined();
  session.close();
});

it("takes a refused edit back", async () => {
  const server = new Server();
  const id = addCell(server.doc, 0, { source: "theirs" });
  const session = opened(server);
  await linked(session);
  server.saves = false;
  setSource(session.doc, id, "theirs, broken");
  server.last.json(101, { code: "not_allowed", detail: "you may not edit" });
  await vi.waitFor(() => expect(session.turn).toBe(2), 10_000);
  expect(session.lost).toMatchObject({ why: "you may not edit", cells: [{ id, text: "theirs, broken" }] });
  session.close();
});

it("waits for edits to be saved, but not for ever", async () => {
  const server = new Server();
  const id = addCell(server.doc, 0, { source: "x" });
  const session = opened(server);
  await linked(session);
  server.saves = false;
  setSource(session.doc, id, "y");
  const before = Date.now();
  await session.saved(60);
  expect(Date.now() - before).toBeGreaterThan(40);
  setTimeout(() => server.last.saved(), 5);
  await session.saved(10_000);
  expect(session.provider.state.unsaved).toBe(0);
  session.close();
});

it("knows what a person may do from the connection", async () => {
  const server = new Server();
  const session = opened(server);
  expect(session.may).toEqual(all);
  await linked(session);
  server.last.json(100, { epoch: "e1", role: "run" });
  expect(session.may).toEqual({ edit: false, run: true, comment: true });
  session.close();
});
