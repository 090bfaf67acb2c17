import { expect, it } from "vitest";
import type { Account } from "@/shared/api/types";
import { bytes, credits, duration } from "./format";
import { mediaWord } from "./media";
import { may } from "./permissions";

it("writes sizes, money and durations", () => {
  expect([bytes(999), bytes(58_449), bytes(2_000_000)]).toEqual(["999 B", "58.4 kB", "2 MB"]);
  expect([credits(1_000_000_000), credits(75), credits(0)]).toEqual(["1,000.00", "0.000075", "0.00"]);
  expect([duration(237), duration(61_000), duration(600_000), duration(3_720_000)]).toEqual([
    "237 ms",
    "1 min 1 s",
    "10 min",
    "1 h 2 min",
  ]);
});

it("names media types", () => {
  expect([mediaWord("text/csv; charset=utf-8"), mediaWord("image/svg+xml"), mediaWord("x/y")]).toEqual([
    "CSV table",
    "SVG image",
    "x/y",
  ]);
});

it("reads permission patterns of the account and of the project", () => {
  const account = {
    permissions: ["account.*"],
    projects: { p: ["processes.view", "uploads.*"] },
  } as unknown as Account;
  expect(may(account, "p", "uploads.delete")).toBe(true);
  expect(may(account, "p", "processes.run")).toBe(false);
  expect(may(account, undefined, "uploads.delete")).toBe(false);
});
