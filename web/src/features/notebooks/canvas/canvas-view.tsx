// The same cells on a plane: free places, frames around sections, edges for what runs after what, and the pointers of
// others. What is being dragged lives in awareness until it is put down; only then the document changes.

import "@xyflow/react/dist/base.css";
import "./canvas.css";
import {
  Background,
  type Connection,
  Controls,
  type Edge,
  MiniMap,
  type NodeChange,
  ReactFlow,
  type ReactFlowInstance,
  ReactFlowProvider,
  ViewportPortal,
} from "@xyflow/react";
import { type KeyboardEvent, memo, type PointerEvent, useCallback, useEffect, useMemo, useRef, useState } from "react";
import { toast } from "@/shared/ui/toast";
import { useActive } from "../cells/focus";
import { useCommandKeys } from "../cells/list-view";
import { SightsContext, WhenStill } from "../cells/sight";
import { useOpen } from "../context";
import { cellOf, childrenOf, placeCells, sizeCell } from "../model/document";
import { useOrder, useRead } from "../model/store";
import { addEdge, edgesOf, refusal, removeEdge } from "./edges";
import { derive, GRID, layOut, type Placed, snap } from "./layout";
import { CellNode, FAR, TissueNode } from "./nodes";
import { type Pair, type Pairs, Pointers, useOthers } from "./others";
import { arrows, grown, type Resizing, ResizingContext } from "./resize";
import { useAnchor } from "./use-anchor";
import { useFolded } from "./use-folded";
import { type CanvasNode, useNodes } from "./use-nodes";
import { useShapes } from "./use-shapes";

const nodeTypes = { cell: CellNode, tissue: TissueNode };
const POINTER_EVERY = 60;
const FARTHEST = 0.05;
const NEAREST = 1.65;
/** The farthest from which cells are written in. */
const LEGIBLE = 0.6;
/** At this zoom texts can be read. */
const READABLE = 0.7;

export const CanvasView = memo(function CanvasView(props: { onRestart: () => void }) {
  return (
    <ReactFlowProvider>
      <Canvas {...props} />
    </ReactFlowProvider>
  );
});

function Canvas({ onRestart }: { onRestart: () => void }) {
  const { session, focus, commands, mayEdit } = useOpen();
  const { store, doc } = session;
  const order = useOrder(store);
  const shapes = useShapes(store, order);
  const graph = useRead(store, "graph", "children", () => {
    const found = new Map<string, string[]>();
    for (const [id, inner] of childrenOf(doc)) found.set(id, inner?.toArray?.() ?? []);
    return found;
  });
  const wires = useRead(store, "graph", "edges", () => edgesOf(doc));
  const place = useMemo(() => new Map(order.map((id, at) => [id, at])), [order]);
  const edges = useMemo(
    () => wires.filter(({ source, target }) => place.has(source) && place.has(target)),
    [wires, place],
  );
  const [flow, setFlow] = useState<ReactFlowInstance<CanvasNode>>();
  const [sizes, setSizes] = useState<ReadonlyMap<string, { width: number; height: number }>>(new Map());
  const { folded, toggle, unfold } = useFolded(session.id, session.user.id);
  const [still] = useState(() => new WhenStill());
  useEffect(() => () => still.close(), [still]);
  const [chosenEdge, setChosenEdge] = useState<string>();
  const onKeys = useCommandKeys(onRestart);
  const active = useActive(focus);
  const panel = useRef<HTMLElement>(null);

  useEffect(() => session.present("cell", active ?? null), [session, active]);
  useEffect(() => {
    session.present("view", "canvas");
    return () => {
      session.present("pointer", null);
      session.present("drag", null);
    };
  }, [session]);

  const children = useMemo(
    () => (graph.size > 0 ? graph : derive(shapes.map(({ id, heading }) => ({ id, heading })))),
    [graph, shapes],
  );
  /** What this person and others are dragging. */
  const [held, setHeld] = useState<Pairs>({});
  const [stretched, setStretched] = useState<Pairs>({});
  const others = useOthers(session);
  const layout = useMemo(() => {
    const cells: Placed[] = shapes.map(({ id, left, top, width, tall, height }) => ({
      id,
      left,
      top,
      width,
      height: tall ?? sizes.get(id)?.height ?? height,
    }));
    return layOut(cells, children, folded);
  }, [shapes, children, folded, sizes]);
  const cause = useMemo(() => ({ shapes, children, folded }), [shapes, children, folded]);
  useAnchor(flow, panel, layout, cause);

  const moved = useMemo(() => ({ ...others.drags, ...held }), [others.drags, held]);
  const resized = useMemo(() => ({ ...others.sizes, ...stretched }), [others.sizes, stretched]);
  const fixed = useMemo(() => new Set(shapes.filter(({ tall }) => tall !== null).map(({ id }) => id)), [shapes]);
  const nodes = useNodes({ layout, order, sizes, moved, resized, fixed, active, mayEdit, toggle });

  const lines = useMemo<Edge[]>(
    () =>
      edges.map(({ id, source, target }) => ({
        id,
        source,
        target,
        selected: id === chosenEdge,
        focusable: true,
        ariaLabel: `Cell ${(place.get(target) ?? 0) + 1} runs after cell ${(place.get(source) ?? 0) + 1}`,
        markerEnd: { type: "arrowclosed" as never },
      })),
    [edges, chosenEdge, place],
  );

  // The keys bring a cell into sight by moving the plane, never by scrolling it.
  const drawn = useRef(layout);
  drawn.current = layout;
  /** A cell that is not laid out yet. */
  const awaited = useRef<string>(undefined);
  useEffect(() => {
    if (awaited.current !== undefined && layout.cells.has(awaited.current)) focus.reveal?.(awaited.current);
  }, [layout, focus]);
  useEffect(() => {
    if (!flow) return;
    focus.reveal = (id) => {
      const box = drawn.current.cells.get(id);
      const view = panel.current?.getBoundingClientRect();
      awaited.current = box ? undefined : id;
      if (!view) return;
      if (!box) {
        // In a section that is folded, or just made.
        const over = drawn.current.frames.filter(({ members }) => members.includes(id)).map((frame) => frame.id);
        unfold(over);
        return;
      }
      const { x, y, zoom } = flow.getViewport();
      const [left, top] = [box.left * zoom + x, box.top * zoom + y];
      const inside = left > 0 && top > 0 && left + 200 * zoom < view.width && top + 80 * zoom < view.height;
      if (!inside || zoom < LEGIBLE) {
        void flow.setCenter(box.left + box.width / 2, box.top + box.height / 2, { zoom: Math.max(zoom, LEGIBLE) });
      }
    };
    return () => {
      focus.reveal = undefined;
    };
  }, [flow, focus, unfold]);
  useEffect(() => {
    const element = panel.current;
    const still = ({ target }: Event) => {
      if (target instanceof Element && target.classList.contains("react-flow")) target.scrollTo(0, 0);
    };
    element?.addEventListener("scroll", still, true);
    return () => element?.removeEventListener("scroll", still, true);
  }, []);

  const onNodesChange = useCallback(
    (changes: NodeChange<CanvasNode>[]) => {
      // From afar a cell is as large as it was told to be.
      const far = flow !== undefined && flow.getZoom() < FAR;
      const measured = changes.flatMap((one) =>
        !far && one.type === "dimensions" && one.dimensions && !one.id.startsWith("tissue ")
          ? [[one.id, one.dimensions] as const]
          : [],
      );
      if (measured.length > 0)
        setSizes((before) => {
          const news = measured.filter(([id, { width, height }]) => {
            const old = before.get(id);
            return !old || old.width !== width || old.height !== height;
          });
          return news.length > 0 ? new Map([...before, ...news]) : before;
        });
      const drags: Record<string, [number, number]> = {};
      for (const one of changes) {
        if (one.type !== "position" || !one.dragging || !one.position) continue;
        if (one.id.startsWith("tissue ")) {
          const frame = layout.frames.find(({ id }) => `tissue ${id}` === one.id);
          if (!frame) continue;
          const [dx, dy] = [snap(one.position.x - frame.left), snap(one.position.y - frame.top)];
          for (const id of frame.members) {
            const box = layout.cells.get(id);
            if (box) drags[id] = [snap(box.left) + dx, snap(box.top) + dy];
          }
        } else drags[one.id] = [snap(one.position.x), snap(one.position.y)];
      }
      if (Object.keys(drags).length === 0) return;
      setHeld(drags);
      session.present("drag", { cells: drags });
    },
    [layout, session, flow],
  );
  const drop = () => {
    placeCells(doc, held);
    setHeld({});
    session.present("drag", null);
  };

  const resizing = useMemo<Resizing>(
    () => ({
      stretch(id, size) {
        setStretched({ [id]: size });
        session.present("drag", { cells: {}, sizes: { [id]: size } });
      },
      settle(id, size) {
        const box = drawn.current.cells.get(id);
        const before = cellOf(doc, id)?.get("height");
        // Only made wider, it goes on being as high as what is in it.
        const height = size && (before != null || size[1] !== box?.height) ? size[1] : null;
        sizeCell(doc, id, size?.[0] ?? null, height);
        setStretched({});
        session.present("drag", null);
      },
    }),
    [doc, session],
  );

  const connect = ({ source, target }: Pick<Connection, "source" | "target">) => {
    const why = refusal(edges, source, target);
    if (why) toast.warn(why);
    else addEdge(doc, source, target);
  };
  const cut = (id: string | undefined) => {
    const edge = edges.find((one) => one.id === id);
    if (!edge || !mayEdit) return;
    removeEdge(doc, edge.source, edge.target);
    setChosenEdge(undefined);
  };

  /** An edge that is drawn by keys: from this cell to the one that is gone to. */
  const [linking, setLinking] = useState<string>();
  const link = () => {
    if (linking === undefined || active === undefined || active === linking) return;
    const old = edges.find(({ source, target }) => source === linking && target === active);
    if (old) removeEdge(doc, old.source, old.target);
    else connect({ source: linking, target: active });
    setLinking(undefined);
  };
  const resize = (step: Pair) => {
    const box = active === undefined ? undefined : layout.cells.get(active);
    if (box && active !== undefined) resizing.settle(active, grown([box.width, box.height], ...step));
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const target = event.target as HTMLElement;
    const { key, altKey, shiftKey, ctrlKey, metaKey } = event;
    const onCell = mayEdit && target.matches("[data-cell]");
    const step = arrows[key];
    if ((key === "Delete" || key === "Backspace") && target.closest(".react-flow__edge")) {
      cut(target.closest("[data-id]")?.getAttribute("data-id") ?? chosenEdge);
    } else if (onCell && key === "e" && !altKey && !ctrlKey && !metaKey) setLinking(active);
    else if (onCell && linking !== undefined && key === "Enter") link();
    else if (linking !== undefined && key === "Escape") setLinking(undefined);
    else if (onCell && step && altKey && shiftKey) resize(step);
    else {
      onKeys(event);
      return;
    }
    event.preventDefault();
    event.stopPropagation();
  };

  const told = useRef(0);
  const onPointer = (event: PointerEvent) => {
    const now = Date.now();
    if (!flow || now - told.current < POINTER_EVERY) return;
    told.current = now;
    const { x, y } = flow.screenToFlowPosition({ x: event.clientX, y: event.clientY });
    session.present("pointer", { x: Math.round(x), y: Math.round(y) });
  };

  return (
    <section
      ref={panel}
      aria-label="Canvas"
      className="nb-canvas h-full min-h-0"
      data-nodes={nodes.length}
      onKeyDown={onKeyDown}
      onPointerMove={onPointer}
      onPointerLeave={() => session.present("pointer", null)}
    >
      <h2 className="sr-only">Cells</h2>
      <SightsContext value={still}>
        <ResizingContext value={resizing}>
          <ReactFlow<CanvasNode>
            nodes={nodes}
            edges={lines}
            nodeTypes={nodeTypes}
            onInit={(instance) => {
              setFlow(instance);
              // All of it when that can be read, else its beginning.
              requestAnimationFrame(() => {
                const { width = 0, height = 0 } = panel.current?.getBoundingClientRect() ?? {};
                const { x, y, width: w, height: h } = instance.getNodesBounds(nodes);
                const fits = w * READABLE < width - 60 && h * READABLE < height - 60;
                if (fits) void instance.fitView({ maxZoom: 1, padding: 0.06 });
                else void instance.setViewport({ x: 30 - x * READABLE, y: 30 - y * READABLE, zoom: READABLE });
              });
            }}
            onMove={still.moved}
            onNodesChange={onNodesChange}
            onNodeDragStop={drop}
            onConnect={connect}
            onEdgeClick={(_event, { id }) => setChosenEdge(id)}
            onPaneClick={() => setChosenEdge(undefined)}
            onDoubleClick={(event) => {
              if (!flow || !mayEdit || !(event.target as Element).classList.contains("react-flow__pane")) return;
              const { x, y } = flow.screenToFlowPosition({ x: event.clientX, y: event.clientY });
              commands.addAt(snap(x), snap(y));
            }}
            snapToGrid
            snapGrid={[GRID, GRID]}
            minZoom={FARTHEST}
            maxZoom={NEAREST}
            panOnScroll
            zoomOnDoubleClick={false}
            onlyRenderVisibleElements
            nodesFocusable={false}
            elementsSelectable
            disableKeyboardA11y
            nodeDragThreshold={3}
            deleteKeyCode={null}
            selectionKeyCode={null}
            multiSelectionKeyCode={null}
            panActivationKeyCode={null}
            zoomActivationKeyCode="Control"
            ariaLabelConfig={{ "minimap.ariaLabel": "Small map" }}
          >
            <Background gap={GRID} size={1} />
            <Controls showInteractive={false} />
            <MiniMap pannable zoomable nodeClassName={({ type }) => `nb-mini-${type}`} />
            <ViewportPortal>
              <Pointers pointers={others.pointers} />
            </ViewportPortal>
          </ReactFlow>
        </ResizingContext>
      </SightsContext>
      <EdgeTools
        edge={mayEdit ? lines.find(({ id }) => id === chosenEdge)?.ariaLabel : undefined}
        from={linking === undefined ? undefined : place.get(linking)}
        onCut={() => cut(chosenEdge)}
        onLeave={() => setLinking(undefined)}
      />
    </section>
  );
}

interface EdgeToolsProps {
  /** What the chosen edge says. */
  edge: string | undefined;
  /** The place of the cell that an edge is being drawn from. */
  from: number | undefined;
  onCut: () => void;
  onLeave: () => void;
}

function EdgeTools({ edge, from, onCut, onLeave }: EdgeToolsProps) {
  return (
    <div role="status">
      {from !== undefined ? (
        <div className="nb-edge-tools card">
          <span className="text-sm">
            What runs after cell {from + 1}? Go there (J, K) and press Enter; on a cell that does already, the edge
            goes.
          </span>
          <button type="button" className="link text-sm" onClick={onLeave}>
            Cancel
          </button>
        </div>
      ) : edge !== undefined ? (
        <div className="nb-edge-tools card">
          <span className="text-sm">{edge}</span>
          <button type="button" className="link text-sm" onClick={onCut}>
            Remove the edge
          </button>
        </div>
      ) : null}
    </div>
  );
}
