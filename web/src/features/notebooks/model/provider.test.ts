import { expect, it, vi } from "vitest";
import * as Y from "yjs";
import { Provider } from "./provider";
import { Server } from "./stand-in";

const url = (epoch: string | undefined) => `ws://server/sync?${epoch ? `epoch=${epoch}` : ""}`;
const soon = () => new Promise((resolve) => setTimeout(resolve, 20));
/** The stand-in says all that it has to say at once when it opens. */
const linked = (provider: Provider, link: string) =>
  vi.waitFor(() => expect(provider.state.link).toBe(link), { timeout: 10_000, interval: 5 });

function client(server: Server) {
  const doc = new Y.Doc();
  const provider = new Provider(doc, { url, open: server.open, delay: () => 1 });
  provider.connect();
  return { doc, provider, text: doc.getText("t") };
}

it("takes over the server's text, and knows what of its own is saved", async () => {
  const server = new Server();
  server.doc.getText("t").insert(0, "before ");
  const { provider, text } = client(server);
  await linked(provider, "open");
  expect(text.toString()).toBe("before ");
  expect(provider.state).toMatchObject({ link: "open", synced: true, unsaved: 0, hello: { role: "edit" } });
  server.saves = false;
  text.insert(7, "after");
  text.insert(12, "!");
  expect(provider.state.unsaved).toBe(2);
  expect(server.doc.getText("t").toString()).toBe("before after!");
  server.last.saved();
  expect(provider.state.unsaved).toBe(0);
  provider.end();
});

it("keeps what is written while nobody listens, and brings it along", async () => {
  const server = new Server();
  const { provider, text } = client(server);
  await linked(provider, "open");
  server.last.drop();
  server.saves = false;
  expect(provider.state.link).toBe("offline");
  text.insert(0, "away");
  expect(provider.state.unsaved).toBe(1);
  server.doc.getText("t").insert(0, "meanwhile ");
  await linked(provider, "open");
  expect(provider.state.link).toBe("open");
  expect(server.last.url).toContain("epoch=e1");
  expect(["awaymeanwhile ", "meanwhile away"]).toContain(server.doc.getText("t").toString());
  expect(text.toString()).toBe(server.doc.getText("t").toString());
  expect(provider.state.unsaved).toBeGreaterThan(0);
  server.last.saved();
  expect(provider.state.unsaved).toBe(0);
  provider.end();
});

it("counts what was on its way when the connection broke", async () => {
  const server = new Server();
  const { provider, text } = client(server);
  await linked(provider, "open");
  server.saves = false;
  text.insert(0, "x");
  server.last.drop();
  expect(provider.state.unsaved).toBe(1);
  await linked(provider, "open");
  expect(provider.state.unsaved).toBeGreaterThan(0);
  server.last.saved();
  expect(provider.state.unsaved).toBe(0);
  provider.end();
});

it("stops before another history or a refusal, and does not merge", async () => {
  const server = new Server();
  const { provider, text } = client(server);
  await linked(provider, "open");
  server.last.drop();
  text.insert(0, "mine");
  server.epoch = "e2";
  await linked(provider, "stopped");
  expect(provider.state).toMatchObject({ link: "stopped", stop: { kind: "epoch" }, unsaved: 1 });
  expect(server.doc.getText("t").toString()).toBe("");
  const count = server.sockets.length;
  await soon();
  expect(server.sockets.length).toBe(count);
  provider.end();

  const other = client(server);
  await linked(other.provider, "open");
  server.last.json(101, { code: "not_yours", detail: "outputs are the server's" });
  expect(other.provider.state.stop).toMatchObject({ kind: "refused", code: "not_yours" });
  await vi.waitFor(() => expect(server.last.readyState).toBe(WebSocket.CLOSED), 10_000);
  other.provider.end();
});
