// The server goes and comes back, as it was or not.
import { addCell, assert, call, client, driven, fetched, notebook, other, raw, same, sleep, source, until, url, Y } from "../clients.mjs";

const saved = async (id, condition) => until("it is saved", async () => condition(await fetched(id)));

/** Row 1 of the complaints: cells and text double after a reconnect to a server that lost its history. */
export async function row01_nothing_doubles_when_the_server_forgot() {
  const { id } = await notebook();
  const [a, sleeper] = [client(id), client(id)];
  await Promise.all([a.synced(), sleeper.synced()]);
  const stored = (one) => until("the file has it", () => one.doc.getMap("file").get("dirty_since") === null);
  addCell(a.doc, "c1", "one");
  await saved(id, (doc) => doc.getMap("cell").has("c1"));
  await stored(a);
  await same("all have it", a, sleeper);
  assert.equal(await driven("back up"), "done");
  sleeper.provider.disconnect();
  await a.synced();
  const written = a.doc.getMap("file").get("saved_at");
  addCell(a.doc, "c2", "two");
  source(a.doc, "c1").insert(3, " and more");
  await saved(id, (doc) => doc.getMap("cell").has("c2"));
  await until("the server wrote something too", () => a.doc.getMap("file").get("saved_at") !== written);
  addCell(sleeper.doc, "c3", "while asleep");
  // The server dies, and what comes back is what it was a while ago.
  assert.equal(await driven("kill and restore"), "done");
  // Who has nothing of what was lost goes on, and what it wrote meanwhile is taken.
  sleeper.provider.connect();
  await sleeper.synced();
  await saved(id, (doc) => doc.getMap("cell").has("c3"));
  // Who has what the server no longer knows is told so, instead of being merged in half; its own copy is whole.
  await until("it is told", () => a.closes.includes(4409));
  assert.equal(source(a.doc, "c1").toString(), "one and more");
  assert.equal(source(a.doc, "c2").toString(), "two");
  const now = await fetched(id);
  assert.deepEqual([...now.getArray("cells").toJSON()].sort(), ["c1", "c3"], "nothing twice");
  assert.equal(source(now, "c1").toString(), "one");
  // A store that was wiped: there is no such notebook, and what the clients have does not become another one.
  assert.equal(await driven("kill and wipe"), "done");
  const { closes, provider } = sleeper;
  await until("it is told", () => closes.includes(4404) || closes.includes(4401) || !provider.wsconnected);
  assert.equal(source(sleeper.doc, "c3").toString(), "while asleep", "the client's own copy is whole");
  [a, sleeper].forEach((one) => one.leave());
}

/** Row 2: a notebook is replaced by an empty one after a laptop slept. */
export async function row02_a_room_that_was_closed_meanwhile_is_as_before() {
  const { id } = await notebook();
  const a = client(id);
  await a.synced();
  for (let n = 0; n < 50; n += 1) addCell(a.doc, `c${n}`, `cell ${n}`);
  await saved(id, (doc) => doc.getArray("cells").length === 50);
  for (let round = 0; round < 3; round += 1) {
    a.provider.disconnect();
    source(a.doc, "c0").insert(0, "asleep ");
    // Longer than the server keeps what nobody needs.
    await sleep(2500);
    a.provider.connect();
    await a.synced();
    await until("it is there", async () => source(await fetched(id), "c0").toString() === source(a.doc, "c0").toString());
  }
  const now = await fetched(id);
  assert.equal(now.getArray("cells").length, 50);
  assert.deepEqual(now.getArray("cells").toJSON(), a.doc.getArray("cells").toJSON());
  a.leave();
}

/** Two type while the server is killed, again and again. What was said to be saved is there, and nothing twice. */
export async function killed_while_two_type() {
  const { id } = await notebook();
  const [a, b] = [client(id), client(id)];
  await Promise.all([a.synced(), b.synced()]);
  addCell(a.doc, "c1", "");
  await same("both have it", a, b);
  let promised = 0;
  for (let round = 0; round < 4; round += 1) {
    const one = await raw(id);
    const doc = new Y.Doc();
    await one.synced(doc);
    let typing = true;
    const type = async (who, word) => {
      for (let n = 0; typing; n += 1) {
        const text = source(who.doc, "c1");
        text.insert(text.length, `${word}${round}.${n} `);
        await sleep(2);
      }
    };
    // A third one counts what it was promised.
    const count = (async () => {
      for (let n = 0; typing; n += 1) {
        const before = Y.encodeStateVector(doc);
        doc.getMap("meta").set("extra", { count: promised + 1 });
        one.update(Y.encodeStateAsUpdate(doc, before));
        const wanted = n + 1;
        await until("it is saved", () => one.seen.saved >= wanted || one.seen.close).catch(() => {});
        if (one.seen.close) return;
        promised += 1;
      }
    })();
    const typed = [type(a, "a"), type(b, "b"), count];
    await sleep(150);
    assert.equal(await driven("kill and start"), "done");
    typing = false;
    await Promise.all(typed);
    const kept = (await fetched(id)).getMap("meta").get("extra").count;
    assert.ok(kept >= promised, `${kept} of ${promised} promised ones are there`);
    promised = kept;
    await Promise.all([a.synced(), b.synced()]);
  }
  await same("both have the same", a, b);
  const text = source(await fetched(id), "c1").toString();
  assert.equal(text, source(a.doc, "c1").toString());
  const words = text.trim().split(" ");
  assert.equal(new Set(words).size, words.length, "no word twice");
  for (const who of ["a", "b"]) {
    for (let round = 0; round < 4; round += 1) {
      const numbers = words.filter((word) => word.startsWith(`${who}${round}.`)).map((word) => Number(word.split(".")[1]));
      assert.deepEqual(numbers, [...numbers.keys()], `${who} in round ${round}: all of them, in order`);
    }
  }
  [a, b].forEach((one) => one.leave());
}

/** Two servers over one database. */
export async function row06_two_servers_share_a_room() {
  const { id } = await notebook();
  const [a, b] = [client(id), client(id, { at: other })];
  await Promise.all([a.synced(), b.synced()]);
  addCell(a.doc, "c1", "from a");
  await same("it arrives at the other server", a, b);
  const type = async (one, word) => {
    for (let n = 0; n < 40; n += 1) {
      const text = source(one.doc, "c1");
      text.insert(text.length, ` ${word}${n}`);
      await sleep(3);
    }
  };
  await Promise.all([type(a, "a"), type(b, "b")]);
  await same("both have both", a, b);
  addCell(b.doc, "m1", "# Title", "markdown");
  await until("tissues come from the one who leads", () => a.doc.getMap("pc_graph").has("m1") && b.doc.getMap("pc_graph").has("m1"));
  // One that comes late finds all, wherever it asks.
  const [here, there] = [await fetched(id), await fetched(id, { at: other })];
  const text = source(here, "c1").toString();
  assert.equal(text, source(there, "c1").toString());
  for (const word of ["a", "b"]) for (let n = 0; n < 40; n += 1) assert.equal(text.split(` ${word}${n} `).length <= 2, true);
  assert.equal(text.trim().split(" ").length, 82);
  // Who is connected to one is seen by those of the other.
  const seen = (one, by, cell) => () => by.awareness.getStates().get(one.doc.clientID)?.cell === cell;
  a.awareness.setLocalStateField("cell", "c1");
  b.awareness.setLocalStateField("cell", "m1");
  await until("a is seen at the other server", seen(a, b, "c1"));
  await until("b is seen at the one", seen(b, a, "m1"));
  assert.equal(b.awareness.getStates().get(a.doc.clientID).user.name, "demo");
  const c = client(id, { at: other });
  await until("one that comes later sees both", () => seen(a, c, "c1")() && seen(b, c, "m1")());
  c.leave();
  await until("who goes is gone there as well", () => !a.awareness.getStates().has(c.doc.clientID));
  // The server that leads dies: the other goes on, and leads.
  assert.equal(await driven("kill one"), "done");
  await until("whoever was connected to it is gone", () => !b.awareness.getStates().has(a.doc.clientID), 40_000);
  addCell(b.doc, "m2", "# Later", "markdown");
  await until("the other leads", () => b.doc.getMap("pc_graph").has("m2"), 30_000);
  [a, b].forEach((one) => one.leave());
}

/** Row 9: memory grows with every document that was ever open. */
export async function row09_rooms_are_let_go() {
  const ids = [];
  for (let n = 0; n < 20; n += 1) ids.push((await notebook()).id);
  const open = async (count) => {
    for (let n = 0; n < count; n += 1) {
      const one = await raw(ids[n % ids.length]);
      const doc = new Y.Doc();
      await one.synced(doc);
      const before = Y.encodeStateVector(doc);
      addCell(doc, `c${n}`, "x".repeat(20_000));
      one.update(Y.encodeStateAsUpdate(doc, before));
      await until("it is saved", () => one.seen.saved >= 1);
      one.socket.close();
      await one.closed();
    }
  };
  await open(80);
  const rooms = async () => {
    const answer = await fetch(`${process.env.CASTALIA_URL}/metrics`, { headers: { authorization: `Bearer ${process.env.CASTALIA_TOKEN}` } });
    const line = (await answer.text()).split("\n").find((l) => l.startsWith("castalia_notebook_rooms_active "));
    return Number(line?.split(" ")[1] ?? 0);
  };
  assert.ok((await rooms()) > 0);
  await until("all are let go", async () => (await rooms()) === 0, 30_000);
  assert.equal((await call("GET", `/api/notebooks/${ids[0]}`)).body.cells, 4);
}

/** The database is away for a while. Nobody is told that anything is saved that is not, and nothing is lost. */
export async function the_database_is_gone_while_two_type() {
  const id = process.env.CASTALIA_NOTEBOOK;
  const [a, b] = [client(id), client(id)];
  await Promise.all([a.synced(), b.synced()]);
  addCell(a.doc, "typed", "");
  await until("both have it", () => b.doc.getMap("cell").has("typed"));
  await saved(id, (doc) => doc.getMap("cell").has("typed"));
  const one = await raw(id);
  const doc = new Y.Doc();
  await one.synced(doc);
  const change = (count) => {
    const before = Y.encodeStateVector(doc);
    doc.getMap("meta").set("extra", { count });
    one.update(Y.encodeStateAsUpdate(doc, before));
  };
  change(1);
  await until("it is saved", () => one.seen.saved === 1);
  let typing = true;
  const type = async (who, word) => {
    let n = 0;
    for (; typing; n += 1) {
      const text = source(who.doc, "typed");
      text.insert(text.length, `${word}${n} `);
      await sleep(20);
    }
    return n;
  };
  const typed = [type(a, "a"), type(b, "b")];
  await sleep(300);
  assert.equal(await driven("stop the database"), "done");
  change(2);
  const health = await fetch(`${url}/health`);
  assert.equal(health.status, 503);
  assert.equal(await driven("start the database"), "done");
  // Told only once it is so; meanwhile nobody was sent away.
  await until("it is saved", () => one.seen.saved === 2, 60_000);
  typing = false;
  const [as, bs] = await Promise.all(typed);
  await until("all is there", async () => source(await fetched(id), "typed").length === source(a.doc, "typed").length, 60_000);
  await until("both have the same", () => source(a.doc, "typed").toString() === source(b.doc, "typed").toString(), 60_000);
  const now = await fetched(id);
  assert.equal(now.getMap("meta").get("extra").count, 2);
  const words = source(now, "typed").toString().trim().split(" ");
  assert.equal(words.length, as + bs);
  for (const [who, count] of [["a", as], ["b", bs]]) {
    const own = words.filter((word) => word.startsWith(who));
    assert.deepEqual(own, [...Array(count).keys()].map((n) => `${who}${n}`), "all of them, in order");
  }
  assert.deepEqual([...a.closes, ...b.closes], [], "nobody was sent away");
  // Row 14 of the complaints: undo takes outputs away, which come all the time.
  const undo = new Y.UndoManager([source(a.doc, "typed"), a.doc.getArray("cells")]);
  source(a.doc, "typed").insert(0, "mine ");
  await until("it is there", () => source(b.doc, "typed").toString().startsWith("mine "));
  await until("an output comes", () => a.doc.getMap("cell").get("c0").get("outputs").length > 0);
  undo.undo();
  await until("it is gone", () => source(b.doc, "typed").toString().startsWith("a0") || source(b.doc, "typed").toString().startsWith("b0"));
  assert.equal(a.doc.getMap("cell").get("c0").get("outputs").get(0).get("text").toString().slice(0, 4), "0\n1\n");
  one.socket.close();
  [a, b].forEach((who) => who.leave());
}

/** Somebody who reads nothing at all for half a minute is let go, and comes back to all of it. */
export async function who_never_reads_is_let_go() {
  const { id } = await notebook();
  const writer = client(id);
  await writer.synced();
  addCell(writer.doc, "c1", "");
  // By hand: a stock client would end what says nothing for half a minute itself.
  const deaf = await raw(id);
  const doc = new Y.Doc();
  await deaf.synced(doc);
  deaf.socket.pause();
  const chunk = "z".repeat(256 << 10);
  // More than any socket holds.
  for (let n = 0; n < 80; n += 1) {
    source(writer.doc, "c1").insert(0, chunk);
    if (n % 8 === 0) await sleep(5);
  }
  const isLetGo = async () => {
    const answer = await fetch(`${url}/metrics`, { headers: { authorization: `Bearer ${process.env.CASTALIA_TOKEN}` } });
    return /^castalia_notebook_readers_dropped_total\S* [1-9]/m.test(await answer.text());
  };
  await until("it is let go", isLetGo, 100_000);
  deaf.socket.resume();
  await deaf.closed();
  // With what it has it comes again, and gets the rest.
  const again = client(id, { doc });
  await until("it has all", () => again.doc.getMap("cell").has("c1") && source(again.doc, "c1").length === 80 * chunk.length, 60_000);
  source(writer.doc, "c1").insert(0, "!");
  await until("and what comes then", () => source(again.doc, "c1").toString().startsWith("!"));
  [writer, again].forEach((one) => one.leave());
}
