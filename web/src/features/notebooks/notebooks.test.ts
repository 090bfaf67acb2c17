import { createHash } from "node:crypto";
import { expect, it, vi } from "vitest";
import type { Focus } from "./cells/focus";
import { CommandKeys } from "./cells/keys";
import { staleness } from "./cells/run-line";
import { codePoints, codeUnits } from "./cells/source";
import { read } from "./list/use-import";
import type { Commands } from "./model/commands";
import type { Run } from "./model/document";
import { sha256 } from "./model/sha256";
import { renderWithFormulas } from "./outputs/markdown";
import { latexBlock } from "./outputs/outputs";
import { backspaced, plainText } from "./outputs/plain";
import { tableOf } from "./outputs/table-of";
import { fileName } from "./queries";

it("hashes like everybody", () => {
  for (const text of ["", "abc", "π = 3\n", "x".repeat(55), "x".repeat(56), "x".repeat(64), "🌙".repeat(300)]) {
    expect(sha256(text)).toBe(createHash("sha256").update(text).digest("hex"));
  }
});

it("names files after titles", () => {
  expect([fileName("My plan"), fileName("Été 2026.ipynb"), fileName("…"), fileName("../../etc")]).toEqual([
    "my-plan.ipynb",
    "e-te-2026.ipynb",
    "notebook.ipynb",
    "etc.ipynb",
  ]);
});

it("counts as Python does", () => {
  const text = "a🌙b";
  expect([codePoints(text, 3), codeUnits(text, 2), codeUnits(text, 3)]).toEqual([2, 3, 4]);
});

it("draws what a terminal draws", () => {
  const shown = (text: string) => plainText(text).map((line) => line.map((run) => run.text).join(""));
  expect(shown("10%\r20%\rdone\nnext\n")).toEqual(["done", "next"]);
  expect(backspaced("abc\b\bX\n\bY")).toBe("aX\nY");
  const [first, second, third] = plainText("\u001b[31mred\nstill\u001b[0m\nplain");
  expect([first?.[0]?.className, second?.[0]?.className, third?.[0]?.className]).toEqual(["ansi-red", "ansi-red", ""]);
});

it("takes formulas out of Markdown, and nothing else", () => {
  const of = (text: string) => renderWithFormulas(text).formulas.map(({ tex, block }) => [tex, block]);
  expect(of("so $a_1*b*$ and $$x^2$$ and \\(y\\)")).toEqual([
    ["a_1*b*", false],
    ["x^2", true],
    ["y", false],
  ]);
  expect(of("it costs $5 or $10, `$x$` and\n```\n$y$\n```")).toEqual([]);
  expect(of("\\begin{align}a&=b\\\\c&=d\\end{align}")).toEqual([["\\begin{align}a&=b\\\\c&=d\\end{align}", true]]);
  expect(latexBlock("$\\displaystyle x$")).toBe("$$x$$");
});

it("lets no element in through Markdown", () => {
  const { fragment } = renderWithFormulas(
    "<img src=x onerror=alert(1)> [a](javascript:alert(1)) ![p](http://elsewhere/p.png) $<img src=x onerror=1>$",
    (name) => (name.startsWith("data:") ? name : undefined),
  );
  const box = document.createElement("div");
  box.append(fragment);
  expect(box.querySelector("img, script, a[href]")).toBeNull();
  expect(box.textContent).toContain("[picture: p]");
  const own = renderWithFormulas("![p](data:image/png;base64,AAAA)", (name) => name).fragment;
  expect(own.querySelector("img")?.getAttribute("src")).toBe("data:image/png;base64,AAAA");
});

it("draws plain tables itself, and leaves the rest to the frame", () => {
  expect(tableOf("<div><style scoped>td{}</style><table><tr><td>1</td></tr></table><p>1 row</p></div>")).toBeDefined();
  for (const html of [
    "<b>no table</b>",
    "<table><tr><td><script>1</script></td></tr></table>",
    "<table><tr><td><img src=x onerror=alert(1)></td></tr></table>",
    "<table onmouseover=alert(1)><tr><td>1</td></tr></table>",
    "<table><tr><td><iframe srcdoc=x></iframe></td></tr></table>",
  ]) {
    expect(tableOf(html), html).toBeUndefined();
  }
});

it("says when what is shown may not hold", () => {
  const run: Run = { id: "r", status: "ok", source_sha256: sha256("x"), incarnation: 1 };
  expect(staleness(run, "x", { state: "idle", incarnation: 1 })).toBeUndefined();
  expect(staleness(run, "y", { state: "idle", incarnation: 1 })).toBe("changed since it ran");
  expect(staleness(run, "x", { state: "idle", incarnation: 2 })).toBe("ran on an earlier kernel");
  expect(staleness(run, "x", { state: "none", incarnation: 2 })).toBeUndefined();
  expect(staleness({ ...run, status: "running" }, "y", { state: "busy", incarnation: 1 })).toBeUndefined();
});

it("hears Jupyter's keys", () => {
  const commands = {
    add: vi.fn(),
    remove: vi.fn(),
    run: vi.fn(),
    walk: vi.fn(),
    move: vi.fn(),
    undo: vi.fn(),
    redo: vi.fn(),
    interrupt: vi.fn(),
    merge: vi.fn(),
  };
  const restart = vi.fn();
  const focus = { active: "c", go: vi.fn() };
  const keys = new CommandKeys({
    commands: commands as unknown as Commands,
    focus: focus as unknown as Focus,
    restart,
  });
  const press = (key: string, mods: Partial<KeyboardEvent> = {}, now = 0) =>
    keys.press({ key, ctrlKey: false, metaKey: false, altKey: false, shiftKey: false, ...mods }, now);
  press("d", {}, 0);
  press("d", {}, 5000);
  expect(commands.remove).not.toHaveBeenCalled();
  press("d", {}, 5100);
  expect(commands.remove).toHaveBeenCalledTimes(1);
  press("i");
  press("0");
  press("i");
  expect(commands.interrupt).not.toHaveBeenCalled();
  press("i");
  expect(commands.interrupt).toHaveBeenCalledTimes(1);
  press("0");
  press("0");
  expect(restart).toHaveBeenCalledTimes(1);
  press("Enter", { shiftKey: true });
  press("Enter", { ctrlKey: true });
  press("Enter", { altKey: true });
  expect(commands.run.mock.calls).toEqual([["next"], ["stay"], ["below"]]);
  press("Enter");
  expect(focus.go).toHaveBeenCalledWith("c", "edit");
  press("ArrowUp", { altKey: true });
  expect(commands.move).toHaveBeenCalledWith("up");
  press("M", { shiftKey: true });
  expect(commands.merge).toHaveBeenCalled();
  press("z", { ctrlKey: true, shiftKey: true });
  expect(commands.redo).toHaveBeenCalled();
  expect([press("q"), press("g"), press("?"), press("k", { ctrlKey: true })]).toEqual([false, false, false, false]);
});

it("takes notebooks alone", async () => {
  const file = (text: string) => new File([text], "x.ipynb");
  await expect(read(file("{"))).rejects.toThrow("not JSON");
  await expect(read(file("{}"))).rejects.toThrow("its format");
  await expect(read(file('{"nbformat":3,"worksheets":[]}'))).rejects.toThrow("format is 3");
  await expect(read(file('{"nbformat":4,"cells":[]}'))).resolves.toMatchObject({ nbformat: 4 });
});
