import { expect, it } from "vitest";
import { score } from "./score";

const order = (needle: string, ...titles: string[]) =>
  titles
    .filter((title) => score({ title }, needle) > 0)
    .sort((a, b) => score({ title: b }, needle) - score({ title: a }, needle));

it("puts what begins with the typed words first and leaves out what lacks one", () => {
  expect(order("log", "Catalogue", "Go to Ledger", "Login", "Process log")).toEqual([
    "Login",
    "Process log",
    "Catalogue",
  ]);
  expect(order("split ri", "Split down", "Split right")).toEqual(["Split right"]);
  expect(order("gtp", "Go to Processes", "Go to Data")).toEqual(["Go to Processes"]);
  expect(order("", "b", "a")).toHaveLength(2);
});

it("finds by further words, behind titles", () => {
  expect(score({ title: "Make panel wider", words: "grow" }, "grow")).toBeGreaterThan(0);
  expect(score({ title: "Grow" }, "grow")).toBeGreaterThan(score({ title: "Wider", words: "grow" }, "grow"));
  expect(score({ title: "Überblick" }, "über")).toBeGreaterThan(0);
});
