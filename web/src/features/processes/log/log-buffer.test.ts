import { expect, it, vi } from "vitest";
import { LogBuffer, type LogLine } from "./log-buffer";

const line = (seq: number, text = `line ${seq}`): LogLine => ({ seq, time: 0, stream: "stdout", line: text });

it("keeps each line once, also when a reconnect repeats some", () => {
  const buffer = new LogBuffer((callback) => callback());
  buffer.add([line(1), line(2)], false);
  buffer.add([line(2), line(3)], true);
  expect(buffer.shown.map(({ seq }) => seq)).toEqual([1, 2, 3]);
  expect(buffer.complete).toBe(true);
});

it("filters what is there and what comes, without colours and case", () => {
  const buffer = new LogBuffer((callback) => callback());
  buffer.add([line(1, "\u001b[31mErr\u001b[0mor"), line(2, "fine")], false);
  buffer.filter("ERROR");
  buffer.add([line(3, "another error"), line(4)], false);
  expect(buffer.shown.map(({ seq }) => seq)).toEqual([1, 3]);
  buffer.filter("");
  expect(buffer.shown).toHaveLength(4);
});

it("tells of a burst once", () => {
  const pending: (() => void)[] = [];
  const buffer = new LogBuffer((callback) => pending.push(callback));
  const watcher = vi.fn();
  buffer.watch(watcher);
  for (let seq = 1; seq <= 100; seq += 1) buffer.add([line(seq)], false);
  for (const callback of pending) callback();
  expect(watcher).toHaveBeenCalledTimes(1);
});
