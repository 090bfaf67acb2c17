import { BoxSelect } from "lucide-react";
import { useState } from "react";
import { Button } from "@/shared/ui/button";
import { inputClass } from "@/shared/ui/field";
import { Popover } from "@/shared/ui/popover";
import type { Box } from "./model";

const EDGES = ["West", "South", "East", "North"] as const;

interface Props {
  /** The layer whose rows are selected. */
  layer: string | undefined;
  box: Box | null;
  /** How many rows are selected now. */
  count: number;
  onChoose: (box: Box) => void;
  onClear: () => void;
}

/** Selecting rows by numbers instead of a frame drawn with Shift. */
export function SelectForm({ layer, box, count, onChoose, onClear }: Props) {
  return (
    <Popover
      title="Select rows"
      trigger={
        <Button look="quiet" disabled={!layer}>
          <BoxSelect aria-hidden className="size-4" />
          <span className="@max-lg:sr-only">Select</span>
        </Button>
      }
    >
      {(close) => (
        <Edges
          layer={layer ?? ""}
          box={box}
          count={count}
          onChoose={(area) => {
            onChoose(area);
            close();
          }}
          onClear={() => {
            onClear();
            close();
          }}
        />
      )}
    </Popover>
  );
}

function Edges({ layer, box, count, onChoose, onClear }: Props) {
  const [edges, setEdges] = useState(() => (box ?? [-180, -90, 180, 90]).map((edge) => edge.toFixed(4)));
  const numbers = edges.map((edge) => (edge.trim() === "" ? Number.NaN : Number(edge))) as Box;
  const sound = numbers.every(Number.isFinite) && numbers[0] < numbers[2] && numbers[1] < numbers[3];
  return (
    <form
      className="w-64 space-y-2"
      onSubmit={(event) => {
        event.preventDefault();
        if (sound) onChoose(numbers);
      }}
    >
      <p className="text-muted">Rows of {layer} in this frame. On the map, drag with Shift held.</p>
      <div className="grid grid-cols-2 gap-2">
        {EDGES.map((edge, at) => (
          <label key={edge} className="text-muted">
            {edge} (°)
            <input
              className={inputClass}
              inputMode="decimal"
              value={edges[at]}
              onChange={(event) => setEdges(edges.map((old, other) => (other === at ? event.target.value : old)))}
            />
          </label>
        ))}
      </div>
      <div className="flex justify-between gap-2">
        <Button look="quiet" disabled={count === 0} onClick={onClear}>
          Clear
        </Button>
        <Button look="primary" type="submit" disabled={!sound}>
          Select rows
        </Button>
      </div>
    </form>
  );
}
