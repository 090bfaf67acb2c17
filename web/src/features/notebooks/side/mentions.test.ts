import { expect, it } from "vitest";
import { openThreads } from "../cells/comment-mark";
import type { Comment } from "../queries";
import { beingNamed, whoCouldBe } from "./mentions";

it("knows where somebody is being named", () => {
  expect(beingNamed("see @ad", 7)).toEqual({ from: 4, needle: "ad" });
  expect(beingNamed("@", 1)).toEqual({ from: 0, needle: "" });
  expect(beingNamed("(@ada.l", 7)).toEqual({ from: 1, needle: "ada.l" });
  expect(beingNamed("ada@example", 11)).toBeUndefined();
  expect(beingNamed("@ada and", 8)).toBeUndefined();
  expect(beingNamed("@ada and", 3)).toEqual({ from: 0, needle: "ad" });
});

it("offers members by the beginnings of their names", () => {
  const people = [
    { name: "vic", display_name: "Vic Adams" },
    { name: "ada", display_name: "Ada Lovelace" },
    { name: "brad", display_name: "Brad" },
  ];
  expect(whoCouldBe(people, "ad").map(({ name }) => name)).toEqual(["ada", "vic", "brad"]);
  expect(whoCouldBe(people, "love").map(({ name }) => name)).toEqual(["ada"]);
  expect(whoCouldBe(people, "x")).toEqual([]);
});

it("counts threads that are open, not their answers", () => {
  const one = (id: string, thread: string, cell: string, resolved_at: string | null = null) =>
    ({ id, thread, cell, resolved_at }) as Comment;
  const all = [one("a", "a", "c1"), one("b", "a", "c1"), one("c", "c", "c1", "2026-01-01"), one("d", "d", "c2")];
  expect([openThreads(all, "c1"), openThreads(all, "c2"), openThreads(all, "c3")]).toEqual([1, 1, 0]);
});
