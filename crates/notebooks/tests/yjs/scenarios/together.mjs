// What the server does with people: tissues, comments, those who act without a page.
import { addCell, assert, call, client, fetched, notebook, raw, sleep, source, tokens, until, Y } from "../clients.mjs";

const act = async (name, input, token) => {
  const { status, body } = await call("POST", `/api/actions/${name}`, input, token);
  return { status, body };
};

export async function tissues_follow_the_headings() {
  const { id } = await notebook();
  const one = client(id);
  await one.synced();
  addCell(one.doc, "h1", "# One", "markdown");
  addCell(one.doc, "k1", "x = 1");
  addCell(one.doc, "h2", "## Two", "markdown");
  addCell(one.doc, "k2", "y = 1");
  const graph = () => one.doc.getMap("pc_graph").toJSON();
  await until("they nest", () => JSON.stringify(graph().h1) === '["k1","h2"]' && JSON.stringify(graph().h2) === '["k2"]');
  source(one.doc, "h2").delete(0, 1);
  await until("they do not nest any more", () => JSON.stringify(graph().h1) === '["k1"]');
  // Two move one cell at the same time: its id is there twice, for a moment.
  one.doc.getArray("cells").insert(0, ["k2"]);
  await until("once is enough", () => JSON.stringify(one.doc.getArray("cells").toJSON()) === '["k2","h1","k1","h2"]');
  one.leave();
}

/** Row 14: undo takes away what others did. */
export async function row14_undo_takes_back_ones_own_edits_alone() {
  const { id } = await notebook({
    content: { nbformat: 4, nbformat_minor: 5, metadata: {}, cells: [{ cell_type: "code", id: "c1", metadata: {}, source: "x", execution_count: 1, outputs: [{ output_type: "stream", name: "stdout", text: "out" }] }] },
  });
  const [a, b] = [client(id), client(id)];
  await Promise.all([a.synced(), b.synced()]);
  const cell = (one) => one.doc.getMap("cell").get("c1");
  const undo = new Y.UndoManager([source(a.doc, "c1"), a.doc.getArray("cells")]);
  source(a.doc, "c1").insert(1, " = mine");
  source(b.doc, "c1").insert(0, "theirs; ");
  await until("both", () => source(a.doc, "c1").toString().startsWith("theirs; "));
  undo.undo();
  await until("only the own edit is gone", () => source(b.doc, "c1").toString() === "theirs; x");
  assert.equal(cell(b).get("outputs").length, 1);
  // A cell that is deleted leaves its place; undo brings it back with its outputs.
  undo.stopCapturing();
  a.doc.getArray("cells").delete(0);
  await until("it is gone", () => b.doc.getArray("cells").length === 0);
  undo.undo();
  await until("it is back", () => b.doc.getArray("cells").toJSON().join() === "c1");
  assert.equal(cell(b).get("outputs").get(0).get("text").toString(), "out");
  assert.deepEqual([...a.closes, ...b.closes], []);
  [a, b].forEach((one) => one.leave());
}

export async function actions_change_cells_and_show_who_acts() {
  const { id } = await notebook();
  const one = client(id);
  await one.synced();
  const made = await act("notebooks.insert_cell", { notebook: id, source: "x = 1\ny = 2\n" });
  assert.equal(made.status, 200, JSON.stringify(made.body));
  const cell = made.body.id;
  await until("it arrives", () => one.doc.getArray("cells").toJSON().join() === cell);
  await until("who did it is shown", () => [...one.awareness.getStates().values()].some((s) => s.acting && s.cell === cell && s.user.name === "demo"));
  const edited = await act("notebooks.edit_cell", { notebook: id, cell, replace: "y = 2", with: "y = 3" });
  assert.equal(edited.body.source, "x = 1\ny = 3\n");
  assert.equal((await act("notebooks.edit_cell", { notebook: id, cell, replace: "=", with: "" })).status, 409);
  const second = (await act("notebooks.insert_cell", { notebook: id, source: "# Title", type: "markdown", first: true })).body.id;
  assert.equal((await act("notebooks.move_cell", { notebook: id, cell: second, after: cell })).status, 200);
  const read = await act("notebooks.read", { notebook: id });
  assert.deepEqual(read.body.items.map((c) => [c.id, c.type]), [[cell, "code"], [second, "markdown"]]);
  assert.equal((await act("notebooks.delete_cell", { notebook: id, cell: second })).status, 200);
  await until("it is gone", () => one.doc.getArray("cells").length === 1);
  // Whoever may only look reads and changes nothing.
  assert.equal((await act("notebooks.read", { notebook: id }, tokens.viewer)).body.items.length, 1);
  for (const [name, input] of [["insert_cell", {}], ["edit_cell", { cell, source: "" }], ["delete_cell", { cell }]]) {
    assert.equal((await act(`notebooks.${name}`, { notebook: id, ...input }, tokens.viewer)).status, 403, name);
  }
  one.leave();
}

export async function comments_have_threads_mentions_and_an_end() {
  const { id } = await notebook();
  await act("notebooks.insert_cell", { notebook: id, source: "x" });
  const cell = (await act("notebooks.read", { notebook: id })).body.items[0].id;
  const path = `/api/notebooks/${id}/comments`;
  const first = await call("POST", path, { body: "@viewer, is this right? Ask nobody@example.org", cell });
  assert.equal(first.status, 201, JSON.stringify(first.body));
  assert.deepEqual(first.body.mentions.map((p) => p.name), ["viewer"]);
  assert.equal((await call("POST", path, { body: "I may not" }, tokens.viewer)).status, 403);
  assert.equal((await call("POST", path, { body: "x", cell: "nowhere" })).status, 404);
  assert.equal((await call("POST", path, { body: " " })).status, 422);
  const reply = await call("POST", path, { body: "yes", thread: first.body.id });
  assert.equal(reply.body.cell, cell);
  const settled = await call("PATCH", `${path}/${first.body.id}`, { resolved: true });
  assert.equal(settled.body.resolved_by.name, "demo");
  assert.equal((await call("PATCH", `${path}/${reply.body.id}`, { resolved: true })).status, 409);
  const listed = await call("GET", path, undefined, tokens.viewer);
  assert.deepEqual(listed.body.items.map((c) => c.body), [first.body.body, "yes"]);
  assert.equal((await call("DELETE", `${path}/${first.body.id}`)).status, 204);
  assert.deepEqual((await call("GET", path)).body.items, []);
}

export async function commands_are_those_of_the_table() {
  const { WebSocket } = await import("ws");
  const { id } = await notebook();
  const talk = async (token, message) => {
    const socket = new WebSocket(`${process.env.CASTALIA_URL.replace("http", "ws")}/api/notebooks/${id}/comms`, { headers: { authorization: `Bearer ${token}` } });
    const answers = [];
    socket.on("message", (data) => answers.push(JSON.parse(data.toString())));
    await until("it opens", () => socket.readyState === 1);
    socket.send(typeof message === "string" ? message : JSON.stringify(message));
    await until("an answer", () => answers.some((a) => a.method === "reply" || a.method === "error"));
    socket.close();
    return answers.find((a) => a.method === "reply" || a.method === "error");
  };
  const got = await talk(tokens.demo, { id: 7, channel: "notebook", method: "get" });
  assert.equal(got.id, 7);
  assert.equal(got.message.id, id);
  assert.equal((await talk(tokens.demo, { channel: "config", method: "get" })).message.grid.x, 20);
  for (const method of ["start_kernel", "__init__", "flush_io_pub"]) {
    assert.equal((await talk(tokens.demo, { channel: "kernel", method })).message.code, "unknown_method");
  }
  const refused = await talk(tokens.viewer, { channel: "notebook", method: "queue_cell", message: { cell_id: "x" } });
  assert.equal(refused.message.code, "forbidden");
  assert.equal((await talk(tokens.demo, "not json")).message.code, "invalid_message");
}
