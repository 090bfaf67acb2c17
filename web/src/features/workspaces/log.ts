// The log of one run of a workspace, for the viewer of logs.

import type { LogLine } from "@/features/processes/log/lines";
import type { Log } from "@/features/processes/log/source";
import { api, body } from "@/shared/api/client";
import type { Workspace } from "@/shared/api/types";
import { saveAs } from "@/shared/lib/save";
import { toast } from "@/shared/ui/toast";
import { underWay } from "./queries";

/** As many as an answer holds. */
const MOST = 5000;

/**
 * The lines with numbers from `after + 1` to `after + limit`: only the end of a long log is kept after a run, and the
 * viewer counts on there being every one.
 */
export function gapless(lines: readonly LogLine[], after: number, limit: number): LogLine[] {
  const first = lines[0];
  if (!first || first.seq === after + 1) return [...lines];
  const missing = Math.min(first.seq - after - 1, limit);
  const blanks = Array.from({ length: missing }, (_, at) => ({ ...first, seq: after + 1 + at, line: "" }));
  return [...blanks, ...lines].slice(0, limit);
}

export function workspaceLog(workspace: Workspace): Log {
  const { id, name, run, state } = workspace;
  const ask = (query: { after?: number; limit: number; tail?: boolean }) =>
    body(
      api.GET("/api/workspaces/{workspace}/logs", { params: { path: { workspace: id }, query: { run, ...query } } }),
    );
  return {
    key: `${id} ${run}`,
    topic: `workspace.${id}.log`,
    load: async (after, limit) => gapless((await ask({ after, limit })).lines as LogLine[], after, limit),
    last: async () => ((await ask({ limit: 1, tail: true })).lines as LogLine[]).at(-1)?.seq ?? 0,
    ended: !underWay(workspace) && state !== "ready",
    waits: state === "queued",
    async download() {
      try {
        const parts: string[] = [];
        for (let after = 0; ; ) {
          const page = await ask({ after, limit: MOST });
          for (const { line } of page.lines as LogLine[]) parts.push(`${line}\n`);
          if (page.lines.length < MOST) break;
          after = page.last;
        }
        saveAs(new Blob(parts, { type: "text/plain" }), `${name}-${run}.log`);
      } catch (error) {
        toast.error(error, "The log was not downloaded");
      }
    },
  };
}
