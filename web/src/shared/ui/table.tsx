import type { ReactNode } from "react";
import { Failure } from "./failure";
import { SkeletonRows } from "./skeleton";

interface Props<T> {
  /** What the table is, for those who can't see where it stands. */
  caption: string;
  /** Undefined while it loads. */
  rows: readonly T[] | undefined;
  error?: unknown;
  retry?: () => void;
  keyOf: (row: T) => string;
  columns: readonly Column<T>[];
  /** Stands in place of a table without rows. */
  empty?: ReactNode;
}

export interface Column<T> {
  title: string;
  /** The heading is read, not shown: for columns of buttons. */
  quiet?: boolean;
  right?: boolean;
  cell: (row: T) => ReactNode;
}

/** A plain table with its states. */
export function Table<T>({ caption, rows, error, retry, keyOf, columns, empty }: Props<T>) {
  if (error && !rows) return <Failure error={error} {...(retry && { retry })} />;
  if (!rows) return <SkeletonRows rows={4} className="h-11" />;
  if (rows.length === 0 && empty) return empty;
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a box that scrolls must take the focus to be scrolled by keys
    <section aria-label={caption} tabIndex={0} className="card overflow-x-auto">
      <table className="grid-table">
        <caption className="sr-only">{caption}</caption>
        <thead>
          <tr>
            {columns.map(({ title, quiet, right }) => (
              <th key={title} scope="col" className={right ? "text-right!" : ""}>
                {quiet ? <span className="sr-only">{title}</span> : title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={keyOf(row)}>
              {columns.map(({ title, right, cell }) => (
                <td key={title} className={right ? "text-right tabular-nums" : ""}>
                  {cell(row)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
