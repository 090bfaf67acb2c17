import { useCallback, useRef, useSyncExternalStore } from "react";
import { probableHeight } from "../cells/sight";
import { cellOf, textOf, typeOf } from "../model/document";
import type { DocumentStore } from "../model/store";
import { headingOf } from "./layout";

const BAR_HEIGHT = 24;
const HIGHEST = 2000;

/** What the layout must know of a cell. */
export interface Shape {
  id: string;
  left: number | null;
  top: number | null;
  width: number | null;
  /** The height that somebody gave it. */
  tall: number | null;
  /** 0: no heading. */
  heading: number;
  /** As it probably will be drawn. */
  height: number;
}

const number = (value: unknown): number | null =>
  typeof value === "number" && Number.isFinite(value) ? Math.max(-100_000, Math.min(100_000, value)) : null;

const keys = ["left", "top", "width", "tall", "heading", "height"] as const;

/** The shapes of all cells; the same list, and the same shape of each, until one of them changes, whatever is typed. */
export function useShapes(store: DocumentStore, order: readonly string[]): readonly Shape[] {
  const last = useRef<readonly Shape[]>([]);
  const known = useRef(new Map<string, { version: number; shape: Shape }>());
  const watch = useCallback(
    (watcher: () => void) => {
      const leave = order.map((id) => store.watch(`cell ${id}`, watcher));
      return () => {
        for (const one of leave) one();
      };
    },
    [store, order],
  );
  return useSyncExternalStore(watch, () => {
    const shapes = order.map((id): Shape => {
      const version = store.version(`cell ${id}`);
      const before = known.current.get(id);
      if (before?.version === version) return before.shape;
      const cell = cellOf(store.doc, id);
      const made = {
        id,
        left: number(cell?.get("left")),
        top: number(cell?.get("top")),
        width: number(cell?.get("width")),
        tall: number(cell?.get("height")),
        heading: typeOf(cell) === "markdown" ? headingOf(textOf(cell)) : 0,
        height: BAR_HEIGHT + Math.min(HIGHEST, probableHeight(cell)),
      };
      const shape = before && keys.every((key) => before.shape[key] === made[key]) ? before.shape : made;
      known.current.set(id, { version, shape });
      return shape;
    });
    const same = shapes.length === last.current.length && shapes.every((shape, at) => shape === last.current[at]);
    if (!same) last.current = shapes;
    return last.current;
  });
}
