import type { Entry } from "@/shared/api/types";

/** A day of the ledger. */
export interface Point {
  /** Its beginning, in seconds of UTC as charts want them. */
  time: number;
  /** At its end, in credits. */
  balance: number;
  /** In it, in credits. */
  spent: number;
}

const DAY = 86_400_000;
const MICRO = 1_000_000;

/** How a kind of entry changes the balance: what is set aside is still there. */
const signs: Record<string, number> = { topup: 1, adjustment: 1, debit: -1 };

/** Balance and spending by day, oldest first, from entries (newest first, as the API gives them) and the present balance. */
export function spendingByDay(entries: readonly Entry[], balance: number): Point[] {
  const days = new Map<number, Point>();
  let after = balance;
  for (const entry of entries) {
    const time = Math.floor(Date.parse(entry.time) / DAY) * (DAY / 1000);
    // The first that is met of a day is its last, so the balance after it is the day's.
    const day = days.get(time) ?? { time, balance: after / MICRO, spent: 0 };
    if (entry.kind === "debit") day.spent += entry.amount / MICRO;
    days.set(time, day);
    after -= (signs[entry.kind] ?? 0) * entry.amount;
  }
  return [...days.values()].reverse();
}

/** What each process cost among these entries, the dearest first, in micro-credits. */
export function dearest(entries: readonly Entry[], count: number): { process: string; name: string; spent: number }[] {
  const sums = new Map<string, { process: string; name: string; spent: number }>();
  for (const entry of entries) {
    if (entry.kind !== "debit" || !entry.process) continue;
    const name = entry.process_name ?? entry.process;
    const sum = sums.get(entry.process) ?? { process: entry.process, name, spent: 0 };
    sum.spent += entry.amount;
    sums.set(entry.process, sum);
  }
  return [...sums.values()].sort((a, b) => b.spent - a.spent).slice(0, count);
}
