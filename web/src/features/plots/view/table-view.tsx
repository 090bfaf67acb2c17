import { useId, useState } from "react";
import { type Selection, select } from "@/shared/selection/selection";
import { inputClass } from "@/shared/ui/field";
import type { Drawn, Figure } from "../build";
import { withUnit } from "../words";

interface Props {
  project: string;
  figure: Figure;
  picked: Selection["rows"];
}

/** Rows that a table shows at once. */
const MOST = 500;

const shown = (value: unknown): string => {
  if (value === null || value === undefined) return "";
  return typeof value === "number" ? String(Number(value.toPrecision(8))) : String(value);
};

/** What the plot shows, to be read: one element at a time, in the units of its axes; rows can be picked. */
export function TableView({ project, figure, picked }: Props) {
  const [chosen, setChosen] = useState<string>();
  const id = useId();
  const drawn = figure.drawn.find((one) => one.id === chosen) ?? figure.drawn[0];
  if (!drawn) return <p className="p-3 text-muted">Nothing is drawn.</p>;
  return (
    <div className="flex h-full min-h-0 flex-col gap-2 p-1">
      {figure.drawn.length > 1 && (
        <div className="flex items-center gap-2">
          <label htmlFor={id} className="text-sm text-muted">
            Of
          </label>
          <select
            id={id}
            className={`${inputClass} max-w-80`}
            value={drawn.id}
            onChange={(e) => setChosen(e.target.value)}
          >
            {figure.drawn.map((one) => (
              <option key={one.id} value={one.id}>
                {one.name}
              </option>
            ))}
          </select>
        </div>
      )}
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a box that scrolls must take the focus to be scrolled by keys */}
      <section aria-label={`Values of ${drawn.name}`} tabIndex={0} className="card min-h-0 flex-1 overflow-auto">
        {drawn.z ? (
          <GridTable drawn={drawn} z={drawn.z} />
        ) : (
          <RowTable project={project} drawn={drawn} picked={picked} />
        )}
      </section>
    </div>
  );
}

function RowTable({ project, drawn, picked }: { project: string; drawn: Drawn; picked: Selection["rows"] }) {
  const { x, y, row, data } = drawn;
  const count = Math.min(MOST, Math.max(x.values.length, y.values.length));
  const mine = new Set(picked?.data === data ? picked.rows : []);
  const pickable = row.length > 0;
  function toggle(number: number) {
    const rows = mine.has(number) ? [...mine].filter((other) => other !== number) : [...mine, number];
    select(project, { rows: rows.length > 0 ? { data, rows: rows.sort((a, b) => a - b) } : undefined });
  }
  return (
    <>
      <table className="grid-table">
        <thead className="sticky top-0 bg-surface">
          <tr>
            {pickable && <th scope="col">Row</th>}
            <th scope="col" className="text-right!">
              {withUnit(x.name, x.unit)}
            </th>
            <th scope="col" className="text-right!">
              {withUnit(y.name, y.unit)}
            </th>
          </tr>
        </thead>
        <tbody className="tabular-nums">
          {Array.from({ length: count }, (_, at) => {
            const number = row[at];
            return (
              // biome-ignore lint/suspicious/noArrayIndexKey: rows of a drawing have no other identity
              <tr key={at} className={number !== undefined && mine.has(number) ? "bg-accent-soft" : ""}>
                {pickable && number !== undefined && (
                  <td>
                    <label className="flex items-center gap-2">
                      <input
                        type="checkbox"
                        className="size-4 accent-accent"
                        checked={mine.has(number)}
                        onChange={() => toggle(number)}
                      />
                      {number + 1}
                    </label>
                  </td>
                )}
                <td className="text-right">{shown(x.values[at])}</td>
                <td className="text-right">{shown(y.values[at])}</td>
              </tr>
            );
          })}
        </tbody>
      </table>
      {y.values.length > MOST && (
        <p className="p-2 text-sm text-muted">
          The first {MOST} of {y.values.length.toLocaleString()} values that are drawn.
        </p>
      )}
    </>
  );
}

const ACROSS = 30;

function GridTable({ drawn: { x, y }, z }: { drawn: Drawn; z: NonNullable<Drawn["z"]> }) {
  const rows = z.values as readonly (readonly unknown[])[];
  return (
    <>
      <table className="grid-table">
        <caption className="p-2 text-left text-sm text-muted">
          {withUnit(z.name, z.unit)} over {withUnit(x.name, x.unit)} (across) and {withUnit(y.name, y.unit)} (down)
        </caption>
        <thead className="sticky top-0 bg-surface">
          <tr>
            <th scope="col">{y.name}</th>
            {x.values.slice(0, ACROSS).map((value, at) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: places on a grid are where they are
              <th key={at} scope="col" className="text-right!">
                {shown(value)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody className="tabular-nums">
          {rows.slice(0, MOST / 5).map((row, line) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: as above
            <tr key={line}>
              <th scope="row">{shown(y.values[line])}</th>
              {row.slice(0, ACROSS).map((value, at) => (
                // biome-ignore lint/suspicious/noArrayIndexKey: as above
                <td key={at} className="text-right">
                  {shown(value)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
      {(rows.length > MOST / 5 || x.values.length > ACROSS) && (
        <p className="p-2 text-sm text-muted">
          The beginning of {rows.length} rows and {x.values.length} columns.
        </p>
      )}
    </>
  );
}
