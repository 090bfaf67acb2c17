// Where others point on the canvas, and what they are dragging and resizing: it is in awareness until they put it down.

import { useStore } from "@xyflow/react";
import { useCallback, useRef, useSyncExternalStore } from "react";
import type { NotebookSession } from "../model/session";
import { colourOf } from "../model/session";

export type Pair = readonly [number, number];
export type Pairs = Readonly<Record<string, Pair>>;

/** What another client says may be anything. */
function pairsOf(said: unknown): Record<string, Pair> {
  const found: Record<string, Pair> = {};
  for (const [id, at] of Object.entries(said ?? {})) {
    if (Array.isArray(at) && Number.isFinite(at[0]) && Number.isFinite(at[1])) found[id] = [at[0], at[1]];
  }
  return found;
}

interface Pointer {
  client: number;
  name: string;
  colour: number;
  x: number;
  y: number;
}

interface Others {
  pointers: readonly Pointer[];
  /** Left and top of what they drag, width and height of what they resize, by the cell's id. */
  drags: Pairs;
  sizes: Pairs;
}

/** Where others point and what they drag. */
export function useOthers({ provider, doc }: NotebookSession): Others {
  const last = useRef<{ text: string; value: Others }>({ text: "", value: { pointers: [], drags: {}, sizes: {} } });
  const { awareness } = provider;
  const subscribe = useCallback(
    (watcher: () => void) => {
      awareness.on("change", watcher);
      return () => awareness.off("change", watcher);
    },
    [awareness],
  );
  return useSyncExternalStore(subscribe, () => {
    const pointers: Pointer[] = [];
    const drags: Record<string, Pair> = {};
    const sizes: Record<string, Pair> = {};
    for (const [client, state] of awareness.getStates()) {
      if (client === doc.clientID) continue;
      const user = (state.user ?? {}) as { id?: string; name?: string };
      const { x, y } = (state.pointer ?? {}) as { x?: unknown; y?: unknown };
      if (Number.isFinite(x) && Number.isFinite(y)) {
        const id = String(user.id ?? client);
        pointers.push({ client, name: String(user.name ?? ""), colour: colourOf(id), x: Number(x), y: Number(y) });
      }
      const drag = (state.drag ?? {}) as { cells?: unknown; sizes?: unknown };
      Object.assign(drags, pairsOf(drag.cells));
      Object.assign(sizes, pairsOf(drag.sizes));
    }
    const text = JSON.stringify([pointers, drags, sizes]);
    if (text !== last.current.text) last.current = { text, value: { pointers, drags, sizes } };
    return last.current.value;
  });
}

/** As large as on the screen of whoever points, whatever the zoom here. */
export function Pointers({ pointers }: { pointers: readonly Pointer[] }) {
  const zoom = useStore(({ transform }) => transform[2]);
  return pointers.map(({ client, name, colour, x, y }) => (
    <div
      key={client}
      aria-hidden
      className={`nb-pointer nb-peer-${colour}`}
      style={{ transform: `translate(${x}px, ${y}px) scale(${1 / zoom})` }}
    >
      <svg width="16" height="16" viewBox="0 0 16 16" aria-hidden="true">
        <path d="M1 1 L6 15 L8.5 8.5 L15 6 Z" fill="var(--peer)" />
      </svg>
      <span className="nb-name">{name}</span>
    </div>
  ));
}
