// Histories that do not belong together never meet.
import { addCell, assert, call, client, fetched, notebook, raw, source, tokens, until, Y } from "../clients.mjs";

export async function another_history_is_turned_away() {
  const { id, epoch } = await notebook();
  const other = await notebook();
  const writer = client(id, { params: { epoch } });
  await writer.synced();
  addCell(writer.doc, "c1", "mine");
  await until("it is there", async () => (await fetched(id)).getMap("cell").has("c1"));
  // A document of another notebook, whole, by a stock client that knows of no epochs.
  const foreign = await fetched(other.id);
  addCell(foreign, "c1", "theirs");
  const stray = client(id, { doc: foreign });
  await until("it is turned away", () => stray.closes.includes(4409));
  stray.leave();
  // One that was begun by itself, before it ever heard of the server.
  const own = new Y.Doc();
  addCell(own, "own", "by itself");
  const early = client(id, { doc: own });
  await until("it is turned away", () => early.closes.includes(4409));
  early.leave();
  // One that says its epoch is closed before a word.
  const says = await raw(id, { query: `epoch=${other.epoch}&castalia=1` });
  assert.equal((await says.closed()).code, 4409);
  // One that says nothing of what it has may not write.
  const silent = await raw(id);
  silent.update(Y.encodeStateAsUpdate(own));
  assert.equal((await silent.closed()).code, 1007);
  const now = await fetched(id);
  assert.equal(source(now, "c1").toString(), "mine");
  assert.deepEqual(now.getArray("cells").toJSON(), ["c1"]);
  assert.equal(now.getMap("meta").get("epoch"), epoch);
  writer.leave();
}

/** Row 13 of the complaints: a rename mixes documents. */
export async function row13_a_rename_while_two_write_mixes_nothing() {
  const [one, two] = [await notebook({ name: "first" }), await notebook({ name: "second" })];
  const [a, b] = [client(one.id), client(two.id)];
  await Promise.all([a.synced(), b.synced()]);
  addCell(a.doc, "c1", "of one");
  addCell(b.doc, "c1", "of two");
  // The names change places, through a third.
  for (const [id, name] of [[one.id, "third"], [two.id, "first"], [one.id, "second"]]) {
    assert.equal((await call("PATCH", `/api/notebooks/${id}`, { name })).status, 200);
    source(a.doc, "c1").insert(0, "a");
    source(b.doc, "c1").insert(0, "b");
  }
  const taken = await call("PATCH", `/api/notebooks/${one.id}`, { name: "first" });
  assert.equal(taken.status, 409);
  await until("one", async () => source(await fetched(one.id), "c1")?.toString() === "aaaof one");
  await until("two", async () => source(await fetched(two.id), "c1")?.toString() === "bbbof two");
  [a, b].forEach((c) => c.leave());
  for (const { id } of [one, two]) assert.equal((await call("DELETE", `/api/notebooks/${id}`)).status, 204);
}

export async function a_deleted_notebook_says_so() {
  const { id } = await notebook();
  const one = await raw(id);
  one.step1();
  assert.equal((await call("DELETE", `/api/notebooks/${id}`)).status, 204);
  assert.equal((await one.closed()).code, 4404);
  const again = await raw(id);
  assert.equal((await again.closed()).code, 4404);
  const stranger = await raw("nb_01JDDDDDDDDDDDDDDDDDDDDDDD", { token: tokens.viewer });
  assert.equal((await stranger.closed()).code, 4404);
}
