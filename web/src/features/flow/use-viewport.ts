// Which part of the graph is seen, how near, and how one gets elsewhere.

import { type OnMove, type ReactFlowInstance, useStore } from "@xyflow/react";
import { type RefObject, useCallback, useEffect, useMemo, useRef, useState } from "react";
import type { CardNode } from "./card";
import { boundsOf, inside, type Places, type Rect, sizeOf } from "./geometry";
import type { FlowGraph, FlowNode } from "./graph";

export const NEAREST = 2;
export const FARTHEST = 0.02;
/** Below it details are left out, and below `FAR` boxes are drawn together when there are many. */
export const DETAILS = 0.55;
const FAR = 0.33;
const MANY = 150;
/** How much around what is seen is drawn, as a part of it. */
const AROUND = 0.3;
/** The zoom at which a node is shown that was asked for. */
const READABLE = 0.8;
const STEP = 1.4;

export type Zoom = "in" | "out" | "fit";

const still = () => matchMedia("(prefers-reduced-motion: reduce)").matches;
export const glide = () => ({ duration: still() ? 0 : 250 });

interface Viewed {
  panel: RefObject<HTMLElement | null>;
  flow: ReactFlowInstance<CardNode> | undefined;
  graph: FlowGraph;
  places: Places | undefined;
  shown: readonly FlowNode[];
}

export function useViewport({ panel, flow, graph, places, shown }: Viewed) {
  const width = useStore((store) => store.width);
  const height = useStore((store) => store.height);
  const [frame, setFrame] = useState<Rect>({ x: 0, y: 0, width: 0, height: 0 });
  const [zoomedOut, setZoomedOut] = useState(false);
  const many = shown.length > MANY;
  const bounds = useMemo(() => places && boundsOf(shown, places), [shown, places]);
  const latest = useRef({ graph, places });
  latest.current = { graph, places };

  /** What is seen, in the graph's coordinates. */
  const seen = useCallback(
    ({ x, y, zoom }: { x: number; y: number; zoom: number }): Rect => ({
      x: -x / zoom,
      y: -y / zoom,
      width: width / zoom,
      height: height / zoom,
    }),
    [width, height],
  );
  const onMove = useCallback<OnMove>(
    (_event, viewport) => {
      if (width === 0) return;
      const detail = viewport.zoom < FAR && many ? "far" : viewport.zoom < DETAILS ? "mid" : "near";
      panel.current?.setAttribute("data-detail", detail);
      setZoomedOut(viewport.zoom < FAR);
      const now = seen(viewport);
      setFrame((before) =>
        inside(now, before) && before.width < now.width * 3
          ? before
          : {
              x: now.x - now.width * AROUND,
              y: now.y - now.height * AROUND,
              width: now.width * (1 + 2 * AROUND),
              height: now.height * (1 + 2 * AROUND),
            },
      );
    },
    [panel, seen, width, many],
  );
  // The panel may grow without being moved.
  useEffect(() => {
    if (flow) onMove(null, flow.getViewport());
  }, [flow, onMove]);

  // So that nobody gets lost beside the graph.
  const extent = useMemo((): [[number, number], [number, number]] => {
    const { x, y, width, height } = bounds ?? { x: 0, y: 0, width: 0, height: 0 };
    const [wide, high] = [Math.max(1200, width / 2), Math.max(1200, height / 2)];
    return [
      [x - wide, y - high],
      [x + width + wide, y + height + high],
    ];
  }, [bounds]);

  const showAll = useCallback(
    (how?: { duration: number }) => {
      if (!flow || !bounds || width === 0 || height === 0) return;
      const room = 0.92;
      const zoom = Math.min(1, (width * room) / bounds.width, (height * room) / bounds.height);
      const x = width / 2 - (bounds.x + bounds.width / 2) * zoom;
      const y = height / 2 - (bounds.y + bounds.height / 2) * zoom;
      void flow.setViewport({ x, y, zoom: Math.max(FARTHEST, zoom) }, how);
    },
    [flow, bounds, width, height],
  );

  /** Brings a node into view, near enough to be read if so wanted; nothing moves when it is there already. */
  const goTo = useCallback(
    (id: string, readable = false) => {
      const { places, graph } = latest.current;
      const [node, place] = [graph.byId.get(id), places?.get(id)];
      if (!flow || !node || !place) return;
      const size = sizeOf(node);
      const viewport = flow.getViewport();
      const now = seen(viewport);
      const margin = 24 / viewport.zoom;
      const room = {
        x: now.x + margin,
        y: now.y + margin,
        width: now.width - 2 * margin,
        height: now.height - 2 * margin,
      };
      const legible = viewport.zoom >= (readable ? FAR : 0);
      if (legible && inside({ ...place, ...size }, room)) return;
      const zoom = legible ? viewport.zoom : READABLE;
      void flow.setCenter(place.x + size.width / 2, place.y + size.height / 2, { zoom, ...glide() });
    },
    [flow, seen],
  );

  /** Zooms around a node, if it is seen; else around the middle. */
  const zoomBy = useCallback(
    (how: "in" | "out", around: string | undefined) => {
      if (!flow) return;
      const { places, graph } = latest.current;
      const { x, y, zoom } = flow.getViewport();
      const next = Math.min(NEAREST, Math.max(FARTHEST, zoom * (how === "in" ? STEP : 1 / STEP)));
      let [u, v] = [width / 2, height / 2];
      const [node, place] = around === undefined ? [] : [graph.byId.get(around), places?.get(around)];
      if (node && place && inside({ ...place, ...sizeOf(node) }, seen({ x, y, zoom }))) {
        u = x + (place.x + sizeOf(node).width / 2) * zoom;
        v = y + (place.y + sizeOf(node).height / 2) * zoom;
      }
      const by = next / zoom;
      void flow.setViewport({ x: u - (u - x) * by, y: v - (v - y) * by, zoom: next }, glide());
    },
    [flow, seen, width, height],
  );

  return { frame, far: zoomedOut && many, bounds, extent, onMove, showAll, goTo, zoomBy };
}
