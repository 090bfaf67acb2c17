// The graph of a project: its processes, the data that they read and write, and what leads to what. It holds only the
// structure; states and progress change often and stay in the view that the graph was built from.

import type { State } from "@/shared/api/types";

export interface GraphInput {
  id: string;
  kind: "upload" | "dataset";
  name: string;
  media_type?: string;
  /** The process that made it, if it is known. */
  process?: string | null;
}

export interface GraphOutput {
  id: string;
  name: string;
  media_type: string;
}

/** The newest version of a process. */
export interface GraphProcess {
  process: string;
  name: string;
  type: string;
  environment: string;
  version: number;
  state: State;
  stopping?: boolean;
  progress?: { fraction: number; message: string } | null;
  created_at: string;
  inputs: readonly GraphInput[];
  outputs: readonly GraphOutput[];
}

export interface GraphView {
  /** Newest first. */
  nodes: readonly GraphProcess[];
  /** Whether there are more processes than these. */
  truncated: boolean;
}

export interface FlowNode {
  id: string;
  kind: "process" | "upload" | "dataset";
  name: string;
  /** Of a process: its place in the view. */
  at?: number;
  mediaType?: string;
}

export interface FlowEdge {
  from: string;
  to: string;
}

export interface FlowGraph {
  nodes: readonly FlowNode[];
  byId: ReadonlyMap<string, FlowNode>;
  edges: readonly FlowEdge[];
  /** What leads to a node, and what it leads to. */
  before: ReadonlyMap<string, readonly string[]>;
  after: ReadonlyMap<string, readonly string[]>;
}

const noIds: readonly string[] = [];
export const before = (graph: FlowGraph, id: string) => graph.before.get(id) ?? noIds;
export const after = (graph: FlowGraph, id: string) => graph.after.get(id) ?? noIds;

/** A graph of these nodes; edges of others are left out, and each counts once. */
export function assemble(byId: ReadonlyMap<string, FlowNode>, pairs: Iterable<readonly [string, string]>): FlowGraph {
  const edges: FlowEdge[] = [];
  const back = new Map<string, string[]>();
  const forth = new Map<string, string[]>();
  const seen = new Set<string>();
  const add = (map: Map<string, string[]>, key: string, value: string) => {
    const list = map.get(key);
    if (list) list.push(value);
    else map.set(key, [value]);
  };
  for (const [from, to] of pairs) {
    const key = `${from} ${to}`;
    if (from === to || seen.has(key) || !byId.has(from) || !byId.has(to)) continue;
    seen.add(key);
    edges.push({ from, to });
    add(forth, from, to);
    add(back, to, from);
  }
  return { nodes: [...byId.values()], byId, edges, before: back, after: forth };
}

/** Processes and data as nodes. */
export function build(view: GraphView): FlowGraph {
  const byId = new Map<string, FlowNode>();
  const pairs: [string, string][] = [];
  view.nodes.forEach(({ process, name }, at) => {
    byId.set(process, { id: process, kind: "process", name, at });
  });
  for (const { process, outputs } of view.nodes) {
    for (const { id, name, media_type } of outputs) {
      byId.set(id, { id, kind: "dataset", name, mediaType: media_type });
      pairs.push([process, id]);
    }
  }
  for (const { process, inputs } of view.nodes) {
    for (const { id, kind, name, media_type, process: maker } of inputs) {
      if (!byId.has(id)) {
        byId.set(id, { id, kind, name, ...(media_type && { mediaType: media_type }) });
        // Written by an older version of its process.
        if (maker) pairs.push([maker, id]);
      }
      pairs.push([id, process]);
    }
  }
  return assemble(byId, pairs);
}

/** The same without data: a process leads to those that read what it wrote. */
export function withoutData(graph: FlowGraph): FlowGraph {
  const byId = new Map([...graph.byId].filter(([, { kind }]) => kind === "process"));
  function* pairs(): Iterable<[string, string]> {
    for (const { id, kind } of graph.nodes) {
      if (kind === "process") continue;
      for (const from of before(graph, id)) for (const to of after(graph, id)) yield [from, to];
    }
  }
  return assemble(byId, pairs());
}

/** Whether two views have the same structure, so that a graph built from one serves the other. */
export function sameStructure(a: GraphView, b: GraphView): boolean {
  return (
    a.nodes.length === b.nodes.length &&
    a.nodes.every((one, at) => {
      const other = b.nodes[at];
      return (
        one === other ||
        (one.process === other?.process &&
          one.name === other.name &&
          one.inputs === other.inputs &&
          one.outputs === other.outputs)
      );
    })
  );
}

function reach(start: string, next: (id: string) => readonly string[], into: Set<string>): void {
  const waiting = [start];
  const seen = new Set(waiting);
  for (let id = waiting.pop(); id !== undefined; id = waiting.pop()) {
    into.add(id);
    for (const other of next(id)) {
      if (seen.has(other)) continue;
      seen.add(other);
      waiting.push(other);
    }
  }
}

/** All that `id` was made from and all that was made from it, and itself. */
export function lineage(graph: FlowGraph, id: string): Set<string> {
  const found = new Set<string>();
  reach(id, (one) => before(graph, one), found);
  reach(id, (one) => after(graph, one), found);
  return found;
}

/** What is at most `steps` edges away from any of `ids`, as a graph; at most `most` nodes, the nearest ones. */
export function around(graph: FlowGraph, ids: readonly string[], steps: number, most: number): FlowGraph {
  const kept = new Set(ids.filter((id) => graph.byId.has(id)).slice(0, most));
  let edge = [...kept];
  for (let step = 0; step < steps && edge.length > 0; step += 1) {
    const next: string[] = [];
    for (const id of edge) {
      for (const other of [...before(graph, id), ...after(graph, id)]) {
        if (kept.has(other) || kept.size >= most) continue;
        kept.add(other);
        next.push(other);
      }
    }
    edge = next;
  }
  return part(graph, kept);
}

/** The nodes that are kept, and the edges between them. */
export function part(graph: FlowGraph, kept: ReadonlySet<string>): FlowGraph {
  const byId = new Map([...graph.byId].filter(([id]) => kept.has(id)));
  return assemble(
    byId,
    graph.edges.map(({ from, to }) => [from, to] as const),
  );
}
