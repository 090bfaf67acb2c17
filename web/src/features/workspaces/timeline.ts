// A health timeline as geometry: when it was what, and each try as a mark at its time. Time runs to the right; of a long
// life the last part is shown, because the beginning can't be read beside it any more.

import type { Chronicle } from "@/shared/api/types";

export type Health = Chronicle["turns"][number]["state"];
type Attempt = Chronicle["attempts"][number];

/** `early`: no good answer, before it had to give one. */
export type Mark = Attempt["mark"] | "early";

export interface Span {
  state: Health;
  reason: string;
  /** Milliseconds since it was watched. */
  from: number;
  to: number;
}

export interface Window {
  from: number;
  to: number;
}

/** How long it is watched so far, in milliseconds. */
export function watchedFor({ attempts, turns }: Chronicle): number {
  const tries = attempts.map(({ at_ms, took_us }) => at_ms + took_us / 1000);
  return Math.max(0, ...tries, ...turns.map(({ at_ms }) => at_ms));
}

/** The spans of one state each, up to `end`. The first state begins with the watch. */
export function spans({ turns }: Chronicle, end: number): Span[] {
  return turns.map((turn, at) => ({
    state: turn.state,
    reason: turn.reason,
    from: at === 0 ? 0 : turn.at_ms,
    to: turns[at + 1]?.at_ms ?? Math.max(end, turn.at_ms),
  }));
}

/** What a try means where it stands: failing while it starts is no failure. */
export function markOf({ mark, at_ms }: Pick<Attempt, "mark" | "at_ms">, states: readonly Span[]): Mark {
  const state = states.findLast(({ from }) => from <= at_ms)?.state;
  return mark === "failed" && (state === "starting" || state === undefined) ? "early" : mark;
}

/** The part that is drawn: the whole, or its last `most` milliseconds. */
export function windowOf(end: number, most: number | undefined): Window {
  const to = Math.max(end, 1);
  return { from: most === undefined ? 0 : Math.max(0, to - most), to };
}

/** From 0 to 1. */
export const placeIn = ({ from, to }: Window, ms: number): number =>
  Math.min(1, Math.max(0, (ms - from) / Math.max(1, to - from)));

/** How high a try's bar is, from 0 to 1: by the logarithm of its time, as tries last from a millisecond to a minute. */
export const heightOf = (tookUs: number): number =>
  Math.min(1, Math.max(0.2, Math.log10(Math.max(1, tookUs / 1000)) / Math.log10(60_000)));

/** Round times for the axis: at most `most` of them. */
export function ticks({ from, to }: Window, most = 6): number[] {
  const steps = [
    1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000, 15_000, 30_000, 60_000, 120_000, 300_000,
  ];
  const long = [600_000, 1_800_000, 3_600_000, 7_200_000, 21_600_000, 86_400_000];
  const all = [...steps, ...long];
  const step = all.find((one) => (to - from) / one <= most) ?? Math.ceil((to - from) / most / 86_400_000) * 86_400_000;
  const first = Math.ceil(from / step) * step;
  return Array.from({ length: Math.max(0, Math.floor((to - first) / step) + 1) }, (_, at) => first + at * step);
}
