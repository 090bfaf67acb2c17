import { useVirtualizer } from "@tanstack/react-virtual";
import { useEffect, useRef, useState } from "react";
import { plural } from "@/shared/lib/format";
import { lineParser } from "./lines";
import { useSequence } from "./sequence";
import { Bar, Foreign, ReadSoFar, tall } from "./shell";

const LINE = 21;

/** Text with line numbers, read as far as one scrolls. */
export function TextPreview({ id, name, size }: { id: string; name: string; size: number }) {
  const lines = useSequence(id, size, lineParser);
  const [wrap, setWrap] = useState(true);
  const box = useRef<HTMLElement>(null);
  const rows = useVirtualizer({
    count: lines.items.length,
    getScrollElement: () => box.current,
    estimateSize: () => LINE,
    overscan: 20,
  });
  const visible = rows.getVirtualItems();
  const { more } = lines;
  const count = lines.items.length;
  const near = (visible.at(-1)?.index ?? 0) >= count - 200;
  useEffect(() => {
    if (near && !lines.loading && !lines.error && count > 0) more();
  }, [near, lines.loading, lines.error, count, more]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: every height changes with the wrapping
  useEffect(() => rows.measure(), [wrap, rows]);

  const digits = String(count).length;
  return (
    <div className="space-y-2">
      <Bar>
        <label className="flex items-center gap-1.5">
          <input
            type="checkbox"
            className="size-4 accent-accent"
            checked={wrap}
            onChange={(event) => setWrap(event.target.checked)}
          />
          Wrap lines
        </label>
        <span className="text-muted">
          {lines.whole ? plural(lines.items.findLast((line) => line.number)?.number ?? 0, "line") : "Scroll to read on"}
        </span>
      </Bar>
      <section
        ref={box}
        aria-label={`Content of ${name}`}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a box that scrolls must take the focus to be scrolled by keys
        tabIndex={0}
        className={`max-h-[min(32rem,70vh)] overflow-auto rounded-lg border border-line bg-surface font-mono text-sm ${count > 20 ? tall : "min-h-24"}`}
        data-lines={count}
      >
        <div className="relative w-full" style={{ height: rows.getTotalSize() }}>
          {visible.map(({ index, start }) => {
            const line = lines.items[index];
            return (
              <div
                key={index}
                ref={rows.measureElement}
                data-index={index}
                className="absolute top-0 left-0 flex min-w-full leading-[21px]"
                style={{ transform: `translateY(${start}px)`, ...(wrap && { width: "100%" }) }}
              >
                <span
                  aria-hidden
                  className="sticky left-0 shrink-0 bg-surface pr-3 pl-3 text-right text-muted select-none"
                  style={{ minWidth: `${digits + 3}ch` }}
                >
                  {line?.number ?? "↳"}
                </span>
                <span className={`pr-3 ${wrap ? "min-w-0 whitespace-pre-wrap wrap-anywhere" : "whitespace-pre"}`}>
                  <Foreign text={line?.text ?? ""} />
                </span>
              </div>
            );
          })}
        </div>
      </section>
      <ReadSoFar sequence={lines} size={size} />
    </div>
  );
}
