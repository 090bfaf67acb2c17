// Cells get their real heights when they come into sight, and what stands below them moves. The plane moves along, so
// that what a person looks at stays where it is.

import type { ReactFlowInstance } from "@xyflow/react";
import { type RefObject, useLayoutEffect, useRef } from "react";
import type { Layout } from "./layout";
import type { CanvasNode } from "./use-nodes";

/** `cause` is the same as long as only heights have changed. */
export function useAnchor(
  flow: ReactFlowInstance<CanvasNode> | undefined,
  panel: RefObject<HTMLElement | null>,
  layout: Layout,
  cause: unknown,
): void {
  const last = useRef({ layout, cause });
  useLayoutEffect(() => {
    const before = last.current;
    last.current = { layout, cause };
    const view = panel.current;
    if (!flow || !view || before.layout === layout || before.cause !== cause) return;
    const { x, y, zoom } = flow.getViewport();
    let anchor: { left: number; top: number; dx: number; dy: number } | undefined;
    for (const [id, { left, top, width, height }] of before.layout.cells) {
      const inside =
        (left + width) * zoom + x > 0 &&
        left * zoom + x < view.clientWidth &&
        (top + height) * zoom + y > 0 &&
        top * zoom + y < view.clientHeight;
      const now = layout.cells.get(id);
      if (!inside || !now || (anchor && (top > anchor.top || (top === anchor.top && left > anchor.left)))) continue;
      anchor = { left, top, dx: now.left - left, dy: now.top - top };
    }
    if (anchor && (anchor.dx !== 0 || anchor.dy !== 0))
      void flow.setViewport({ x: x - anchor.dx * zoom, y: y - anchor.dy * zoom, zoom });
  }, [flow, panel, layout, cause]);
}
