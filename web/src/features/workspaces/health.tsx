import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import type { Chronicle, Workspace } from "@/shared/api/types";
import { duration, moment, plural } from "@/shared/lib/format";
import { Failure } from "@/shared/ui/failure";
import { inputClass } from "@/shared/ui/field";
import { Skeleton } from "@/shared/ui/skeleton";
import { chronicleQuery, underWay } from "./queries";
import {
  type Health,
  heightOf,
  type Mark,
  markOf,
  placeIn,
  spans,
  ticks,
  type Window,
  watchedFor,
  windowOf,
} from "./timeline";

const words: Record<Health, string> = {
  starting: "Starting",
  healthy: "Healthy",
  degraded: "Degraded",
  unhealthy: "Unhealthy",
  stopped: "Stopped",
};

const fills: Record<Health, string> = {
  starting: "fill-starting",
  healthy: "fill-completed",
  degraded: "fill-warn",
  unhealthy: "fill-danger",
  stopped: "fill-queued",
};

const marks: Record<Mark, { word: string; fill: string }> = {
  passed: { word: "good answer", fill: "fill-completed" },
  strained: { word: "good answer, but strained", fill: "fill-warn" },
  failed: { word: "no good answer", fill: "fill-danger" },
  early: { word: "not ready yet", fill: "fill-starting" },
  void: { word: "tells nothing", fill: "fill-queued" },
};

const ranges = [
  { id: "all", words: "All of it", ms: undefined },
  { id: "hour", words: "Last hour", ms: 3_600_000 },
  { id: "minutes", words: "Last 5 minutes", ms: 300_000 },
  { id: "start", words: "Last 30 seconds", ms: 30_000 },
] as const;

/** What was asked of a workspace and what was concluded, drawn over time. */
export function HealthTimeline({ workspace }: { workspace: Workspace }) {
  const chronicle = useQuery(chronicleQuery(workspace.id, underWay(workspace) ? 1000 : 5000));
  const [range, setRange] = useState<(typeof ranges)[number]["id"]>("all");
  if (chronicle.isError) return <Failure error={chronicle.error} retry={() => void chronicle.refetch()} />;
  if (chronicle.isPending) return <Skeleton className="h-36 w-full" />;
  const { attempts, turns } = chronicle.data;
  if (attempts.length === 0 && turns.length === 0) {
    const why =
      workspace.state === "ready" || underWay(workspace) ? "yet since this server watches it" : "in its last run";
    return <p className="text-sm text-muted">Nothing was asked {why}.</p>;
  }
  const end = watchedFor(chronicle.data);
  const shown = windowOf(end, ranges.find(({ id }) => id === range)?.ms);
  return (
    <div className="space-y-3">
      <div className="flex flex-wrap items-center justify-between gap-2">
        <Counts chronicle={chronicle.data} />
        <select
          aria-label="Part of the timeline"
          className={`${inputClass} w-auto!`}
          value={range}
          onChange={({ target }) => setRange(target.value as typeof range)}
        >
          {ranges.map(({ id, words }) => (
            <option key={id} value={id}>
              {words}
            </option>
          ))}
        </select>
      </div>
      <Drawing chronicle={chronicle.data} shown={shown} end={end} />
      <details className="text-sm">
        <summary className="font-medium">The changes and the last tries in words</summary>
        <InWords chronicle={chronicle.data} />
      </details>
    </div>
  );
}

function Counts({ chronicle }: { chronicle: Chronicle }) {
  const { attempts, dropped } = chronicle;
  const states = spans(chronicle, watchedFor(chronicle));
  const count = (wanted: Mark) => attempts.filter((attempt) => markOf(attempt, states) === wanted).length;
  const [early, failed] = [count("early"), count("failed")];
  return (
    <p className="text-sm text-muted tabular-nums">
      {plural(attempts.length + dropped, "try", "tries")}
      {dropped > 0 && `, the last ${attempts.length} shown`}
      {early > 0 && `; ${early} before it was ready`}
      {failed > 0 && `; ${failed} without a good answer`}
    </p>
  );
}

const WIDTH = 1000;
const BAND = 14;
const TRIES = 44;
const GAP = 4;
const AXIS = 18;
const HEIGHT = BAND + GAP + TRIES + AXIS;

/** A band of states above a bar for each try, and an axis of time since it was watched. */
function Drawing({ chronicle, shown, end }: { chronicle: Chronicle; shown: Window; end: number }) {
  const x = (ms: number) => placeIn(shown, ms) * WIDTH;
  const all = spans(chronicle, end);
  const states = all.filter(({ from, to }) => to >= shown.from && from <= shown.to);
  const tries = chronicle.attempts.filter(({ at_ms }) => at_ms >= shown.from && at_ms <= shown.to);
  const floor = BAND + GAP + TRIES;
  const told = states.map(({ state, from, to }) => `${words[state]} for ${duration(to - from)}`).join(", then ");
  return (
    <figure className="space-y-1">
      <svg
        role="img"
        aria-label={`Health over ${duration(shown.to - shown.from)}: ${told}. ${plural(tries.length, "try", "tries")}.`}
        viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
        preserveAspectRatio="none"
        className="h-24 w-full"
      >
        {states.map(({ state, reason, from, to }) => (
          <rect
            key={`${state} ${from}`}
            data-health={state}
            className={fills[state]}
            x={x(from)}
            y={0}
            width={Math.max(2, x(to) - x(from))}
            height={BAND}
          >
            <title>{`${words[state]}: ${reason} (${duration(from)} to ${duration(to)})`}</title>
          </rect>
        ))}
        {tries.map((attempt) => {
          const { number, at_ms, took_us, reason } = attempt;
          const mark = markOf(attempt, all);
          const height = heightOf(took_us) * TRIES;
          const width = Math.max(3, x(at_ms + took_us / 1000) - x(at_ms));
          return (
            <rect
              key={number}
              data-mark={mark}
              className={marks[mark].fill}
              x={Math.min(x(at_ms), WIDTH - width)}
              y={floor - height}
              width={width}
              height={height}
            >
              <title>{`Try ${number} after ${duration(at_ms)}: ${reason} (${duration(took_us / 1000)})`}</title>
            </rect>
          );
        })}
        <line className="stroke-line" x1={0} x2={WIDTH} y1={floor} y2={floor} strokeWidth={1} />
        {ticks(shown).map((ms) => (
          <line key={ms} className="stroke-edge" x1={x(ms)} x2={x(ms)} y1={floor} y2={floor + 6} strokeWidth={1.5} />
        ))}
      </svg>
      <div aria-hidden className="relative -mt-3 h-4 text-xs text-muted tabular-nums">
        {ticks(shown).map((ms) => {
          const at = placeIn(shown, ms);
          const shift = at < 0.05 ? "" : at > 0.95 ? "-translate-x-full" : "-translate-x-1/2";
          return (
            <span key={ms} className={`absolute whitespace-nowrap ${shift}`} style={{ left: `${at * 100}%` }}>
              {duration(ms)}
            </span>
          );
        })}
      </div>
      <figcaption className="flex flex-wrap gap-x-4 gap-y-1 text-xs text-muted">
        {(["early", "passed", "strained", "failed", "void"] as const)
          .filter((mark) => tries.some((one) => markOf(one, all) === mark))
          .map((mark) => (
            <span key={mark} className="inline-flex items-center gap-1.5">
              <svg aria-hidden className="size-2.5" viewBox="0 0 10 10">
                <rect className={marks[mark].fill} width={10} height={10} rx={2} />
              </svg>
              {marks[mark].word}
            </span>
          ))}
        <span>The higher a bar, the longer the answer took.</span>
      </figcaption>
    </figure>
  );
}

const LAST = 20;

function InWords({ chronicle }: { chronicle: Chronicle }) {
  const { turns, attempts } = chronicle;
  const states = spans(chronicle, watchedFor(chronicle));
  return (
    <div className="mt-2 grid gap-4 md:grid-cols-2">
      <ul aria-label="Changes" className="space-y-1">
        {turns.toReversed().map(({ at_ms, time, state, reason }) => (
          <li key={`${at_ms} ${state} ${reason}`} className="wrap-anywhere">
            <span className="text-muted tabular-nums" title={moment(new Date(time).toISOString())}>
              {duration(at_ms)}
            </span>{" "}
            <span className="font-medium">{words[state]}</span>: {reason}
          </li>
        ))}
      </ul>
      <ul aria-label="Last tries" className="space-y-1">
        {attempts
          .slice(-LAST)
          .toReversed()
          .map((attempt) => (
            <li key={attempt.number} className="wrap-anywhere">
              <span className="text-muted tabular-nums">{duration(attempt.at_ms)}</span>{" "}
              {marks[markOf(attempt, states)].word}: {attempt.reason}, {duration(attempt.took_us / 1000)}
            </li>
          ))}
      </ul>
    </div>
  );
}
