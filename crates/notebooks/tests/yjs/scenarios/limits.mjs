// Much at once, and readers that do not read.
import { addCell, assert, client, fetched, notebook, raw, sleep, source, until, Y } from "../clients.mjs";

/** Row 10 of the complaints: a big document never loads. */
export async function row10_an_update_of_20_mb_is_taken_or_refused_in_words() {
  const { id } = await notebook();
  const [a, b] = [client(id), client(id)];
  await Promise.all([a.synced(), b.synced()]);
  addCell(a.doc, "c1", "");
  source(a.doc, "c1").insert(0, "x".repeat(20 << 20));
  await until("b has it", () => b.doc.getMap("cell").has("c1") && source(b.doc, "c1").length === 20 << 20, 60_000);
  const late = client(id);
  await late.synced();
  assert.equal(source(late.doc, "c1").length, 20 << 20);
  assert.deepEqual([...a.closes, ...b.closes], [], "nobody had to come again");
  [a, b, late].forEach((one) => one.leave());
  // What is more than a frame may be ends with a number that says so.
  const big = await raw(id);
  big.step1();
  big.update(new Uint8Array(40 << 20));
  const close = await big.closed();
  assert.equal(close.code, 4413, JSON.stringify(close));
}

export async function a_client_that_never_reads_holds_nobody_up() {
  const { id } = await notebook();
  const [writer, reader] = [client(id), client(id)];
  await Promise.all([writer.synced(), reader.synced()]);
  addCell(writer.doc, "c1", "");
  const deaf = await raw(id);
  const doc = new Y.Doc();
  await deaf.synced(doc);
  deaf.socket.pause();
  const chunk = "y".repeat(64 << 10);
  for (let n = 0; n < 250; n += 1) {
    source(writer.doc, "c1").insert(0, chunk);
    // The writer's socket is given time to write.
    if (n % 20 === 0) await sleep(5);
  }
  await until("the other reader has all", () => source(reader.doc, "c1").length === 250 * chunk.length, 60_000);
  // It reads again: it is brought up to date, without having been forgotten.
  deaf.socket.resume();
  await until(
    "it has all",
    () => {
      for (const { body } of deaf.seen.updates.splice(0)) Y.applyUpdate(doc, body);
      return doc.getMap("cell").has("c1") && source(doc, "c1").length === 250 * chunk.length;
    },
    60_000,
  );
  source(writer.doc, "c1").insert(0, "!");
  await until("and what comes then", () => {
    for (const { body } of deaf.seen.updates.splice(0)) Y.applyUpdate(doc, body);
    return source(doc, "c1").toString().startsWith("!");
  });
  deaf.socket.close();
  [writer, reader].forEach((one) => one.leave());
}

export async function what_can_not_be_read_ends_the_connection_alone() {
  const { id } = await notebook();
  const good = client(id);
  await good.synced();
  addCell(good.doc, "c1", "good");
  const broken = [
    new Uint8Array([0, 2, 255, 255, 255]),
    new Uint8Array([0, 2, 3, 1, 2, 3]),
    new Uint8Array([0, 1, 4, 255, 255, 255, 255]),
    new Uint8Array([1, 5, 1, 1, 1, 1, 1]),
    new Uint8Array(0),
  ];
  for (const bytes of broken) {
    const one = await raw(id);
    one.step1();
    await until("step 2", () => one.seen.updates.length > 0);
    one.socket.send(bytes);
    const close = await one.closed();
    assert.equal(close.code, 1007, `${[...bytes]}: ${JSON.stringify(close)}`);
  }
  // An update of random bytes, many times.
  for (let n = 0; n < 100; n += 1) {
    const one = n % 20 === 0 || !globalThis.noisy || globalThis.noisy.seen.close ? await raw(id) : globalThis.noisy;
    globalThis.noisy = one;
    if (!one.begun) one.step1();
    one.begun = true;
    one.update(Uint8Array.from({ length: 1 + (n % 40) }, () => Math.floor(Math.random() * 256)));
    await sleep(1);
  }
  globalThis.noisy.socket.close();
  source(good.doc, "c1").insert(0, "still ");
  await until("the room goes on", async () => source(await fetched(id), "c1").toString() === "still good");
  assert.deepEqual(good.closes, []);
  good.leave();
}
