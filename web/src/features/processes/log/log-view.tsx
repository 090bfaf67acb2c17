import { useVirtualizer } from "@tanstack/react-virtual";
import { ArrowDownToLine, Download } from "lucide-react";
import { useEffect, useRef, useState, useSyncExternalStore } from "react";
import { request } from "@/shared/api/client";
import type { Project, VersionView } from "@/shared/api/types";
import { plural } from "@/shared/lib/format";
import { saveAs } from "@/shared/lib/save";
import { socket } from "@/shared/live/live";
import { Button } from "@/shared/ui/button";
import { inputClass } from "@/shared/ui/field";
import { ended } from "@/shared/ui/state";
import { toast } from "@/shared/ui/toast";
import { runs } from "./ansi";
import { LogBuffer, type LogLine } from "./log-buffer";

const ROW = 20;

/** Fills a buffer from the log's topic; after a reconnect it goes on where it was. A view is of one log: the version is its key. */
function useLog(process: string, version: number): { buffer: LogBuffer; refused: string | undefined } {
  const [refused, setRefused] = useState<string>();
  const [buffer] = useState(() => new LogBuffer());
  useEffect(() => {
    setRefused(undefined);
    const leave = socket.subscribe(
      `process.${process}.v${version}.log`,
      {
        onData(data) {
          const { lines, complete } = data as { lines: LogLine[]; complete: boolean };
          buffer.add(lines, complete);
          // A log that has ended says nothing more, so there is nothing to ask for after a reconnect.
          if (complete) leave();
        },
        onError: (_code, detail) => setRefused(detail),
      },
      0,
    );
    return leave;
  }, [buffer, process, version]);
  return { buffer, refused };
}

interface Props {
  project: Project;
  version: VersionView;
  /** The line to begin with. */
  line?: number | undefined;
}

export default function LogView({ version }: Props) {
  const { buffer, refused } = useLog(version.process, version.version);
  useSyncExternalStore(buffer.watch, buffer.version);
  const [needle, setNeedle] = useState("");
  const [following, setFollowing] = useState(true);
  const box = useRef<HTMLElement>(null);
  const lines = buffer.shown;

  const virtual = useVirtualizer({
    count: lines.length,
    getScrollElement: () => box.current,
    estimateSize: () => ROW,
    overscan: 30,
  });

  useEffect(() => buffer.filter(needle), [buffer, needle]);
  useEffect(() => {
    if (following && lines.length > 0) virtual.scrollToIndex(lines.length - 1, { align: "end" });
  }, [following, lines.length, virtual]);

  // Scrolling up lets go of the end; coming back to it takes hold again.
  function onScroll(element: HTMLElement) {
    setFollowing(element.scrollHeight - element.scrollTop - element.clientHeight < ROW * 2);
  }

  async function download() {
    try {
      const path = `/api/processes/${version.process}/logs?version=${version.version}`;
      const answer = await request(path, { headers: { accept: "text/plain" } });
      saveAs(await answer.blob(), `${version.process}-v${version.version}.log`);
    } catch (error) {
      toast.error(error, "The log was not downloaded");
    }
  }

  return (
    <section aria-label="Log" className="flex h-full min-h-0 flex-col gap-2">
      <div className="flex flex-wrap items-center gap-3">
        <input
          type="search"
          aria-label="Show only lines with"
          placeholder="Show only lines with…"
          className={`${inputClass} max-w-72`}
          value={needle}
          onChange={(event) => setNeedle(event.target.value)}
        />
        <p className="text-sm text-muted tabular-nums" role="status">
          {needle
            ? `${lines.length.toLocaleString()} of ${plural(buffer.total, "line")}`
            : plural(buffer.total, "line")}
          {!buffer.complete && !ended(version.state) && ", live"}
        </p>
        <div className="ml-auto flex gap-2">
          <Button aria-pressed={following} onClick={() => setFollowing(!following)}>
            <ArrowDownToLine aria-hidden className="size-4" />
            {following ? "Following" : "Follow"}
          </Button>
          <Button onClick={() => void download()}>
            <Download aria-hidden className="size-4" />
            Download
          </Button>
        </div>
      </div>
      {refused && (
        <p role="alert" className="text-danger">
          {refused}
        </p>
      )}
      <section
        ref={box}
        aria-label={`Lines of the log${needle ? " that match" : ""}`}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a box that scrolls must take the focus to be scrolled by keys
        tabIndex={0}
        onScroll={(event) => onScroll(event.currentTarget)}
        className="terminal min-h-0 flex-1 overflow-auto rounded-lg p-3 font-mono text-[13px] leading-5"
      >
        {lines.length === 0 && <p className="terminal-dim">{nothing(buffer, version, needle)}</p>}
        <div className="relative w-max min-w-full" style={{ height: virtual.getTotalSize() }}>
          {virtual.getVirtualItems().map(({ index, start }) => {
            const line = lines[index];
            return (
              line && (
                <div
                  key={line.seq}
                  className="absolute left-0 h-5 whitespace-pre"
                  style={{ transform: `translateY(${start}px)` }}
                >
                  <Line line={line} />
                </div>
              )
            );
          })}
        </div>
      </section>
    </section>
  );
}

function nothing(buffer: LogBuffer, version: VersionView, needle: string): string {
  if (needle && buffer.total > 0) return "No line has this text.";
  if (buffer.complete) return "It wrote nothing.";
  return version.state === "queued" ? "It waits for its turn; the log begins when it starts." : "Nothing yet.";
}

function Line({ line }: { line: LogLine }) {
  if (line.stream === "progress") {
    return (
      <span className="ansi-cyan">
        {Math.round((line.fraction ?? 0) * 100)}% {line.line}
      </span>
    );
  }
  return (
    <span className={line.stream === "system" ? "terminal-dim italic" : undefined}>
      {runs(line.line).map((run, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the runs of a line never change
        <span key={index} className={run.className || undefined} style={run.color ? { color: run.color } : undefined}>
          {run.text}
        </span>
      ))}
    </span>
  );
}
