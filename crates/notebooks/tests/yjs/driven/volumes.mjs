// A file in a workspace's volume, while JupyterLab has it open as well.
import { assert, call, client, driven, source, until } from "../clients.mjs";

export async function a_file_is_written_by_jupyterlab_and_by_people_here() {
  const id = process.env.CASTALIA_NOTEBOOK;
  const one = client(id);
  await one.synced();
  const file = (key) => one.doc.getMap("file").get(key) ?? null;
  assert.equal(source(one.doc, "a").toString(), "x = 1\n");
  assert.equal(await driven("jupyterlab opens it"), "done");
  // It is written here, and saved, after JupyterLab has opened it.
  source(one.doc, "b").insert("y = 2\n".length, "# here\n");
  await until("it is saved", () => file("saved_at") && !file("dirty_since") && !file("error"));
  assert.equal(await driven("jupyterlab saves it"), "done");
  await until("what it saved is here", () => source(one.doc, "a").toString() === "x = 1\n# lab\n", 60_000);
  assert.equal(source(one.doc, "b").toString(), "y = 2\n# here\n", "and what was written here stays");
  assert.deepEqual(file("conflicts") ?? [], []);
  assert.equal(await driven("both are in the file"), "done");
  // The workspace goes with its volume: everybody is told, also those who write nothing.
  assert.equal(await driven("delete the workspace"), "done");
  await until("it is told", () => file("error_code") === "volume_gone", 60_000);
  source(one.doc, "a").insert(0, "# still here\n");
  const { status, body } = await call("PUT", `/api/notebooks/${id}/place`, {});
  assert.equal(status, 200, JSON.stringify(body));
  await until("it is saved elsewhere", () => !file("error") && !file("dirty_since") && file("name") === "plan.ipynb", 60_000);
  const saved = await call("GET", `/api/notebooks/${id}/file?format=ipynb`);
  assert.match(JSON.stringify(saved.body), /still here.*# lab.*# here/s);
  one.leave();
}
