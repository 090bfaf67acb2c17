// A small graph to look at: laid out, scaled to its place, every box a link. For pages on which the graph is one thing
// among others; nothing of the large one is loaded for it but the layout.

import { Link } from "@tanstack/react-router";
import { useEffect, useMemo, useRef, useState } from "react";
import type { State } from "@/shared/api/types";
import { Skeleton } from "@/shared/ui/skeleton";
import { arrange } from "../arrange";
import { DataFace, ProcessFace, type Work } from "../face";
import { boundsOf, edgePath, type Places, sizeOf } from "../geometry";
import { type FlowGraph, type FlowNode, lineage } from "../graph";
import "../flow.css";

/** What a box says and where it leads. */
export interface MiniNode {
  work?: Work;
  /** The process that its link opens, and its version. */
  process?: string;
  version?: number;
  gone?: boolean;
}

interface Props {
  project: string;
  graph: FlowGraph;
  /** More about a node; data need nothing. */
  about: (node: FlowNode) => MiniNode;
  /** What the graph is about; the lines of its lineage stand out. */
  mark?: string | undefined;
  label: string;
}

const HIGHEST = 416;
const SMALLEST = 0.6;
const PAD = 16;

export function MiniGraph({ project, graph, about, mark, label }: Props) {
  const box = useRef<HTMLDivElement>(null);
  const [places, setPlaces] = useState<Places>();
  const [width, setWidth] = useState(0);
  useEffect(() => {
    let left = false;
    arrange(graph, 3).then(
      (found) => !left && setPlaces(found),
      // The lists beside it say the same.
      () => !left && setPlaces(new Map()),
    );
    return () => {
      left = true;
    };
  }, [graph]);
  useEffect(() => {
    const element = box.current;
    if (!element) return;
    const observer = new ResizeObserver(() => setWidth(element.clientWidth));
    observer.observe(element);
    return () => observer.disconnect();
  }, []);

  const bounds = places && boundsOf(graph.nodes, places);
  const lines = useMemo(() => {
    const strong = mark === undefined ? undefined : lineage(graph, mark);
    const found = { plain: "", strong: "", plainHeads: "", strongHeads: "" };
    for (const { from, to } of graph.edges) {
      const [a, b] = [places?.get(from), places?.get(to)];
      const [source, target] = [graph.byId.get(from), graph.byId.get(to)];
      if (!a || !b || !source || !target) continue;
      const { line, head } = edgePath({ ...a, ...sizeOf(source) }, { ...b, ...sizeOf(target) });
      const kind = strong?.has(from) && strong.has(to) ? "strong" : "plain";
      found[kind] += line;
      found[`${kind}Heads`] += head;
    }
    return found;
  }, [graph, places, mark]);

  const room = width - 2 * PAD;
  const scale = bounds ? Math.max(SMALLEST, Math.min(1, room / bounds.width, (HIGHEST - 2 * PAD) / bounds.height)) : 1;
  const at = mark === undefined ? undefined : places?.get(mark);
  const markX = at && bounds ? (at.x - bounds.x) * scale : undefined;
  const markY = at && bounds ? (at.y - bounds.y) * scale : undefined;
  useEffect(() => {
    const element = box.current;
    if (!element || markX === undefined || markY === undefined) return;
    element.scrollTo({ left: markX - element.clientWidth / 2 + 100, top: markY - element.clientHeight / 2 + 20 });
  }, [markX, markY]);

  return (
    <div
      ref={box}
      className="flow-mini max-h-[26rem] overflow-auto rounded-lg border border-line bg-page"
      data-drawn={places && ""}
    >
      {!places || !bounds ? (
        <Skeleton className="h-40 w-full" />
      ) : (
        <div
          className="relative mx-auto box-content"
          style={{ width: bounds.width * scale, height: bounds.height * scale, padding: PAD }}
        >
          <div
            className="relative origin-top-left"
            style={{ width: bounds.width, height: bounds.height, transform: `scale(${scale})` }}
          >
            <svg
              className="flow-layer"
              style={{ left: 0, top: 0, width: bounds.width, height: bounds.height }}
              viewBox={`${bounds.x} ${bounds.y} ${bounds.width} ${bounds.height}`}
              aria-hidden="true"
            >
              <path className="flow-line" d={lines.plain} />
              <path className="flow-head" d={lines.plainHeads} />
              <path className="flow-line flow-strong" d={lines.strong} />
              <path className="flow-head flow-strong" d={lines.strongHeads} />
            </svg>
            <ul aria-label={label}>
              {graph.nodes.map((node) => {
                const place = places.get(node.id);
                return (
                  place && (
                    <li
                      key={node.id}
                      className="absolute"
                      style={{ left: place.x - bounds.x, top: place.y - bounds.y, ...sizeOf(node) }}
                    >
                      <Box project={project} node={node} about={about(node)} marked={node.id === mark} />
                    </li>
                  )
                );
              })}
            </ul>
          </div>
        </div>
      )}
    </div>
  );
}

function Box({ project, node, about, marked }: { project: string; node: FlowNode; about: MiniNode; marked: boolean }) {
  const { work, gone, process = node.id, version } = about;
  const look = `flow-card ${node.kind === "process" ? "flow-process" : "flow-data"} ${marked ? "flow-active" : ""}`;
  if (gone) {
    return (
      <div className={`${look} flow-dim`}>
        <DataFace node={{ ...node, name: `${node.name} (deleted)` }} />
      </div>
    );
  }
  if (node.kind === "process") {
    return (
      <Link
        className={look}
        title={node.name}
        to="/projects/$project/processes/$process"
        params={{ project, process }}
        {...(version !== undefined && { search: { version } })}
        aria-current={marked || undefined}
        {...(work?.state && { "data-state": work.state satisfies State })}
      >
        <ProcessFace name={node.name} work={work} />
      </Link>
    );
  }
  return (
    <Link
      className={look}
      title={node.name}
      to="/projects/$project/data/$data"
      params={{ project, data: node.id }}
      aria-current={marked || undefined}
    >
      <DataFace node={node} />
    </Link>
  );
}
