// The map in words and numbers: what is on it and where, and the rows that are in view.

import { cellText } from "./data";
import { boundsOf, type Entry, legendOf, marksOf } from "./entries";
import { legendTitle, ticks } from "./legend";
import { type Box, kindWord } from "./model";
import { rowsIn } from "./rows";

const SHOWN = 200;

const boxText = ([west, south, east, north]: Box) =>
  `longitude ${west.toFixed(3)}° to ${east.toFixed(3)}°, latitude ${south.toFixed(3)}° to ${north.toFixed(3)}°`;

/** A sentence for a layer. */
export function summaryOf(entry: Entry): string {
  const { layer, source, drawing } = entry;
  if (!source || !drawing) return `${layer.name}: not drawn${entry.plan?.need ? ` (${entry.plan.need.text})` : ""}.`;
  const size = source.grid ? `${source.grid.x.length} by ${source.grid.y.length} nodes` : `${source.rows} rows`;
  const bounds = boundsOf(entry);
  const legend = legendOf(entry);
  const marks = legend && ticks(legend.range);
  return [
    `${layer.name}: ${kindWord[layer.kind].toLowerCase()}, ${size}`,
    layer.visible ? "" : ", hidden",
    bounds ? `, ${boxText(bounds)}` : ", without a place",
    legend && marks ? `, coloured by ${legendTitle(legend)} from ${marks[0]} to ${marks.at(-1)}` : "",
    ".",
  ].join("");
}

interface Props {
  entries: readonly Entry[];
  box: Box | null;
  selected: { data: string; rows: ReadonlySet<number> } | null;
  onPick: (entry: Entry, row: number) => void;
}

/** Everything as text and tables. */
export function MapTables({ entries, box, selected, onPick }: Props) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a box that scrolls must take the focus to be scrolled by keys
    <section aria-label="The map as tables" tabIndex={0} className="h-full space-y-4 overflow-auto p-3">
      <ul className="list-disc space-y-1 pl-5 text-sm">
        {[...entries].reverse().map((entry) => (
          <li key={entry.layer.id}>{summaryOf(entry)}</li>
        ))}
      </ul>
      {[...entries].reverse().map((entry) => (
        <LayerTable key={entry.layer.id} entry={entry} box={box} selected={selected} onPick={onPick} />
      ))}
    </section>
  );
}

function LayerTable({ entry, box, selected, onPick }: Omit<Props, "entries"> & { entry: Entry }) {
  const { source, layer } = entry;
  const marks = marksOf(entry);
  if (!source || !marks || !layer.visible) return null;
  const all = rowsIn(marks, box ?? [-180, -90, 180, 90]);
  const shown = all.slice(0, SHOWN);
  const chosen = selected?.data === source.id ? selected.rows : null;
  return (
    <div>
      <h2 className="mb-1 font-medium">
        {layer.name}{" "}
        <span className="font-normal text-muted">
          {all.length.toLocaleString()} of {source.rows.toLocaleString()} rows in view
          {all.length > SHOWN && `, the first ${SHOWN}`}
        </span>
      </h2>
      <div className="card overflow-x-auto">
        <table className="grid-table">
          <thead>
            <tr>
              <th scope="col">Row</th>
              <th scope="col">Longitude</th>
              <th scope="col">Latitude</th>
              {source.columns.map(({ name, unit }) => (
                <th scope="col" key={name}>
                  {unit ? `${name} (${unit})` : name}
                </th>
              ))}
            </tr>
          </thead>
          <tbody className="tabular-nums">
            {shown.map((row) => (
              <tr key={row} className={chosen?.has(row) ? "bg-accent-soft" : ""}>
                <td>
                  <button
                    type="button"
                    className="link"
                    aria-pressed={chosen?.has(row) ?? false}
                    onClick={() => onPick(entry, row)}
                  >
                    {row + 1}
                  </button>
                </td>
                <td>{(marks.lon[row] as number).toFixed(5)}°</td>
                <td>{(marks.lat[row] as number).toFixed(5)}°</td>
                {source.columns.map((column) => (
                  <td key={column.name}>{cellText(column, row)}</td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </div>
  );
}
