// What is drawn together, in a handful of SVG paths whatever the number of nodes: the lines, and the boxes when they are
// seen from afar.

import { memo, useMemo } from "react";
import { edgePath, overlap, type Places, type Rect, sizeOf } from "./geometry";
import type { FlowGraph, FlowNode, GraphView } from "./graph";
import { states } from "./settings";

interface EdgesProps {
  graph: FlowGraph;
  places: Places;
  hidden: ReadonlySet<string>;
  /** Only what touches it is drawn. */
  frame: Rect;
  /** The nodes that stand out; undefined when all are alike. */
  strong: ReadonlySet<string> | undefined;
  heads: boolean;
}

export const Edges = memo(function Edges({ graph, places, hidden, frame, strong, heads }: EdgesProps) {
  const paths = useMemo(() => {
    const lines = { plain: "", strong: "" };
    const tips = { plain: "", strong: "" };
    const rect = (id: string): Rect | undefined => {
      const place = places.get(id);
      const node = graph.byId.get(id);
      return place && node && { ...place, ...sizeOf(node) };
    };
    for (const { from, to } of graph.edges) {
      if (hidden.has(from) || hidden.has(to)) continue;
      const [a, b] = [rect(from), rect(to)];
      if (!a || !b) continue;
      const around = {
        x: Math.min(a.x, b.x),
        y: Math.min(a.y, b.y),
        width: Math.abs(b.x - a.x) + b.width,
        height: Math.abs(b.y - a.y) + Math.max(a.height, b.height),
      };
      if (!overlap(around, frame)) continue;
      const kind = strong?.has(from) && strong.has(to) ? "strong" : "plain";
      const { line, head } = edgePath(a, b);
      lines[kind] += line;
      if (heads) tips[kind] += head;
    }
    return { lines, tips };
  }, [graph, places, hidden, frame, strong, heads]);
  const dim = strong ? "flow-dim" : "";
  return (
    <svg className="flow-layer" aria-hidden="true">
      <path className={`flow-line ${dim}`} d={paths.lines.plain} />
      <path className={`flow-head ${dim}`} d={paths.tips.plain} />
      <path className="flow-line flow-strong" d={paths.lines.strong} />
      <path className="flow-head flow-strong" d={paths.tips.strong} />
    </svg>
  );
});

interface BoxesProps {
  nodes: readonly FlowNode[];
  view: GraphView;
  places: Places;
  strong: ReadonlySet<string> | undefined;
  active: string | undefined;
}

const kinds = [...states, "data", "dim", "active"] as const;

/** All boxes as blocks of colour: for the view from afar, and for the small map. */
export const Boxes = memo(function Boxes({ nodes, view, places, strong, active }: BoxesProps) {
  const paths = useMemo(() => {
    const found = Object.fromEntries(kinds.map((kind) => [kind, ""])) as Record<(typeof kinds)[number], string>;
    for (const node of nodes) {
      const place = places.get(node.id);
      if (!place) continue;
      const { width, height } = sizeOf(node);
      const box = `M${place.x} ${place.y}h${width}v${height}h${-width}z`;
      const state = node.at === undefined ? undefined : view.nodes[node.at]?.state;
      found[strong && !strong.has(node.id) ? "dim" : (state ?? "data")] += box;
      if (node.id === active) found.active += box;
    }
    return found;
  }, [nodes, view, places, strong, active]);
  return kinds.map(
    (kind) => paths[kind] && <path key={kind} className={`flow-far flow-far-${kind}`} d={paths[kind]} />,
  );
});
