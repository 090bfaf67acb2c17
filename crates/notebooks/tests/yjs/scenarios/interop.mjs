// A stock client and the server understand each other.
import { addCell, assert, client, fetched, notebook, same, sleep, source, until, Y } from "../clients.mjs";

export async function two_write_in_one_cell() {
  const { id } = await notebook();
  const [a, b] = [client(id), client(id)];
  await Promise.all([a.synced(), b.synced()]);
  addCell(a.doc, "c1", "x = 1");
  await same("b has the cell", a, b);
  source(a.doc, "c1").insert(5, "0");
  source(b.doc, "c1").insert(0, "é𝒳🙂 ");
  await same("both have both", a, b);
  assert.equal(source(a.doc, "c1").toString(), "é𝒳🙂 x = 10");
  const late = client(id);
  await late.synced();
  await same("one who comes late", a, late);
  const fresh = await fetched(id);
  assert.equal(source(fresh, "c1").toString(), "é𝒳🙂 x = 10");
  [a, b, late].forEach((one) => one.leave());
}

export async function values_arrive_as_they_were() {
  const { id } = await notebook();
  const [a, b] = [client(id), client(id)];
  await Promise.all([a.synced(), b.synced()]);
  addCell(a.doc, "c1");
  const values = { int: 1, float: 1.5, big: 2 ** 53 - 1, nan: NaN, inf: Infinity, nothing: null, yes: true, empty: {}, list: [1, [2, { a: "b" }]] };
  const metadata = a.doc.getMap("cell").get("c1").get("metadata");
  for (const [key, value] of Object.entries(values)) metadata.set(key, value);
  await same("b has the values", a, b);
  assert.deepEqual(b.doc.getMap("cell").get("c1").get("metadata").toJSON(), values);
  const undo = new Y.UndoManager(source(a.doc, "c1"));
  source(a.doc, "c1").insert(0, "typed");
  undo.undo();
  await same("undone", a, b);
  undo.redo();
  await until("done again", () => source(b.doc, "c1").toString() === "typed");
  [a, b].forEach((one) => one.leave());
}

export async function offline_edits_meet() {
  const { id } = await notebook();
  const [a, b] = [client(id), client(id)];
  await Promise.all([a.synced(), b.synced()]);
  addCell(a.doc, "c1", "base");
  await same("b has it", a, b);
  a.provider.disconnect();
  await until("a is away", () => !a.provider.wsconnected);
  source(a.doc, "c1").insert(4, " from a");
  addCell(a.doc, "a1", "only a");
  source(b.doc, "c1").insert(0, "from b ");
  addCell(b.doc, "b1", "only b");
  await sleep(50);
  a.provider.connect();
  await a.synced();
  await same("both have both", a, b);
  assert.equal(source(b.doc, "c1").toString(), "from b base from a");
  assert.deepEqual([...a.doc.getArray("cells").toJSON()].sort(), ["a1", "b1", "c1"]);
  // What it does from here on arrives too.
  source(a.doc, "c1").insert(0, "and ");
  await same("later edits", a, b);
  [a, b].forEach((one) => one.leave());
}

export async function presence_is_seen_and_ends() {
  const { id } = await notebook();
  const [a, b] = [client(id), client(id)];
  await Promise.all([a.synced(), b.synced()]);
  a.awareness.setLocalStateField("cell", "c1");
  a.awareness.setLocalStateField("user", { id: "user_somebody_else", name: "Mallory" });
  const seen = (one) => one.awareness.getStates().get(a.doc.clientID);
  await until("b sees a", () => seen(b)?.cell === "c1");
  assert.equal(seen(b).user.name, "demo", "who it is, the server says");
  const late = client(id);
  await until("one who comes late sees it", () => seen(late)?.cell === "c1");
  // Nobody speaks for another: b claims a's state.
  b.awareness.getStates().set(a.doc.clientID, { cell: "stolen" });
  b.awareness.meta.set(a.doc.clientID, { clock: 99, lastUpdated: Date.now() });
  b.awareness.emit("update", [{ added: [], updated: [a.doc.clientID], removed: [] }, "local"]);
  await sleep(100);
  assert.equal(seen(late).cell, "c1");
  // A socket that dies says nothing.
  a.provider.shouldConnect = false;
  a.sockets.at(-1).terminate();
  await until("it is gone", () => seen(late) === undefined);
  [a, b, late].forEach((one) => one.leave());
}

export async function a_file_becomes_a_document() {
  const cells = [
    { cell_type: "markdown", id: "m1", metadata: {}, source: ["# Title\n", "text"] },
    { cell_type: "code", id: "k1", metadata: { tags: ["a"] }, source: "x = 1", execution_count: 3,
      outputs: [{ output_type: "stream", name: "stdout", text: "hello\n" }] },
  ];
  const metadata = { kernelspec: { name: "python3", display_name: "Python 3", language: "python" } };
  const made = await notebook({ content: { nbformat: 4, nbformat_minor: 5, metadata, cells } });
  assert.equal(made.cells, 2);
  assert.equal(made.kernel, "python3");
  const one = client(made.id);
  await one.synced();
  const json = one.json();
  assert.deepEqual(json.cells, ["m1", "k1"]);
  assert.equal(json.cell.m1.source, "# Title\ntext");
  assert.equal(json.cell.k1.outputs[0].text, "hello\n");
  assert.equal(json.cell.k1.execution_count, 3);
  // A person may delete a cell with all that the server wrote of it.
  one.doc.getMap("cell").delete("k1");
  one.doc.getArray("cells").delete(1);
  await until("it is gone", async () => !(await fetched(made.id)).getMap("cell").has("k1"));
  assert.deepEqual(one.closes, []);
  one.leave();
}
