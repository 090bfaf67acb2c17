// Who may only look changes nothing, whatever it says; and nobody writes what is the server's.
import { addCell, assert, client, fetched, notebook, raw, sleep, source, tokens, until, Y } from "../clients.mjs";

/** Row 12 of the complaints: a read-only user can edit and save. */
export async function row12_a_viewer_changes_nothing() {
  const { id } = await notebook();
  const [writer, reader] = [client(id), client(id)];
  await Promise.all([writer.synced(), reader.synced()]);
  addCell(writer.doc, "c1", "keep");
  addCell(writer.doc, "gone", "x");
  writer.doc.getArray("cells").delete(1);
  await until("it is there", () => reader.doc.getArray("cells").toJSON().join() === "c1");
  // What the server says of the file changes by itself.
  const written = () => JSON.stringify({ ...reader.json(), file: null });
  const before = written();
  // By hand: an update, a second step, a deletion alone, each with everything of the protocol right.
  for (const way of ["update", "step2"]) {
    for (const change of [
      (doc) => source(doc, "c1").insert(0, "evil"),
      (doc) => addCell(doc, "evil"),
      (doc) => doc.getArray("cells").delete(0),
      (doc) => doc.getMap("cell").delete("c1"),
    ]) {
      const evil = await raw(id, { token: tokens.viewer });
      const doc = new Y.Doc();
      await evil.synced(doc);
      assert.equal(evil.seen.hello.role, "view");
      // What it answers honestly is nothing, though it names what was deleted.
      evil.step2(Y.encodeStateAsUpdate(doc, evil.seen.stateVector));
      await sleep(20);
      assert.deepEqual(evil.seen.refused, []);
      const updates = [];
      doc.on("update", (update) => updates.push(update));
      change(doc);
      updates.forEach((update) => evil[way](update));
      await until("it is refused", () => evil.seen.refused.length > 0);
      assert.equal(evil.seen.refused[0].code, "read_only");
      // It begins anew and has what the others have.
      const fresh = new Y.Doc();
      await evil.synced(fresh);
      assert.equal(source(fresh, "c1").toString(), "keep");
      assert.equal(fresh.getArray("cells").length, 1);
      evil.socket.close();
    }
  }
  // A stock client that does not know better is sent away.
  const stock = client(id, { token: tokens.viewer });
  await stock.synced();
  assert.equal(source(stock.doc, "c1").toString(), "keep");
  source(stock.doc, "c1").insert(0, "evil");
  await until("it is closed", () => stock.closes.includes(4403));
  stock.leave();
  await sleep(100);
  assert.equal(written(), before);
  assert.equal(source(await fetched(id), "c1").toString(), "keep");
  [writer, reader].forEach((one) => one.leave());
}

export async function what_the_server_writes_nobody_else_does() {
  const { id } = await notebook();
  const writer = client(id);
  await writer.synced();
  addCell(writer.doc, "c1", "1+1");
  const cell = (doc) => doc.getMap("cell").get("c1");
  await until("it is there", async () => cell(await fetched(id)));
  const evils = {
    state: (doc) => cell(doc).set("state", "running"),
    count: (doc) => cell(doc).set("execution_count", 9),
    outputs: (doc) => cell(doc).set("outputs", new Y.Array()),
    run: (doc) => cell(doc).set("run", { by: "me" }),
    kernel: (doc) => doc.getMap("kernel").set("busy", true),
    queue: (doc) => doc.getArray("run_queue").push(["c1"]),
    file: (doc) => doc.getMap("file").set("saved_at", 1),
    tissues: (doc) => doc.getMap("pc_graph").set("c1", new Y.Array()),
    epoch: (doc) => doc.getMap("meta").set("epoch", "ep_mine"),
    root: (doc) => doc.getMap("mine").set("a", 1),
    text: (doc) => doc.getText("more").insert(0, "a"),
    junk: (doc) => doc.getArray("cells").push([{ a: 1 }]),
    source: (doc) => cell(doc).set("source", "not a text"),
    hidden: (doc) => {
      source(doc, "c1").insert(0, "fine ");
      doc.getMap("kernel").set("busy", true);
    },
  };
  for (const [name, change] of Object.entries(evils)) {
    const evil = await raw(id);
    const doc = new Y.Doc();
    await evil.synced(doc);
    assert.equal(evil.seen.hello.role, "edit");
    const before = Y.encodeStateVector(doc);
    doc.transact(() => change(doc));
    evil.update(Y.encodeStateAsUpdate(doc, before));
    await until(`${name} is refused`, () => evil.seen.refused.length > 0);
    assert.equal(evil.seen.refused[0].code, "not_yours", name);
    // Until it begins anew nothing more of it is taken.
    const then = Y.encodeStateVector(doc);
    source(doc, "c1")?.insert?.(0, "more");
    evil.update(Y.encodeStateAsUpdate(doc, then));
    const fresh = new Y.Doc();
    await evil.synced(fresh);
    assert.equal(source(fresh, "c1").toString(), "1+1", name);
    // And then it may write as before.
    const state = Y.encodeStateVector(fresh);
    cell(fresh).set("top", 20);
    evil.update(Y.encodeStateAsUpdate(fresh, state));
    await until(`${name}: it is saved`, () => evil.seen.saved >= 3);
    evil.socket.close();
  }
  await until("the place arrives", () => cell(writer.doc).get("top") === 20);
  assert.deepEqual(Object.keys((await fetched(id)).getMap("kernel").toJSON()), []);
  writer.leave();
}

export async function who_is_no_member_any_more_is_sent_away() {
  const { call } = await import("../clients.mjs");
  const { id } = await notebook();
  const one = client(id, { token: tokens.viewer });
  await one.synced();
  const path = "/api/projects/demo/members/viewer";
  assert.ok((await call("PUT", path, { role: "developer" })).status < 300);
  addCell(one.doc, "c1", "now I may");
  await until("it is taken", async () => (await fetched(id)).getMap("cell").has("c1"));
  assert.ok((await call("DELETE", path)).status < 300);
  await until("it is sent away", () => one.closes.some((code) => code === 4403 || code === 4404));
  one.leave();
  assert.ok((await call("PUT", path, { role: "viewer" })).status < 300);
}
