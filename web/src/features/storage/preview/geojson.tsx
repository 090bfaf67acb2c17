import { useInfiniteQuery } from "@tanstack/react-query";
import { useVirtualizer } from "@tanstack/react-virtual";
import { useEffect, useRef } from "react";
import { plural } from "@/shared/lib/format";
import { Failure } from "@/shared/ui/failure";
import { Skeleton } from "@/shared/ui/skeleton";
import { shownName } from "../shown-text";
import { useDocument } from "./document";
import { Bar } from "./shell";

const ROW = 31;
const PAGE = 500;

/** The features of a GeoJSON document: how many of what, and a table of their properties. */
export function GeojsonPreview({ id, name, crs }: { id: string; name: string; crs: string | undefined }) {
  const { document, error } = useDocument(id);
  const pages = useInfiniteQuery({
    queryKey: ["content", id, "features"],
    queryFn: ({ pageParam }) => (document ? document.ask("features", pageParam, PAGE) : Promise.reject()),
    enabled: document !== undefined,
    initialPageParam: 0,
    getNextPageParam: (last, all) => (all.length * PAGE < last.total ? all.length * PAGE : undefined),
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 60_000,
  });
  const first = pages.data?.pages[0];
  const rows = pages.data?.pages.flatMap((page) => page.rows) ?? [];
  const box = useRef<HTMLElement>(null);
  const list = useVirtualizer({
    count: rows.length,
    getScrollElement: () => box.current,
    estimateSize: () => ROW,
    overscan: 15,
  });
  const visible = list.getVirtualItems();
  const near = (visible.at(-1)?.index ?? 0) >= rows.length - 100;
  const { hasNextPage, isFetchingNextPage, fetchNextPage } = pages;
  useEffect(() => {
    if (near && hasNextPage && !isFetchingNextPage) void fetchNextPage();
  }, [near, hasNextPage, isFetchingNextPage, fetchNextPage]);

  const failed = error ?? pages.error;
  if (failed) return <Failure error={new Error(`its features can't be read: ${(failed as Error).message}`)} />;
  if (!first) return <Skeleton className="h-64 w-full" />;
  const columns = ["geometry", ...first.columns];
  const numbers = columns.map((_, at) => {
    const cells = first.rows.map((row) => row[at]).filter(Boolean);
    return cells.length > 0 && cells.every((cell) => Number.isFinite(Number(cell)));
  });
  const before = visible[0]?.start ?? 0;
  const after = list.getTotalSize() - (visible.at(-1)?.end ?? 0);
  const gap = (height: number) =>
    height > 0 && (
      <tr aria-hidden>
        <td colSpan={columns.length + 1} className="border-0! p-0!" style={{ height }} />
      </tr>
    );
  return (
    <div className="space-y-2">
      <Bar>
        <span className="text-muted tabular-nums">
          {plural(first.total, "feature")}
          {first.geometries.length > 0 &&
            `: ${first.geometries.map(([kind, count]) => `${count.toLocaleString()} ${shownName(kind)}`).join(", ")}`}
          {crs && `; ${crs}`}
        </span>
      </Bar>
      <section
        ref={box}
        aria-label={`Features of ${name}`}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a box that scrolls must take the focus to be scrolled by keys
        tabIndex={0}
        className="max-h-[min(32rem,70vh)] overflow-auto rounded-lg border border-line bg-surface"
      >
        <table className="w-max min-w-full border-collapse text-left text-sm" aria-rowcount={first.total + 1}>
          <thead className="sticky top-0 z-10 bg-surface text-muted shadow-[0_1px_0_var(--color-line)]">
            <tr className="[&_th]:px-3 [&_th]:py-1.5 [&_th]:font-medium">
              <th scope="col" className="text-right">
                <span className="sr-only">Feature</span>
              </th>
              {columns.map((column, at) => (
                <th key={column} scope="col" className={`whitespace-nowrap ${numbers[at] ? "text-right" : ""}`}>
                  {shownName(column.slice(0, 80))}
                </th>
              ))}
            </tr>
          </thead>
          <tbody className="tabular-nums [&_td]:border-b [&_td]:border-line [&_td]:px-3">
            {gap(before)}
            {visible.map(({ index }) => (
              <tr key={index} aria-rowindex={index + 2} className="h-[31px] hover:bg-hover">
                <td className="text-right text-muted">{index + 1}</td>
                {columns.map((column, at) => {
                  const cell = rows[index]?.[at] ?? "";
                  return (
                    <td
                      key={column}
                      className={`max-w-72 min-w-20 truncate ${numbers[at] ? "text-right" : ""}`}
                      title={cell.length > 30 ? shownName(cell) : undefined}
                    >
                      {shownName(cell)}
                    </td>
                  );
                })}
              </tr>
            ))}
            {gap(after)}
          </tbody>
        </table>
      </section>
    </div>
  );
}
