// The layout as nodes of the canvas. A node whose place and size are the same as before is the same object, so that of a
// thousand cells only those that move are looked at again.

import { type Node, Position } from "@xyflow/react";
import { useMemo, useRef } from "react";
import type { Box, Layout } from "./layout";
import type { CellNodeData, TissueNodeData } from "./nodes";
import type { Pair, Pairs } from "./others";

export type CanvasNode = Node<CellNodeData, "cell"> | Node<TissueNodeData, "tissue">;

interface Given {
  layout: Layout;
  order: readonly string[];
  /** As they are drawn; those that never were are missing. */
  sizes: ReadonlyMap<string, { width: number; height: number }>;
  /** Where cells are that somebody drags, and how large those that somebody resizes. */
  moved: Pairs;
  resized: Pairs;
  /** Cells whose height a person chose. */
  fixed: ReadonlySet<string>;
  active: string | undefined;
  mayEdit: boolean;
  toggle: (id: string) => void;
}

export function useNodes({ layout, order, sizes, moved, resized, fixed, active, mayEdit, toggle }: Given) {
  const known = useRef(new Map<string, { key: string; node: CanvasNode }>());
  return useMemo<CanvasNode[]>(() => {
    const before = known.current;
    const now: typeof before = new Map();
    const keep = (id: string, facts: readonly unknown[], make: () => CanvasNode) => {
      const key = facts.join(" ");
      const old = before.get(id);
      const entry = old?.key === key ? old : { key, node: make() };
      now.set(id, entry);
      return entry.node;
    };
    const place = new Map(order.map((id, at) => [id, at]));
    const made: CanvasNode[] = [];
    for (const frame of layout.frames) {
      // A frame goes along with what is dragged in it.
      const shift = shiftOf(frame.members, moved, layout.cells);
      const { width, height, depth, folded } = frame;
      const [x, y] = [frame.left + shift[0], frame.top + shift[1]];
      const id = `tissue ${frame.id}`;
      made.push(
        keep(id, [x, y, width, height, depth, folded, mayEdit, frame.members.length], () => ({
          id,
          type: "tissue",
          position: { x, y },
          width,
          height,
          measured: { width, height },
          handles: [],
          zIndex: -100 + depth,
          dragHandle: ".nb-tissue-bar",
          draggable: mayEdit,
          selectable: false,
          focusable: false,
          data: { cell: frame.id, members: frame.members, folded, toggle },
        })),
      );
    }
    for (const [id, box] of layout.cells) {
      const [x, y] = moved[id] ?? [box.left, box.top];
      const [width, height] = resized[id] ?? [box.width, box.height];
      const measured = sizes.get(id);
      const tall = fixed.has(id) || resized[id] !== undefined;
      const index = place.get(id) ?? 0;
      const zIndex = active === id ? 10 : 0;
      made.push(
        keep(id, [x, y, width, height, measured?.width, measured?.height, tall, index, zIndex, mayEdit], () => ({
          id,
          type: "cell",
          position: { x, y },
          width,
          // Told before it is drawn, so that what is out of sight need not be.
          measured: measured ?? { width, height },
          handles: [
            { type: "target", position: Position.Left, x: -6, y: height / 2 - 6, width: 12, height: 12 },
            { type: "source", position: Position.Right, x: width - 6, y: height / 2 - 6, width: 12, height: 12 },
          ],
          dragHandle: ".nb-node-bar",
          draggable: mayEdit,
          connectable: mayEdit,
          selectable: false,
          focusable: false,
          zIndex,
          data: { cell: id, index, width, height, tall },
        })),
      );
    }
    known.current = now;
    return made;
  }, [layout, order, sizes, moved, resized, fixed, active, mayEdit, toggle]);
}

/** How far a frame goes with what is dragged in it: only when all of it goes the same way. */
function shiftOf(members: readonly string[], moved: Pairs, boxes: ReadonlyMap<string, Box>): Pair {
  let shift: Pair | undefined;
  for (const id of members) {
    const box = boxes.get(id);
    if (!box) continue;
    const at = moved[id];
    if (!at) return [0, 0];
    shift ??= [at[0] - box.left, at[1] - box.top];
  }
  return shift ?? [0, 0];
}
