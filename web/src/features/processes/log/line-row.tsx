import { memo } from "react";
import { runs, withHits } from "./ansi";
import { ERROR, levelOf, streamOf, WARNING } from "./lines";
import type { Line } from "./pages";

interface Props {
  index: number;
  line: Line | undefined;
  wrap: boolean;
  times: boolean;
  /** Width of the numbers, in digits. */
  digits: number;
  needle: string;
  marked: boolean;
  onNumber: (index: number, extend: boolean) => void;
}

const clock = (time: number) => new Date(time).toLocaleTimeString("en-GB", { hour12: false });

/** One line: its number, its time when that is wanted, and what the program wrote. */
export const LineRow = memo(function LineRow(props: Props) {
  const { index, line, wrap, times, digits, needle, marked, onNumber } = props;
  const level = line ? levelOf(line.kind) : 0;
  const edge =
    level === ERROR ? "border-l-[#ff8f85]" : level === WARNING ? "border-l-[#f3cf6b]" : "border-l-transparent";
  return (
    <div
      data-line={index + 1}
      className={`flex min-h-[20px] border-l-3 ${edge} ${marked ? "bg-[#22424a]" : ""} ${wrap ? "" : "h-[20px]"}`}
    >
      <button
        type="button"
        // Too many stops for Tab; the menu and the keys do the same for the line that is marked.
        tabIndex={-1}
        aria-label={`Mark line ${index + 1}`}
        className="terminal-dim shrink-0 self-start px-2 text-right tabular-nums select-none hover:underline"
        style={{ width: `calc(${digits}ch + 1rem)` }}
        onClick={(event) => onNumber(index, event.shiftKey)}
      >
        {index + 1}
      </button>
      {times && line && (
        <time
          dateTime={new Date(line.time).toISOString()}
          title={new Date(line.time).toISOString()}
          className="terminal-dim shrink-0 pr-2 tabular-nums select-none"
        >
          {clock(line.time)}
        </time>
      )}
      <span className={`pr-3 ${wrap ? "min-w-0 flex-1 wrap-anywhere whitespace-pre-wrap" : "whitespace-pre"}`}>
        {line ? <Text line={line} needle={needle} /> : <span className="terminal-dim">…</span>}
      </span>
    </div>
  );
});

function Text({ line, needle }: { line: Line; needle: string }) {
  const stream = streamOf(line.kind);
  const whole = stream === "progress" ? "ansi-cyan" : stream === "system" ? "terminal-dim italic" : undefined;
  return (
    <span className={whole}>
      {withHits(runs(line.text), needle).map(({ text, className, color, background, hit }, index) => {
        const Element = hit ? "mark" : "span";
        return (
          <Element
            // biome-ignore lint/suspicious/noArrayIndexKey: the runs of a line never change
            key={index}
            className={`${className} ${hit ? "terminal-hit" : ""}`.trim() || undefined}
            style={color || background ? { color, backgroundColor: background } : undefined}
          >
            {text}
          </Element>
        );
      })}
    </span>
  );
}
