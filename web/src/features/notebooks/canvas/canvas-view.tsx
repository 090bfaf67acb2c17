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
  type Node,
  type NodeChange,
  ReactFlow,
  type ReactFlowInstance,
  ReactFlowProvider,
  useStore,
  ViewportPortal,
} from "@xyflow/react";
import { type PointerEvent, useCallback, useEffect, useMemo, useRef, useState, useSyncExternalStore } from "react";
import { toast } from "@/shared/ui/toast";
import { useActive } from "../cells/focus";
import { useCommandKeys } from "../cells/list-view";
import { useOpen } from "../context";
import { childrenOf, placeCells } from "../model/document";
import { colourOf } from "../model/session";
import { useOrder, useRead } from "../model/store";
import { addEdge, edgesOf, refusal, removeEdge } from "./edges";
import { type Box, derive, GRID, layOut, type Placed, snap } from "./layout";
import { CellNode, type CellNodeData, TissueNode, type TissueNodeData } from "./nodes";
import { useShapes } from "./use-shapes";

type CanvasNode = Node<CellNodeData, "cell"> | Node<TissueNodeData, "tissue">;

const nodeTypes = { cell: CellNode, tissue: TissueNode };
const POINTER_EVERY = 60;
const FARTHEST = 0.05;
const NEAREST = 1.65;
/** The farthest from which cells are written in. */
const LEGIBLE = 0.6;
/** At this zoom texts can be read. */
const READABLE = 0.7;

export function CanvasView(props: { onRestart: () => void }) {
  return (
    <ReactFlowProvider>
      <Canvas {...props} />
    </ReactFlowProvider>
  );
}

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
  const edges = useMemo(
    () => wires.filter(({ source, target }) => order.includes(source) && order.includes(target)),
    [wires, order],
  );
  const [flow, setFlow] = useState<ReactFlowInstance<CanvasNode>>();
  const [sizes, setSizes] = useState<ReadonlyMap<string, { width: number; height: number }>>(new Map());
  const [folded, setFolded] = useState<ReadonlySet<string>>(new Set());
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
  const [held, setHeld] = useState<Readonly<Record<string, readonly [number, number]>>>({});
  const others = useOthers(session);
  const layout = useMemo(() => {
    const cells: Placed[] = shapes.map(({ id, left, top, width, lines }) => ({
      id,
      left,
      top,
      width,
      height: sizes.get(id)?.height ?? 90 + lines * 20,
    }));
    return layOut(cells, children, folded);
  }, [shapes, children, folded, sizes]);

  const toggle = useCallback(
    (id: string) =>
      setFolded((before) => {
        const next = new Set(before);
        if (!next.delete(id)) next.add(id);
        return next;
      }),
    [],
  );

  const nodes = useMemo<CanvasNode[]>(() => {
    const moved = { ...others.drags, ...held };
    const made: CanvasNode[] = [];
    for (const frame of layout.frames) {
      // A frame goes along with what is dragged in it.
      const shift = shiftOf(frame.members, moved, layout.cells);
      made.push({
        id: `tissue ${frame.id}`,
        type: "tissue",
        position: { x: frame.left + shift[0], y: frame.top + shift[1] },
        width: frame.width,
        height: frame.height,
        measured: { width: frame.width, height: frame.height },
        zIndex: -100 + frame.depth,
        dragHandle: ".nb-tissue-bar",
        draggable: mayEdit,
        selectable: false,
        focusable: false,
        data: { cell: frame.id, members: frame.members, folded: frame.folded, toggle },
      });
    }
    for (const [id, box] of layout.cells) {
      const at = moved[id] ?? [box.left, box.top];
      const measured = sizes.get(id);
      made.push({
        id,
        type: "cell",
        position: { x: at[0], y: at[1] },
        width: box.width,
        ...(measured && { measured }),
        dragHandle: ".nb-node-bar",
        draggable: mayEdit,
        connectable: mayEdit,
        selectable: false,
        focusable: false,
        zIndex: active === id ? 10 : 0,
        data: { cell: id, index: order.indexOf(id) },
      });
    }
    return made;
  }, [layout, sizes, mayEdit, active, order, held, others.drags, toggle]);

  const lines = useMemo<Edge[]>(
    () =>
      edges.map(({ id, source, target }) => ({
        id,
        source,
        target,
        selected: id === chosenEdge,
        focusable: true,
        ariaLabel: `Cell ${order.indexOf(target) + 1} runs after cell ${order.indexOf(source) + 1}`,
        markerEnd: { type: "arrowclosed" as never },
      })),
    [edges, chosenEdge, order],
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
        setFolded((before) =>
          over.some((one) => before.has(one)) ? new Set([...before].filter((one) => !over.includes(one))) : before,
        );
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
  }, [flow, focus]);
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
      const measured = changes.flatMap((one) =>
        one.type === "dimensions" && one.dimensions && !one.id.startsWith("tissue ")
          ? [[one.id, one.dimensions] as const]
          : [],
      );
      if (measured.length > 0) setSizes((before) => new Map([...before, ...measured]));
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
    [layout, session],
  );
  const drop = () => {
    placeCells(doc, held);
    setHeld({});
    session.present("drag", null);
  };

  const connect = ({ source, target }: Connection) => {
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
      onKeyDown={(event) => {
        const target = event.target as HTMLElement;
        if ((event.key === "Delete" || event.key === "Backspace") && target.closest(".react-flow__edge")) {
          cut(target.closest("[data-id]")?.getAttribute("data-id") ?? chosenEdge);
          event.preventDefault();
        } else onKeys(event);
      }}
      onPointerMove={onPointer}
      onPointerLeave={() => session.present("pointer", null)}
    >
      <h2 className="sr-only">Cells</h2>
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
      {chosenEdge && mayEdit && (
        <div className="nb-edge-tools card">
          <span className="text-sm">{lines.find(({ id }) => id === chosenEdge)?.ariaLabel}</span>
          <button type="button" className="link text-sm" onClick={() => cut(chosenEdge)}>
            Remove the edge
          </button>
        </div>
      )}
    </section>
  );
}

/** As large as on the screen of whoever points, whatever the zoom here. */
function Pointers({ pointers }: { pointers: readonly Pointer[] }) {
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

/** How far a frame goes with what is dragged in it: only when all of it goes the same way. */
function shiftOf(
  members: readonly string[],
  moved: Readonly<Record<string, readonly [number, number]>>,
  boxes: ReadonlyMap<string, Box>,
): readonly [number, number] {
  let shift: readonly [number, number] | undefined;
  for (const id of members) {
    const box = boxes.get(id);
    if (!box) continue;
    const at = moved[id];
    if (!at) return [0, 0];
    shift ??= [at[0] - box.left, at[1] - box.top];
  }
  return shift ?? [0, 0];
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
  drags: Readonly<Record<string, readonly [number, number]>>;
}

/** Where others point and what they drag. */
function useOthers({ provider, doc }: ReturnType<typeof useOpen>["session"]): Others {
  const last = useRef<{ text: string; value: Others }>({ text: "", value: { pointers: [], drags: {} } });
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
    const drags: Record<string, readonly [number, number]> = {};
    for (const [client, state] of awareness.getStates()) {
      if (client === doc.clientID) continue;
      const user = (state.user ?? {}) as { id?: string; name?: string };
      const { x, y } = (state.pointer ?? {}) as { x?: unknown; y?: unknown };
      if (Number.isFinite(x) && Number.isFinite(y)) {
        const id = String(user.id ?? client);
        pointers.push({ client, name: String(user.name ?? ""), colour: colourOf(id), x: Number(x), y: Number(y) });
      }
      const cells = (state.drag as { cells?: Record<string, unknown> } | null | undefined)?.cells ?? {};
      for (const [id, at] of Object.entries(cells)) {
        if (Array.isArray(at) && Number.isFinite(at[0]) && Number.isFinite(at[1])) drags[id] = [at[0], at[1]];
      }
    }
    const text = JSON.stringify([pointers, drags]);
    if (text !== last.current.text) last.current = { text, value: { pointers, drags } };
    return last.current.value;
  });
}
