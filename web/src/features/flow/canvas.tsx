import { useNavigate } from "@tanstack/react-router";
import { type NodeChange, ReactFlow, type ReactFlowInstance, useStore, ViewportPortal } from "@xyflow/react";
import { LayoutGrid, Map as MapIcon, Maximize } from "lucide-react";
import { type MouseEvent, useCallback, useEffect, useId, useMemo, useRef, useState } from "react";
import type { State } from "@/shared/api/types";
import { type PanelProps, usePanelMenu } from "@/shared/panels/panel";
import { select, useSelection } from "@/shared/selection/selection";
import { Failure } from "@/shared/ui/failure";
import { toast } from "@/shared/ui/toast";
import { undo } from "@/shared/undo/undo";
import { Card, type CardNode, WantedContext } from "./card";
import { overlap, type Point, sizeOf } from "./geometry";
import { type FlowNode, type GraphView, lineage, withoutData } from "./graph";
import { Boxes, Edges } from "./layers";
import { leftOut } from "./left-out";
import { SmallMap } from "./map";
import { type FlowSettings, flowSettings, type Mode, withMoved } from "./settings";
import { Toolbar } from "./toolbar";
import { useFlowActions } from "./use-actions";
import { useCards } from "./use-cards";
import { usePlaces } from "./use-places";
import { useStructure } from "./use-structure";
import { DETAILS, FARTHEST, glide, NEAREST, useViewport, type Zoom } from "./use-viewport";
import { type Direction, step } from "./walk";

const nodeTypes = { card: Card };
/** With more nodes than these data are shown on demand. */
const LARGE = 400;
/** How far the keys move a node. */
const NUDGE = 20;

export function FlowCanvas({ project, settings, onSettings, view }: PanelProps & { view: GraphView }) {
  const helpId = useId();
  const panel = useRef<HTMLElement>(null);
  const searchRef = useRef<HTMLInputElement>(null);
  const wanted = useRef<string>(undefined);
  const navigate = useNavigate();
  const selection = useSelection(project.id);
  const [flow, setFlow] = useState<ReactFlowInstance<CardNode>>();
  const width = useStore((store) => store.width);
  const height = useStore((store) => store.height);

  const remembered = useMemo(() => flowSettings(settings), [settings]);
  const full = useStructure(view);
  const bare = useMemo(() => withoutData(full), [full]);
  const mode: Mode = remembered.mode ?? (full.nodes.length > LARGE ? "processes" : "data");
  const graph = mode === "data" ? full : bare;
  const moved = remembered.moved[mode];
  const aspect = useRef(1.6);
  if (width > 0 && height > 0) aspect.current = width / height;
  const { places, error, again, drag } = usePlaces(
    graph,
    mode,
    moved,
    useCallback(() => aspect.current, []),
  );

  // The states change often; the set only when the filter is on.
  const judged = remembered.states.length > 0 ? view : none;
  const hidden = useMemo(() => leftOut(graph, judged, remembered.states), [graph, judged, remembered.states]);
  const shown = useMemo(() => graph.nodes.filter(({ id }) => !hidden.has(id)), [graph, hidden]);

  const latest = useRef({ remembered, settings, onSettings, places, graph, hidden, view, mode });
  latest.current = { remembered, settings, onSettings, places, graph, hidden, view, mode };
  const change = useCallback((next: Partial<FlowSettings>) => {
    const settings = { ...latest.current.settings, ...next };
    // The host may take a moment; the next change builds on this one.
    latest.current = { ...latest.current, settings, remembered: flowSettings(settings) };
    latest.current.onSettings(settings);
  }, []);
  const changeMoved = useCallback(
    (of: Mode, next: FlowSettings["moved"][Mode]) => {
      change({ moved: { ...latest.current.remembered.moved, [of]: next } });
    },
    [change],
  );

  // ---- what stands out

  const [traced, setTraced] = useState<string | undefined>(selection.data);
  useEffect(() => setTraced(selection.data), [selection.data]);
  const [search, setSearch] = useState("");
  const matches = useMemo(() => {
    const text = search.trim().toLowerCase();
    if (text === "") return undefined;
    return shown.filter((node) => {
      const process = node.at === undefined ? undefined : view.nodes[node.at];
      return `${node.name} ${process?.type ?? ""}`.toLowerCase().includes(text);
    });
  }, [search, shown, view]);
  const strong = useMemo(() => {
    if (matches) return new Set(matches.map(({ id }) => id));
    return traced !== undefined && full.byId.has(traced) ? lineage(full, traced) : undefined;
  }, [matches, traced, full]);

  // ---- where one is

  const { frame, far, bounds, extent, onMove, showAll, goTo, zoomBy } = useViewport({
    panel,
    flow,
    graph,
    places,
    shown,
  });

  // At first everything, or what is active; and again when the whole is laid out anew.
  const ready = flow !== undefined && bounds !== undefined && width > 0;
  const begun = useRef(false);
  const refit = useRef(false);
  useEffect(() => {
    if (!ready || (begun.current && !refit.current)) return;
    const first = !begun.current;
    begun.current = true;
    refit.current = false;
    showAll();
    if (first) {
      onMove(null, flow.getViewport());
      const { process } = selection;
      if (process && flow.getZoom() < DETAILS) goTo(process, true);
      panel.current?.setAttribute("data-drawn", "");
    }
  }, [ready, showAll, flow, goTo, onMove, selection]);
  const active = useRef(selection.process);
  useEffect(() => {
    if (active.current === selection.process) return;
    active.current = selection.process;
    if (selection.process && begun.current) goTo(selection.process);
  }, [selection.process, goTo]);

  // ---- what one does

  const [focused, setFocused] = useState<string>();
  const open = useCallback(
    (id: string) => {
      const node = latest.current.graph.byId.get(id);
      if (!node) return;
      if (node.kind === "process") {
        void navigate({ to: "/projects/$project/processes/$process", params: { project: project.name, process: id } });
      } else void navigate({ to: "/projects/$project/data/$data", params: { project: project.name, data: id } });
    },
    [navigate, project.name],
  );
  const activate = useCallback(
    (id: string) => {
      const { graph, view } = latest.current;
      const node = graph.byId.get(id);
      if (!node) return;
      setFocused(id);
      if (node.at === undefined) {
        select(project.id, { data: id });
        setTraced(id);
      } else {
        setTraced(undefined);
        select(project.id, { process: id, version: view.nodes[node.at]?.version });
      }
    },
    [project.id],
  );
  const focusOn = useCallback(
    (id: string) => {
      setFocused(id);
      goTo(id, true);
      const button = panel.current?.querySelector<HTMLElement>(`[data-node="${CSS.escape(id)}"]`);
      if (button) button.focus({ preventScroll: true });
      else wanted.current = id;
    },
    [goTo],
  );
  const moveTo = useCallback(
    (id: string, to: Point) => {
      const { mode, remembered, graph } = latest.current;
      const before = remembered.moved[mode];
      const after = withMoved(before, id, to);
      drag(id, to);
      changeMoved(mode, after);
      undo.did({
        title: `Moving of ${graph.byId.get(id)?.name ?? "a node"}`,
        undo: () => changeMoved(mode, before),
        redo: () => changeMoved(mode, after),
        merge: `flow.move.${id}`,
      });
    },
    [changeMoved, drag],
  );
  const layOut = useCallback(() => {
    const { mode, remembered } = latest.current;
    const before = remembered.moved[mode];
    const redo = () => {
      refit.current = true;
      changeMoved(mode, {});
      return again();
    };
    const back = redo();
    undo.did({
      title: "Laying out of the flow",
      undo: () => {
        changeMoved(mode, before);
        back();
      },
      redo: () => void redo(),
    });
    toast.done("The flow is laid out again. Ctrl+Z takes it back.");
  }, [again, changeMoved]);
  const setMode = useCallback(
    (mode: Mode) => {
      refit.current = true;
      change({ mode });
    },
    [change],
  );

  const walk = useCallback(
    (direction: Direction) => {
      const { graph, places, hidden } = latest.current;
      const from = focused ?? selection.process ?? shown[0]?.id;
      if (!from || !places) return;
      const here = document.activeElement?.getAttribute("data-node");
      const to = here ? step(graph, places, ({ id }) => !hidden.has(id), from, direction) : from;
      if (to) focusOn(to);
    },
    [focused, focusOn, selection.process, shown],
  );
  const nudge = useCallback(
    (dx: number, dy: number) => {
      const place = focused && latest.current.places?.get(focused);
      if (place) moveTo(focused, { x: place.x + dx * NUDGE, y: place.y + dy * NUDGE });
    },
    [focused, moveTo],
  );
  const next = useCallback(
    (back: boolean) => {
      if (!matches || matches.length === 0) return;
      const at = matches.findIndex(({ id }) => id === focused);
      const to = matches.at(back ? (at < 0 ? -1 : at - 1) : (at + 1) % matches.length);
      if (!to) return;
      setFocused(to.id);
      goTo(to.id, true);
    },
    [matches, focused, goTo],
  );
  const zoom = useCallback(
    (how: Zoom) => {
      if (how === "fit") showAll(glide());
      else zoomBy(how, focused);
    },
    [showAll, zoomBy, focused],
  );
  const onKeyDown = useFlowActions({
    activate: () => focused && activate(focused),
    open: () => focused && open(focused),
    trace: () => setTraced(focused),
    clear: () => {
      if (traced === undefined && search === "") return false;
      setTraced(undefined);
      setSearch("");
      return true;
    },
    find: () => searchRef.current?.focus(),
    layOut,
    walk,
    nudge,
    zoom,
  });

  usePanelMenu(
    useMemo(
      () => [
        { id: "lay-out", label: "Lay out again", icon: LayoutGrid, run: layOut },
        { id: "fit", label: "Show everything", icon: Maximize, run: () => zoom("fit") },
        {
          id: "data",
          label: "Data between processes",
          checked: mode === "data",
          run: () => setMode(mode === "data" ? "processes" : "data"),
        },
        {
          id: "map",
          label: "Small map",
          icon: MapIcon,
          checked: remembered.map,
          run: () => change({ map: !remembered.map }),
        },
      ],
      [layOut, zoom, mode, setMode, remembered.map, change],
    ),
  );

  // ---- what is drawn

  const tabbable = focused !== undefined && graph.byId.has(focused) ? focused : (selection.process ?? shown[0]?.id);
  const cards = useCards({
    nodes: shown,
    view,
    places,
    frame,
    far,
    strong,
    active: selection.process,
    activeData: selection.data,
    tabbable,
  });
  const counts = useMemo(() => {
    const found = new Map<State, number>();
    for (const { state } of view.nodes) found.set(state, (found.get(state) ?? 0) + 1);
    return found;
  }, [view]);

  const onNodesChange = useCallback(
    (changes: NodeChange<CardNode>[]) => {
      for (const one of changes) {
        if (one.type === "position" && one.dragging && one.position) drag(one.id, one.position);
      }
    },
    [drag],
  );
  const nodeAt = (event: MouseEvent): FlowNode | undefined => {
    if (!flow || !places) return undefined;
    const point = flow.screenToFlowPosition({ x: event.clientX, y: event.clientY });
    return shown.find((node) => {
      const place = places.get(node.id);
      return place && overlap({ ...point, width: 1, height: 1 }, { ...place, ...sizeOf(node) });
    });
  };

  return (
    <section
      ref={panel}
      aria-label="Flow"
      className="flow-panel flex h-full min-h-0 flex-col bg-page"
      onKeyDown={onKeyDown}
    >
      <Toolbar
        search={search}
        onSearch={setSearch}
        searchRef={searchRef}
        found={matches && { count: matches.length, at: matches.findIndex(({ id }) => id === focused) + 1 }}
        onNext={next}
        onInto={() => {
          const into = matches?.find(({ id }) => id === focused) ?? matches?.[0];
          if (into) focusOn(into.id);
        }}
        chosen={remembered.states}
        counts={counts}
        onStates={(states) => change({ states })}
        mode={mode}
        onMode={setMode}
        onZoom={zoom}
      />
      {view.truncated && (
        <p className="bg-warn-soft px-3 py-1.5 text-sm text-warn">
          Only the newest {view.nodes.length.toLocaleString()} processes are drawn.
        </p>
      )}
      {error !== undefined && (
        <div className="p-3">
          <Failure error={error} retry={() => void again()} />
        </div>
      )}
      <p id={helpId} className="sr-only">
        The arrow keys go along the edges, Enter chooses, Ctrl+Enter opens. The question mark shows all keys.
      </p>
      <WantedContext value={wanted}>
        {/* biome-ignore lint/a11y/useSemanticElements: a drawing is no set of fields */}
        <div
          role="group"
          aria-label="Processes and data"
          aria-describedby={helpId}
          className="relative min-h-0 flex-1"
          onFocus={({ target }) => {
            const id = target.getAttribute("data-node");
            if (id) setFocused(id);
          }}
          onDoubleClick={(event) => {
            const node = far && (event.target as Element).closest(".react-flow__pane") ? nodeAt(event) : undefined;
            if (node) open(node.id);
          }}
        >
          <ReactFlow<CardNode>
            className="flow"
            nodes={cards}
            edges={noEdges}
            nodeTypes={nodeTypes}
            onInit={setFlow}
            onMove={onMove}
            onNodesChange={onNodesChange}
            onNodeClick={(event, { id }) => (event.ctrlKey || event.metaKey ? open(id) : activate(id))}
            onNodeDoubleClick={(_event, { id }) => open(id)}
            onNodeDragStop={(_event, { id, position }) => {
              moveTo(id, position);
            }}
            onPaneClick={(event) => {
              const node = far ? nodeAt(event) : undefined;
              if (node) activate(node.id);
              else setTraced(undefined);
            }}
            minZoom={FARTHEST}
            translateExtent={extent}
            maxZoom={NEAREST}
            panOnScroll
            zoomOnDoubleClick={false}
            nodesConnectable={false}
            nodesFocusable={false}
            elementsSelectable={false}
            disableKeyboardA11y
            nodeDragThreshold={4}
            deleteKeyCode={null}
            selectionKeyCode={null}
            multiSelectionKeyCode={null}
            panActivationKeyCode={null}
            zoomActivationKeyCode={null}
          >
            {places && (
              <ViewportPortal>
                <Edges graph={graph} places={places} hidden={hidden} frame={frame} strong={strong} heads={!far} />
                {far && (
                  <svg className="flow-layer" aria-hidden="true">
                    <Boxes nodes={shown} view={view} places={places} strong={strong} active={selection.process} />
                  </svg>
                )}
              </ViewportPortal>
            )}
          </ReactFlow>
          {remembered.map && bounds && places && width > 480 && (
            <SmallMap nodes={shown} view={view} places={places} bounds={bounds} active={selection.process} />
          )}
          {!places && error === undefined && (
            <p role="status" className="absolute inset-0 grid place-items-center text-muted">
              Laying out {graph.nodes.length.toLocaleString()} nodes…
            </p>
          )}
          {places && shown.length === 0 && (
            <p role="status" className="absolute inset-0 grid place-items-center text-muted">
              No process is in these states.
            </p>
          )}
        </div>
      </WantedContext>
    </section>
  );
}

const none: GraphView = { nodes: [], truncated: false };
const noEdges: never[] = [];
