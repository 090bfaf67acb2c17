import { lazy, Suspense, useId, useMemo, useState } from "react";
import { inputClass } from "@/shared/ui/field";
import { Skeleton } from "@/shared/ui/skeleton";
import { axisTitle, axisUnits, firstChoice, fits, type PlotColumn } from "./axes";

const PlotCanvas = lazy(() => import("./canvas"));

interface Props {
  name: string;
  columns: readonly PlotColumn[];
  /** Row by row, in the order of the columns. */
  rows: readonly (readonly unknown[])[];
}

/** Lines over a chosen column; axes are assigned by unit. */
export function LinePlot({ name, columns, rows }: Props) {
  const [choice, setChoice] = useState(() => firstChoice(columns));
  const [logarithmic, setLogarithmic] = useState(false);
  const xId = useId();

  const figure = useMemo(() => {
    if (!choice) return null;
    const units = axisUnits(columns, choice.ys);
    const x = rows.map((row) => row[choice.x]);
    const traces = choice.ys.map((y) => ({
      type: rows.length > 20_000 ? "scattergl" : "scatter",
      mode: "lines",
      name: columns[y]?.name,
      x,
      y: rows.map((row) => row[y]),
      yaxis: units.indexOf(columns[y]?.unit ?? null) > 0 ? "y2" : "y",
    }));
    const axis = (unit: string | null) => ({
      title: { text: axisTitle(columns, choice.ys, unit) },
      type: logarithmic ? "log" : "linear",
    });
    const layout = {
      xaxis: { title: { text: axisTitle(columns, [choice.x], columns[choice.x]?.unit ?? null) } },
      yaxis: axis(units[0] ?? null),
      ...(units.length > 1 && { yaxis2: { ...axis(units[1] ?? null), overlaying: "y", side: "right" } }),
      showlegend: choice.ys.length > 1,
      legend: { orientation: "h", y: 1.12 },
    };
    return { traces, layout };
  }, [choice, columns, rows, logarithmic]);

  if (!choice || !figure) return <p className="text-muted">It has no two columns of numbers to draw.</p>;
  const { x, ys } = choice;
  const toggle = (y: number) => setChoice({ x, ys: ys.includes(y) ? ys.filter((other) => other !== y) : [...ys, y] });

  return (
    <div className="card space-y-3 p-3">
      <div className="flex flex-wrap items-end gap-x-5 gap-y-2">
        <div>
          <label htmlFor={xId} className="block text-sm text-muted">
            Over
          </label>
          <select
            id={xId}
            className={inputClass}
            value={x}
            onChange={(event) => {
              const next = Number(event.target.value);
              setChoice({ x: next, ys: ys.filter((y) => y !== next) });
            }}
          >
            {columns.map((column, index) =>
              column.type === "other" ? null : (
                <option key={column.name} value={index}>
                  {column.name}
                </option>
              ),
            )}
          </select>
        </div>
        <fieldset className="flex flex-wrap items-center gap-x-4">
          <legend className="text-sm text-muted">Lines</legend>
          {columns.map((column, index) =>
            column.type !== "number" || index === x ? null : (
              <label key={column.name} className="flex min-h-9 items-center gap-1.5 text-sm">
                <input
                  type="checkbox"
                  className="size-4 accent-accent"
                  checked={ys.includes(index)}
                  disabled={!ys.includes(index) && !fits(columns, ys, index)}
                  onChange={() => toggle(index)}
                />
                {column.name}
              </label>
            ),
          )}
        </fieldset>
        <label className="flex min-h-9 items-center gap-1.5 text-sm">
          <input
            type="checkbox"
            className="size-4 accent-accent"
            checked={logarithmic}
            onChange={(event) => setLogarithmic(event.target.checked)}
          />
          Logarithmic
        </label>
      </div>
      <Suspense fallback={<Skeleton className="h-[26rem] w-full" />}>
        <PlotCanvas
          {...figure}
          label={`Plot of ${ys.map((y) => columns[y]?.name).join(", ")} over ${columns[x]?.name}, from ${name}`}
        />
      </Suspense>
    </div>
  );
}
