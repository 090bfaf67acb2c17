import { beforeEach, describe, expect, it, vi } from "vitest";
import { flushRemovals, removeWithUndo } from "./notice";
import { UndoStack, undo } from "./undo";

describe("undo", () => {
  it("takes back the newest change, repeats it, and forgets what was undone after a new one", async () => {
    const stack = new UndoStack();
    let value = 0;
    const put = (next: number) => {
      value = next;
    };
    const set = (from: number, to: number) => {
      put(to);
      stack.did({ title: `to ${to}`, undo: () => put(from), redo: () => put(to) });
    };
    set(0, 1);
    set(1, 2);
    await stack.undo();
    expect([value, stack.state]).toEqual([1, { undo: "to 1", redo: "to 2" }]);
    await stack.redo();
    expect(value).toBe(2);
    await stack.undo();
    set(1, 5);
    expect(stack.state.redo).toBeUndefined();
    await stack.undo();
    await stack.undo();
    await stack.undo();
    expect(value).toBe(0);
  });

  it("makes one of changes that belong together", async () => {
    const stack = new UndoStack();
    let width = 10;
    const put = (next: number) => {
      width = next;
    };
    for (const next of [11, 12, 13]) {
      const from = width;
      put(next);
      stack.did({ title: "resize", merge: "width", undo: () => put(from), redo: () => put(next) });
    }
    await stack.undo();
    expect(width).toBe(10);
    await stack.redo();
    expect(width).toBe(13);
  });

  it("keeps a change that could not be taken back", async () => {
    const stack = new UndoStack();
    stack.did({ title: "x", undo: () => Promise.reject(new Error("away")), redo: () => {} });
    await stack.undo();
    expect(stack.state).toEqual({ undo: "x", redo: undefined });
  });
});

describe("a deletion", () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  const removal = () => ({
    text: "gone",
    title: "Deletion",
    hide: vi.fn(),
    show: vi.fn(),
    commit: vi.fn(async () => {}),
  });

  it("happens after the time of grace", () => {
    const it = removal();
    removeWithUndo(it);
    expect(it.hide).toHaveBeenCalledOnce();
    expect(it.commit).not.toHaveBeenCalled();
    vi.advanceTimersByTime(10_000);
    expect(it.commit).toHaveBeenCalledExactlyOnceWith(false);
    expect(undo.state.undo).toBeUndefined();
  });

  it("does not happen when it is undone", async () => {
    const it = removal();
    removeWithUndo(it);
    await undo.undo();
    vi.advanceTimersByTime(10_000);
    expect(it.show).toHaveBeenCalledOnce();
    expect(it.commit).not.toHaveBeenCalled();
  });

  it("happens at once when the page is left", () => {
    const it = removal();
    removeWithUndo(it);
    flushRemovals(true);
    vi.advanceTimersByTime(10_000);
    expect(it.commit).toHaveBeenCalledExactlyOnceWith(true);
  });

  it("shows again what could not be deleted", async () => {
    const it = removal();
    it.commit.mockRejectedValue(new Error("away"));
    removeWithUndo(it);
    await vi.advanceTimersByTimeAsync(10_000);
    expect(it.show).toHaveBeenCalledOnce();
  });
});
