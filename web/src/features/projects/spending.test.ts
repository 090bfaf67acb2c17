import { expect, it } from "vitest";
import type { Entry } from "@/shared/api/types";
import { dearest, spendingByDay } from "./spending";

const entry = (time: string, kind: string, credits: number, process?: string) =>
  ({ id: `${time}${kind}`, time, kind, amount: credits * 1_000_000, process }) as Entry;

const entries = [
  entry("2026-03-02T10:05:00Z", "release", 3, "proc_b"),
  entry("2026-03-02T10:05:00Z", "debit", 2, "proc_b"),
  entry("2026-03-02T10:00:00Z", "hold", 5, "proc_b"),
  entry("2026-03-01T23:59:00Z", "debit", 7, "proc_a"),
  entry("2026-03-01T09:00:00Z", "debit", 1, "proc_b"),
  entry("2026-03-01T08:00:00Z", "topup", 100),
];

it("adds up days backwards from the present balance", () => {
  expect(spendingByDay(entries, 90_000_000)).toEqual([
    { time: Date.parse("2026-03-01") / 1000, balance: 92, spent: 8 },
    { time: Date.parse("2026-03-02") / 1000, balance: 90, spent: 2 },
  ]);
  expect(spendingByDay([], 5)).toEqual([]);
});

it("names the dearest processes", () => {
  expect(dearest(entries, 1)).toEqual([{ process: "proc_a", name: "proc_a", spent: 7_000_000 }]);
  expect(dearest(entries, 9).map(({ spent }) => spent)).toEqual([7_000_000, 3_000_000]);
});
