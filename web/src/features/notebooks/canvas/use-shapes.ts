import { useRef, useSyncExternalStore } from "react";
import { cellOf, textOf, typeOf } from "../model/document";
import type { DocumentStore } from "../model/store";
import { headingOf } from "./layout";

/** What the layout must know of a cell. */
export interface Shape {
  id: string;
  left: number | null;
  top: number | null;
  width: number | null;
  /** 0: no heading. */
  heading: number;
  lines: number;
}

const number = (value: unknown): number | null =>
  typeof value === "number" && Number.isFinite(value) ? Math.max(-100_000, Math.min(100_000, value)) : null;

/** The shapes of all cells; the same list until one of them changes, whatever is typed. */
export function useShapes(store: DocumentStore, order: readonly string[]): readonly Shape[] {
  const last = useRef<{ key: string; shapes: readonly Shape[] }>({ key: "", shapes: [] });
  const known = useRef(new Map<string, { version: number; shape: Shape }>());
  return useSyncExternalStore(
    (watcher) => {
      const leave = order.map((id) => store.watch(`cell ${id}`, watcher));
      return () => {
        for (const one of leave) one();
      };
    },
    () => {
      const shapes = order.map((id): Shape => {
        const version = store.version(`cell ${id}`);
        const before = known.current.get(id);
        if (before?.version === version) return before.shape;
        const cell = cellOf(store.doc, id);
        const text = textOf(cell);
        const shape = {
          id,
          left: number(cell?.get("left")),
          top: number(cell?.get("top")),
          width: number(cell?.get("width")),
          heading: typeOf(cell) === "markdown" ? headingOf(text) : 0,
          lines: Math.min(40, text.split("\n").length),
        };
        known.current.set(id, { version, shape });
        return shape;
      });
      const key = JSON.stringify(shapes);
      if (key !== last.current.key) last.current = { key, shapes };
      return last.current.shapes;
    },
  );
}
