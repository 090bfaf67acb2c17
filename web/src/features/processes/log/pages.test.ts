import { expect, it, vi } from "vitest";
import type { LogLine } from "./lines";
import { PAGE, Pages } from "./pages";
import { Scan } from "./scan";

const line = (seq: number): LogLine => ({
  seq,
  time: seq,
  stream: seq % 1000 === 0 ? "stderr" : "stdout",
  line: `line ${seq}`,
});
const lines = (after: number, count: number) => Array.from({ length: count }, (_, n) => line(after + n + 1));
const at = (callback: () => void) => callback();

it("keeps each line once, also when a reconnect repeats some", () => {
  const pages = new Pages(async () => [], at);
  pages.add(lines(0, 3));
  pages.add(lines(1, 4));
  expect(pages.total).toBe(5);
  expect(pages.line(4)?.text).toBe("line 5");
  expect(pages.line(5)).toBeUndefined();
});

it("opens a long log at its end and loads what is looked at, in as many answers as it takes", async () => {
  const load = vi.fn(async (after: number, limit: number) => lines(after, Math.min(limit, 3000)));
  const pages = new Pages(load, at);
  expect(pages.begin(4 * PAGE + 7)).toBe(4 * PAGE);
  pages.add(lines(4 * PAGE, 7));
  expect(pages.total).toBe(4 * PAGE + 7);
  expect(pages.line(4 * PAGE + 6)?.text).toBe(`line ${4 * PAGE + 7}`);
  expect(load).not.toHaveBeenCalled();
  expect(pages.line(PAGE + 1)).toBeUndefined();
  await pages.page(1);
  expect(pages.line(PAGE + 1)).toEqual({ text: `line ${PAGE + 2}`, time: PAGE + 2, kind: 0 });
  expect(load.mock.calls).toEqual([
    [PAGE, PAGE],
    [PAGE + 3000, PAGE - 3000],
  ]);
});

it("forgets what was not looked at for long when memory is short", async () => {
  const load = vi.fn(async (after: number, limit: number) => lines(after, limit));
  const pages = new Pages(load, at, 150_000);
  pages.begin(6 * PAGE);
  for (const number of [0, 1, 2, 3]) await pages.page(number);
  expect(pages.size).toBeLessThanOrEqual(150_000);
  expect(pages.line(3 * PAGE)?.text).toBe(`line ${3 * PAGE + 1}`);
  expect(pages.line(0)).toBeUndefined();
  await pages.page(0);
  expect(load).toHaveBeenCalledTimes(5);
  expect(pages.line(0)?.text).toBe("line 1");
});

it("lets a page that failed be asked for again", async () => {
  const load = vi.fn(async (after: number, limit: number) => lines(after, limit));
  load.mockRejectedValueOnce(new Error("away"));
  const pages = new Pages(load, at);
  pages.begin(PAGE);
  await expect(pages.page(0)).rejects.toThrow("away");
  await pages.page(0);
  expect(pages.line(0)?.text).toBe("line 1");
});

it("tells of a burst once", () => {
  const pending: (() => void)[] = [];
  const pages = new Pages(
    async () => [],
    (callback) => pending.push(callback),
  );
  const watcher = vi.fn();
  pages.watch(watcher);
  for (let seq = 1; seq <= 100; seq += 1) pages.add([line(seq)]);
  for (const callback of pending) callback();
  expect(watcher).toHaveBeenCalledTimes(1);
});

it("looks through pages that must be loaded, then through what is new", async () => {
  const pages = new Pages(async (after, limit) => lines(after, limit), at);
  pages.add([]);
  pages.begin(2 * PAGE);
  const scan = new Scan(pages, (text) => text.endsWith("00"));
  await vi.waitFor(() => expect(scan.done).toBe(true));
  expect(scan.length).toBe((2 * PAGE) / 100);
  expect(scan.place(0)).toBe(99);
  expect(scan.before(scan.place(7))).toBe(7);
  pages.add(lines(2 * PAGE, 100));
  await vi.waitFor(() => expect(scan.length).toBe((2 * PAGE) / 100 + 1));
  scan.end();
  pages.add(lines(2 * PAGE + 100, 100));
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect(scan.length).toBe((2 * PAGE) / 100 + 1);
});

it("says when what it looks through can't be had", async () => {
  const pages = new Pages(() => Promise.reject(new Error("away")), at);
  pages.begin(PAGE);
  const onError = vi.fn();
  new Scan(pages, () => true, onError);
  await vi.waitFor(() => expect(onError).toHaveBeenCalledWith(new Error("away")));
});
