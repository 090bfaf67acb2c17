import { useVirtualizer } from "@tanstack/react-virtual";
import { useEffect, useMemo, useRef, useState } from "react";
import type { Column, Dataset, Preview } from "@/shared/api/types";
import { plural } from "@/shared/lib/format";
import { Button } from "@/shared/ui/button";
import { toast } from "@/shared/ui/toast";
import { labelled, withUnits } from "../columns";
import { shownName } from "../shown-text";
import { clipboardText, csvParser } from "./csv";
import { useSequence } from "./sequence";
import { Bar, ReadSoFar } from "./shell";
import { ofColumn, type Statistics } from "./statistics";

type Table = Extract<Preview, { kind: "table" }>;

interface Props {
  id: string;
  name: string;
  mediaType: string;
  size: number;
  preview: Table;
  dataset: Dataset | undefined;
}

const ROW = 31;
const COLUMNS = 60;
const COPIED = 20_000;

const isNumber = (column: Column | undefined) => column?.type === "number" || column?.type === "integer";

/** A table, read as far as one scrolls. Its cells are text: what looks like a formula is shown, never run. */
export function TablePreview({ id, name, mediaType, size, preview, dataset }: Props) {
  const delimiter = mediaType.startsWith("text/tab-separated-values") ? "\t" : ",";
  const table = useSequence(id, size, () => csvParser(delimiter));
  const [columnsShown, setColumnsShown] = useState(COLUMNS);
  const [statistics, setStatistics] = useState(false);
  const headings = withUnits(
    preview.columns.map((column) => column.name),
    dataset,
  );
  const rows = table.items;
  // The first row is the heading.
  const count = Math.max(0, rows.length - 1);
  const columns = useMemo(() => preview.columns.slice(0, columnsShown), [preview, columnsShown]);
  const widths = useWidths(preview, headings.map(labelled), columnsShown);

  const box = useRef<HTMLElement>(null);
  const list = useVirtualizer({
    count,
    getScrollElement: () => box.current,
    estimateSize: () => ROW,
    overscan: 15,
  });
  const visible = list.getVirtualItems();
  const { more } = table;
  const near = (visible.at(-1)?.index ?? 0) >= count - 200;
  useEffect(() => {
    if (near && !table.loading && !table.error && count > 0) more();
  }, [near, table.loading, table.error, count, more]);

  const before = visible[0]?.start ?? 0;
  const after = list.getTotalSize() - (visible.at(-1)?.end ?? 0);

  async function copy() {
    try {
      await navigator.clipboard.writeText(clipboardText(rows.slice(0, COPIED + 1)));
      toast.done(`${plural(Math.min(count, COPIED), "row")} copied; cells that a spreadsheet would run begin with '`);
    } catch (error) {
      toast.error(error, "It was not copied");
    }
  }

  return (
    <div className="space-y-2">
      <Bar>
        <span className="text-muted tabular-nums">
          {plural(count, "row")}
          {!table.whole && " so far"}, {plural(preview.columns.length, "column")}
        </span>
        <label className="flex items-center gap-1.5">
          <input
            type="checkbox"
            className="size-4 accent-accent"
            checked={statistics}
            onChange={(event) => setStatistics(event.target.checked)}
          />
          Statistics{statistics && !table.whole && " of the rows so far"}
        </label>
        <Button
          look="quiet"
          onClick={() => void copy()}
          title="For a spreadsheet: cells that it would run as a formula get an apostrophe in front. The download is unchanged."
        >
          Copy
        </Button>
      </Bar>
      <section
        ref={box}
        aria-label={`Table ${name}`}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a box that scrolls must take the focus to be scrolled by keys
        tabIndex={0}
        className="max-h-[min(32rem,70vh)] overflow-auto rounded-lg border border-line bg-surface"
        data-rows={count}
      >
        <table className="w-max min-w-full table-fixed border-collapse text-left text-sm" aria-rowcount={count + 1}>
          <colgroup>
            <col style={{ width: "4.5rem" }} />
            {widths.map((width, at) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: columns never move
              <col key={at} style={{ width: `${width}ch` }} />
            ))}
          </colgroup>
          <thead className="sticky top-0 z-10 bg-surface text-muted shadow-[0_1px_0_var(--color-line)]">
            <tr className="[&_th]:px-3 [&_th]:py-1.5 [&_th]:font-medium">
              <th scope="col" className="text-right">
                <span className="sr-only">Row</span>
              </th>
              {columns.map((column, at) => (
                <th
                  // biome-ignore lint/suspicious/noArrayIndexKey: headings may repeat, and columns never move
                  key={at}
                  scope="col"
                  className={`truncate ${isNumber(column) ? "text-right" : ""}`}
                  title={`${shownName(labelled(headings[at] ?? { name: "", unit: null }))}: ${column.type}`}
                >
                  {shownName(labelled(headings[at] ?? { name: "", unit: null }))}
                </th>
              ))}
            </tr>
            {statistics && <StatisticsRows rows={rows} count={rows.length} columns={columns} />}
          </thead>
          <tbody className="tabular-nums [&_td]:border-b [&_td]:border-line [&_td]:px-3">
            {before > 0 && <Gap height={before} span={columns.length + 1} />}
            {visible.map(({ index }) => (
              <tr key={index} aria-rowindex={index + 2} className="h-[31px] hover:bg-hover">
                <td className="text-right text-muted select-none">{index + 1}</td>
                {columns.map((column, at) => {
                  const cell = rows[index + 1]?.[at] ?? "";
                  return (
                    <td
                      // biome-ignore lint/suspicious/noArrayIndexKey: as above
                      key={at}
                      className={`truncate ${isNumber(column) ? "text-right" : ""}`}
                      title={cell.length > 20 ? shownName(cell.slice(0, 500)) : undefined}
                    >
                      {shownName(cell.slice(0, 300))}
                    </td>
                  );
                })}
              </tr>
            ))}
            {after > 0 && <Gap height={after} span={columns.length + 1} />}
          </tbody>
        </table>
        {count === 0 && table.whole && <p className="px-3 py-2 text-sm text-muted">It has no rows.</p>}
      </section>
      {preview.columns.length > columnsShown && (
        <Button onClick={() => setColumnsShown(columnsShown + COLUMNS)}>
          Show more columns ({preview.columns.length - columnsShown} left)
        </Button>
      )}
      <ReadSoFar sequence={table} size={size} />
    </div>
  );
}

function Gap({ height, span }: { height: number; span: number }) {
  return (
    <tr aria-hidden>
      <td colSpan={span} className="border-0! p-0!" style={{ height }} />
    </tr>
  );
}

/** Widths of columns in characters, by the first rows: they must not change while one scrolls. */
function useWidths(preview: Table, headings: readonly string[], shown: number): number[] {
  return useMemo(
    () =>
      headings.slice(0, shown).map((heading, at) => {
        const cells = (preview.rows as unknown[][]).slice(0, 50).map((row) => String(row[at] ?? "").length);
        return Math.min(42, Math.max(8, heading.length, ...cells)) + 4;
      }),
    [preview, headings, shown],
  );
}

interface StatisticsProps {
  rows: readonly string[][];
  count: number;
  columns: readonly Column[];
}

function StatisticsRows({ rows, count, columns }: StatisticsProps) {
  // The list grows in place, so its length says that it has changed.
  const found = useMemo(
    () => columns.map((column, at) => ofColumn(rows, count, at, isNumber(column))),
    [rows, count, columns],
  );
  const line = (title: string, value: (one: Statistics) => string) => (
    <tr className="[&_td]:px-3 [&_td]:pb-0.5">
      <th scope="row" className="px-2 text-right text-xs font-normal">
        {title}
      </th>
      {found.map((one, at) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: columns never move
        <td key={at} className={`truncate text-xs tabular-nums ${isNumber(columns[at]) ? "text-right" : ""}`}>
          {value(one)}
        </td>
      ))}
    </tr>
  );
  return (
    <>
      {line("minimum", ({ minimum }) => minimum ?? "")}
      {line("maximum", ({ maximum }) => maximum ?? "")}
      {line("mean", ({ mean }) => mean ?? "")}
      {line("empty", ({ empty }) => (empty > 0 ? String(empty) : ""))}
    </>
  );
}
