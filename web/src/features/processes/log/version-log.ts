// The log of one version of a process.

import { address, api, base, body } from "@/shared/api/client";
import type { VersionView } from "@/shared/api/types";
import { ended } from "@/shared/ui/state";
import type { LogLine } from "./lines";
import type { Log } from "./source";

/** Beyond the end of every log: the answer says where the end is. */
const END = Number.MAX_SAFE_INTEGER;

/** `project` is its name. */
export function versionLog(project: string, { process: id, version, state }: VersionView): Log {
  const ask = (after: number, limit: number) =>
    body(api.GET("/api/processes/{id}/logs", { params: { path: { id }, query: { version, after, limit } } }));
  return {
    key: `${id} ${version}`,
    topic: `process.${id}.v${version}.log`,
    load: async (after, limit) => (await ask(after, limit)).lines as LogLine[],
    async last() {
      const { last_seq } = await ask(END, 1);
      // A log that has not begun answers with what was asked.
      return last_seq === END ? 0 : last_seq;
    },
    ended: ended(state),
    waits: state === "queued",
    link: (line) =>
      new URL(`projects/${encodeURIComponent(project)}/processes/${id}?version=${version}&tab=log&line=${line}`, base)
        .href,
    download() {
      const link = document.createElement("a");
      // As the program wrote it; the browser need not hold it in memory.
      link.href = address(`/api/processes/${encodeURIComponent(id)}/logs?version=${version}&format=text&download=true`);
      link.download = `${id}-v${version}.log`;
      link.click();
    },
  };
}
