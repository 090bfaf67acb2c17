import { useQuery } from "@tanstack/react-query";
import { useVirtualizer } from "@tanstack/react-virtual";
import { ChevronLeft, ChevronRight } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import { bytes } from "@/shared/lib/format";
import { Button } from "@/shared/ui/button";
import { Failure } from "@/shared/ui/failure";
import { inputClass } from "@/shared/ui/field";
import { Skeleton } from "@/shared/ui/skeleton";
import { readBytes } from "../queries";
import { hexLine, WIDTH } from "./hex-line";
import { Bar } from "./shell";

/** A page is one request; any place of the file is one page away. */
const PAGE = 64 << 10;
const LINE = 21;

/** Bytes in hexadecimal and what is printable of them. */
export function HexPreview({ id, name, size }: { id: string; name: string; size: number }) {
  const [page, setPage] = useState(0);
  const [asked, setAsked] = useState("");
  /** Where to be once the page is there. */
  const [line, setLine] = useState<number>();
  const pages = Math.max(1, Math.ceil(size / PAGE));
  const start = page * PAGE;
  const end = Math.min(size, start + PAGE);
  const part = useQuery({
    queryKey: ["content", id, "bytes", start],
    queryFn: ({ signal }) => (size === 0 ? new Uint8Array() : readBytes(id, start, end, signal)),
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 60_000,
  });
  const box = useRef<HTMLElement>(null);
  const content = part.data ?? new Uint8Array();
  const rows = useVirtualizer({
    count: Math.ceil(content.length / WIDTH),
    getScrollElement: () => box.current,
    estimateSize: () => LINE,
    overscan: 20,
  });

  const there = part.data !== undefined;
  useEffect(() => {
    if (line === undefined || !there) return;
    rows.scrollToIndex(line, { align: "start" });
    setLine(undefined);
  }, [line, there, rows]);

  function turn(to: number) {
    setPage(to);
    setLine(0);
  }

  function go() {
    const offset = /^0x/i.test(asked.trim()) ? Number.parseInt(asked, 16) : Number(asked);
    if (!(offset >= 0 && offset < size)) return;
    setPage(Math.floor(offset / PAGE));
    setLine(Math.floor((offset % PAGE) / WIDTH));
  }

  return (
    <div className="space-y-2">
      <Bar>
        <Button
          look="quiet"
          className="px-2!"
          aria-label="Page before"
          disabled={page === 0}
          onClick={() => turn(page - 1)}
        >
          <ChevronLeft aria-hidden className="size-4" />
        </Button>
        <span className="text-muted tabular-nums">
          {bytes(start)} to {bytes(end)} of {bytes(size)}
        </span>
        <Button
          look="quiet"
          className="px-2!"
          aria-label="Next page"
          disabled={page >= pages - 1}
          onClick={() => turn(page + 1)}
        >
          <ChevronRight aria-hidden className="size-4" />
        </Button>
        {pages > 1 && (
          <form
            className="flex items-center gap-1.5"
            onSubmit={(event) => {
              event.preventDefault();
              go();
            }}
          >
            <input
              aria-label="Offset in bytes, or 0x and hexadecimal"
              placeholder="Offset, 0x1f00"
              className={`${inputClass} w-36! font-mono`}
              value={asked}
              onChange={(event) => setAsked(event.target.value)}
            />
            <Button type="submit">Go</Button>
          </form>
        )}
      </Bar>
      {part.isError ? (
        <Failure error={part.error} retry={() => void part.refetch()} />
      ) : part.isPending ? (
        <Skeleton className="h-64 w-full" />
      ) : (
        <section
          ref={box}
          aria-label={`Bytes of ${name}`}
          // biome-ignore lint/a11y/noNoninteractiveTabindex: a box that scrolls must take the focus to be scrolled by keys
          tabIndex={0}
          className="max-h-[min(32rem,70vh)] overflow-auto rounded-lg border border-line bg-surface p-2 font-mono text-sm"
        >
          {size === 0 && <p className="font-sans text-muted">The file is empty.</p>}
          <div className="relative" style={{ height: rows.getTotalSize() }}>
            {rows.getVirtualItems().map(({ index, start: top }) => (
              <pre
                key={index}
                className="absolute top-0 left-0 leading-[21px]"
                style={{ transform: `translateY(${top}px)` }}
              >
                {hexLine(start + index * WIDTH, content.subarray(index * WIDTH, (index + 1) * WIDTH))}
              </pre>
            ))}
          </div>
        </section>
      )}
    </div>
  );
}
