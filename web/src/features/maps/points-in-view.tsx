import { useId, useMemo } from "react";
import { inputClass } from "@/shared/ui/field";
import { cellText } from "./data";
import { type Entry, marksOf } from "./entries";
import type { Box } from "./model";
import { rowsIn } from "./rows";

const SHOWN = 200;

interface Props {
  entry: Entry;
  box: Box | null;
  picked: number | undefined;
  onPick: (row: number) => void;
}

/** The rows that can be seen, to go through with the arrow keys. */
export function PointsInView({ entry, box, picked, onPick }: Props) {
  const id = useId();
  const marks = marksOf(entry);
  const rows = useMemo(() => (marks ? rowsIn(marks, box ?? [-180, -90, 180, 90], SHOWN + 1) : []), [marks, box]);
  const { source, plan } = entry;
  if (!marks || !source || rows.length === 0) return null;
  const value = source.columns.find(({ name }) => name === plan?.columns.value);
  const name = source.columns.find(
    ({ type, name: title }) => type === "text" && /^(name|place|station|id|title|label)/i.test(title),
  );
  const shown = rows.slice(0, SHOWN);
  if (picked !== undefined && !shown.includes(picked)) shown.unshift(picked);
  return (
    <div>
      <label htmlFor={id} className="mb-1 block text-sm text-muted">
        Points in view, {entry.layer.name}
        {rows.length > SHOWN && ` (the first ${SHOWN})`}
      </label>
      <select
        id={id}
        size={8}
        className={`${inputClass} tabular-nums`}
        value={picked ?? ""}
        onChange={(event) => onPick(Number(event.target.value))}
      >
        {/* Nothing is chosen at first; without it the browser would show the first as chosen. */}
        <option value="" hidden aria-label="None" />
        {shown.map((row) => (
          <option key={row} value={row}>
            {row + 1}
            {value && `: ${value.name} ${cellText(value, row)}${value.unit ? ` ${value.unit}` : ""}`}
            {name && `, ${cellText(name, row)}`}
          </option>
        ))}
      </select>
    </div>
  );
}
