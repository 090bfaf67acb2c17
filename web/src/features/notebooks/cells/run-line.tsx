// How a cell's last run goes or went: who, how long, on which kernel, and whether that still holds.

import {
  CircleCheck,
  CircleSlash,
  CircleX,
  Hourglass,
  LoaderCircle,
  MessageCircleQuestion,
  TriangleAlert,
} from "lucide-react";
import { useEffect, useState } from "react";
import { duration, moment } from "@/shared/lib/format";
import { useOpen } from "../context";
import { type CellState, type KernelState, type Run, textOf } from "../model/document";
import { sha256 } from "../model/sha256";
import { useCell, useKernelState } from "../model/store";

/** Why what is shown may not be what the cell would give now. */
export function staleness(run: Run | null, text: string, kernel: KernelState): string | undefined {
  if (!run || run.status === "running") return undefined;
  if (run.source_sha256 && sha256(text) !== run.source_sha256) return "changed since it ran";
  const gone =
    kernel.incarnation !== undefined && run.incarnation !== undefined && kernel.incarnation !== run.incarnation;
  if (gone && kernel.state !== "none") return "ran on an earlier kernel";
  return undefined;
}

const looks = {
  ok: { icon: CircleCheck, word: "Ran", colour: "text-completed" },
  error: { icon: CircleX, word: "Failed", colour: "text-failed" },
  aborted: { icon: CircleSlash, word: "Not run: one before it failed", colour: "text-muted" },
  interrupted: { icon: CircleSlash, word: "Stopped", colour: "text-warn" },
  lost: { icon: CircleSlash, word: "Lost with its kernel", colour: "text-warn" },
};

export function RunLine({ id, state, run }: { id: string; state: CellState; run: Run | null }) {
  const { session } = useOpen();
  const kernel = useKernelState(session.store);
  const stale = useCell(session.store, id, `stale ${kernel.state} ${kernel.incarnation}`, (cell) =>
    staleness(run, textOf(cell), kernel),
  );
  if (state === "queued") {
    return (
      <p className="nb-run-line text-queued">
        <Hourglass aria-hidden className="size-3.5" />
        Queued
      </p>
    );
  }
  if (state === "waiting") {
    return (
      <p className="nb-run-line text-warn">
        <MessageCircleQuestion aria-hidden className="size-3.5" />
        Waiting for {run?.waiting_for?.name ?? "an answer"}
      </p>
    );
  }
  if (state === "running") {
    return (
      <p className="nb-run-line text-running">
        <LoaderCircle aria-hidden className="size-3.5 animate-spin" />
        Running
        {run?.started_at && <Since time={run.started_at} />}
        {run?.by && `, by ${run.by.name}`}
      </p>
    );
  }
  const look = run?.status && run.status !== "running" ? looks[run.status] : undefined;
  if (!run || !look) return null;
  const details = [
    run.by && `${run.status === "ok" ? "" : "run "}by ${run.by.name}`,
    typeof run.duration_ms === "number" && duration(run.duration_ms),
    run.incarnation !== undefined && `kernel ${run.incarnation}`,
  ].filter(Boolean);
  return (
    <p className="nb-run-line text-muted" title={run.ended_at ? moment(run.ended_at) : undefined}>
      <look.icon aria-hidden className={`size-3.5 ${look.colour}`} />
      <span>
        {look.word}
        {run.status === "ok" ? " " : ", "}
        {details.join(", ")}
      </span>
      {stale && (
        <span className="inline-flex items-center gap-1 text-warn">
          <TriangleAlert aria-hidden className="size-3.5" />
          {stale}
        </span>
      )}
    </p>
  );
}

function Since({ time }: { time: string }) {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 1000);
    return () => clearInterval(timer);
  }, []);
  const seconds = Math.floor((now - Date.parse(time)) / 1000);
  return seconds >= 1 ? <span className="tabular-nums">{duration(seconds * 1000)}</span> : null;
}
