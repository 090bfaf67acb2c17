import { expect, it } from "vitest";
import { runs, stripped, withHits } from "./ansi";

const ESC = "\u001b";
const first = (line: string) => runs(line)[0];

it("makes runs of colours and never markup", () => {
  expect(runs(`a${ESC}[1;31mb<b>${ESC}[0mc`)).toEqual([
    { text: "a", className: "" },
    { text: "b<b>", className: "ansi-red font-bold" },
    { text: "c", className: "" },
  ]);
});

it("knows the large palettes, in front and behind", () => {
  expect(first(`${ESC}[38;5;196mx`)?.color).toBe("rgb(255 0 0)");
  expect(first(`${ESC}[48;5;20mx`)).toEqual({ text: "x", className: "ansi-light", background: "rgb(0 0 215)" });
  expect(runs(`${ESC}[38;2;1;2;3mx${ESC}[48;2;250;250;0my`).map(({ color }) => color)).toEqual([
    "rgb(1 2 3)",
    "rgb(1 2 3)",
  ]);
  expect(first(`${ESC}[38;2;999;;mx`)?.color).toBe("rgb(255 0 0)");
  expect(first(`${ESC}[38;5;3mx`)?.className).toBe("ansi-yellow");
});

it("puts readable text on a colour", () => {
  expect(first(`${ESC}[37;41mx`)?.className).toBe("ansi-white ansi-bg-red");
  expect(first(`${ESC}[30;43mx`)?.className).toBe("ansi-on-yellow");
  expect(first(`${ESC}[7mx`)?.className).toBe("ansi-on-white");
  expect(first(`${ESC}[7;32mx`)?.className).toBe("ansi-on-green");
  expect(first(`${ESC}[7mx${ESC}[27my`)).toMatchObject({ text: "x" });
  expect(runs(`${ESC}[7mx${ESC}[27my`)[1]?.className).toBe("");
});

it("knows underline, strike and their ends", () => {
  expect(runs(`${ESC}[4;9mx${ESC}[29my${ESC}[24mz`).map(({ className }) => className)).toEqual([
    "ansi-under-through",
    "underline",
    "",
  ]);
});

it("shows what a terminal shows after a carriage return, and drops other sequences", () => {
  expect(runs("10%\r20%\r")).toEqual([{ text: "20%", className: "" }]);
  expect(stripped(`${ESC}]0;title\u0007a${ESC}[2Kb${ESC}[?25l`)).toBe("ab");
});

it("marks what was searched for, also across colours", () => {
  const parts = withHits(runs(`an er${ESC}[31mROR here`), "error");
  expect(parts.map(({ text, hit }) => [text, hit === true])).toEqual([
    ["an ", false],
    ["er", true],
    ["ROR", true],
    [" here", false],
  ]);
  expect(parts[2]?.className).toBe("ansi-red");
});
