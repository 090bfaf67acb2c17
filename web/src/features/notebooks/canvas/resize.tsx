// The corner of a cell on the canvas: it is dragged, or moved by the arrow keys; a double click lets the cell be as
// large as what is in it again.

import { useStoreApi } from "@xyflow/react";
import { MoveDiagonal2 } from "lucide-react";
import { createContext, type KeyboardEvent, type PointerEvent, useContext, useRef } from "react";
import { GRID, snap } from "./layout";
import type { Pair } from "./others";

/** Pixels of the canvas. */
const SMALLEST: Pair = [10 * GRID, 4 * GRID];
const LARGEST = 200 * GRID;

export interface Resizing {
  /** While it is dragged. */
  stretch: (id: string, size: Pair) => void;
  /** Once it is decided; undefined: as large as what is in it. */
  settle: (id: string, size: Pair | undefined) => void;
}

export const ResizingContext = createContext<Resizing | undefined>(undefined);

const within = (value: number, least: number) => Math.min(LARGEST, Math.max(least, snap(value)));

/** A size that is changed by so much. What is not changed by a whole step of the grid stays as it is. */
export const grown = ([width, height]: Pair, dx: number, dy: number): Pair => [
  snap(dx) === 0 ? width : within(width + dx, SMALLEST[0]),
  snap(dy) === 0 ? height : within(height + dy, SMALLEST[1]),
];

/** The step of an arrow key. */
export const arrows: Readonly<Record<string, Pair>> = {
  ArrowRight: [GRID, 0],
  ArrowLeft: [-GRID, 0],
  ArrowDown: [0, GRID],
  ArrowUp: [0, -GRID],
};

export function Corner({ id, label, size }: { id: string; label: string; size: Pair }) {
  const resizing = useContext(ResizingContext);
  const store = useStoreApi();
  const drag = useRef<{ x: number; y: number; size: Pair; now: Pair }>(undefined);
  if (!resizing) return null;
  const move = (event: PointerEvent) => {
    if (!drag.current) return;
    const zoom = store.getState().transform[2];
    const { x, y, size } = drag.current;
    const now = grown(size, (event.clientX - x) / zoom, (event.clientY - y) / zoom);
    drag.current.now = now;
    resizing.stretch(id, now);
  };
  const end = () => {
    const ended = drag.current;
    drag.current = undefined;
    if (ended && ended.now !== ended.size) resizing.settle(id, ended.now);
  };
  return (
    <button
      type="button"
      className="nb-corner nodrag nopan"
      aria-label={`Size of ${label}, by the arrow keys`}
      title="Drag to resize; double click for its own size"
      onPointerDown={(event) => {
        if (event.button !== 0) return;
        event.currentTarget.setPointerCapture(event.pointerId);
        drag.current = { x: event.clientX, y: event.clientY, size, now: size };
      }}
      onPointerMove={move}
      onPointerUp={end}
      onPointerCancel={end}
      onDoubleClick={() => resizing.settle(id, undefined)}
      onKeyDown={(event: KeyboardEvent) => {
        const step = arrows[event.key];
        if (!step) return;
        event.preventDefault();
        event.stopPropagation();
        resizing.settle(id, grown(size, ...step));
      }}
    >
      <MoveDiagonal2 aria-hidden className="size-3.5" />
    </button>
  );
}
