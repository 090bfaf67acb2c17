import { describe, expect, it, vi } from "vitest";
import type { Action } from "./actions";
import { ariaKeys, KeyLayer, keysText, stroke } from "./keys";

const press = (key: string, more: Partial<KeyboardEventInit> = {}, target: EventTarget = document.body) => {
  const event = new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true, ...more });
  Object.defineProperty(event, "target", { value: target });
  return event;
};

const action = (id: string, keys: string, more: Partial<Action> = {}): Action => ({
  id,
  title: id,
  section: "Test",
  keys,
  run: vi.fn(),
  ...more,
});

describe("keys", () => {
  it("are written as they are pressed", () => {
    expect(stroke(press("k", { ctrlKey: true }), false)).toBe("mod+k");
    expect(stroke(press("K", { metaKey: true, shiftKey: true }), true)).toBe("mod+shift+k");
    expect(stroke(press("?", { shiftKey: true }), false)).toBe("?");
    expect(stroke(press("ArrowLeft", { altKey: true, shiftKey: true }), false)).toBe("alt+shift+ArrowLeft");
    expect(stroke(press("Control", { ctrlKey: true }), false)).toBeUndefined();
  });

  it("are named as on the keyboard", () => {
    expect(keysText("mod+k", false)).toBe("Ctrl+K");
    expect(keysText("mod+k", true)).toBe("⌘K");
    expect(keysText("g p", false)).toBe("G then P");
    expect(ariaKeys("mod+shift+z", false)).toBe("Control+Shift+z");
    expect(ariaKeys("g p")).toBeUndefined();
  });

  it("run their action, sequences only within their time", () => {
    let now = 0;
    const [open, go] = [action("open", "mod+k"), action("go", "g p")];
    const layer = new KeyLayer(
      () => [open, go],
      () => now,
    );
    layer.onKeyDown(press("k", { ctrlKey: true }));
    expect(open.run).toHaveBeenCalledOnce();
    layer.onKeyDown(press("g"));
    layer.onKeyDown(press("p"));
    expect(go.run).toHaveBeenCalledOnce();
    layer.onKeyDown(press("g"));
    now += 5000;
    layer.onKeyDown(press("p"));
    expect(go.run).toHaveBeenCalledOnce();
  });

  it("leave fields alone", () => {
    const [plain, undo, palette] = [action("plain", "?"), action("undo", "mod+z"), action("palette", "mod+k")];
    const layer = new KeyLayer(() => [plain, undo, palette]);
    const field = document.createElement("input");
    layer.onKeyDown(press("?", {}, field));
    layer.onKeyDown(press("z", { ctrlKey: true }, field));
    expect(plain.run).not.toHaveBeenCalled();
    expect(undo.run).not.toHaveBeenCalled();
    layer.onKeyDown(press("k", { ctrlKey: true }, field));
    expect(palette.run).toHaveBeenCalledOnce();
    layer.onKeyDown(press("z", { ctrlKey: true }));
    expect(undo.run).toHaveBeenCalledOnce();
  });

  it("do nothing for what is disabled", () => {
    const off = action("off", "x", { disabled: true });
    new KeyLayer(() => [off]).onKeyDown(press("x"));
    expect(off.run).not.toHaveBeenCalled();
  });
});
