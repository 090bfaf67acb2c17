import { expect, it } from "vitest";
import { runs, stripped } from "./ansi";

const ESC = "\u001b";

it("makes runs of colours and never markup", () => {
  expect(runs(`a${ESC}[1;31mb<b>${ESC}[0mc`)).toEqual([
    { text: "a", className: "" },
    { text: "b<b>", className: "ansi-red font-bold" },
    { text: "c", className: "" },
  ]);
});

it("knows the large palettes", () => {
  expect(runs(`${ESC}[38;5;196mx`)[0]?.color).toBe("rgb(255 0 0)");
  expect(runs(`${ESC}[38;2;1;2;3mx${ESC}[48;5;20my`).map(({ color }) => color)).toEqual(["rgb(1 2 3)", "rgb(1 2 3)"]);
});

it("shows what a terminal shows after a carriage return, and drops other sequences", () => {
  expect(runs("10%\r20%\r")).toEqual([{ text: "20%", className: "" }]);
  expect(stripped(`${ESC}]0;title\u0007a${ESC}[2Kb`)).toBe("ab");
});
