// Who lays out: small graphs here, larger ones a worker, so that the screen never stands still.

import { type Places, type Point, type Rect, sizeOf } from "./geometry";
import { after, before, type FlowGraph, type FlowNode } from "./graph";
import type { Task } from "./layout";

/** Up to this many nodes a layout takes no longer than starting a worker. */
const SMALL = 50;

let worker: Worker | undefined;
let last = 0;
const waiting = new Map<number, { done: (places: [string, Point][]) => void; failed: (error: Error) => void }>();

function inWorker(task: Task): Promise<[string, Point][]> {
  if (!worker) {
    worker = new Worker(new URL("./layout.worker.ts", import.meta.url), { type: "module" });
    worker.onmessage = ({ data }: MessageEvent<{ number: number; places: [string, Point][] }>) => {
      waiting.get(data.number)?.done(data.places);
      waiting.delete(data.number);
    };
    worker.onerror = (event) => {
      for (const { failed } of waiting.values()) failed(new Error(event.message || "the layout could not be loaded"));
      waiting.clear();
      worker = undefined;
    };
  }
  last += 1;
  const number = last;
  return new Promise((done, failed) => {
    waiting.set(number, { done, failed });
    worker?.postMessage({ number, task });
  });
}

/** Lays the whole graph out. */
export async function arrange(graph: FlowGraph, aspect = 1.6): Promise<Places> {
  const task: Task = {
    boxes: graph.nodes.map((node) => ({ id: node.id, ...sizeOf(node) })),
    edges: graph.edges.map(({ from, to }) => [from, to] as const),
    aspect,
  };
  if (graph.nodes.length > SMALL) return new Map(await inWorker(task));
  const { layout } = await import("./layout");
  return new Map(layout(task));
}

const GAP = 20;
const AHEAD = 72;

/**
 * Places for all nodes of a graph of which some have one: what is there stays where it is; a newcomer stands behind
 * what it comes from, before what it leads to, or above everything, at the nearest place that is free.
 */
export function joined(graph: FlowGraph, known: Places): Places {
  const places = new Map<string, Point>();
  const taken: Rect[] = [];
  const take = (node: FlowNode, place: Point) => {
    places.set(node.id, place);
    taken.push({ ...place, ...sizeOf(node) });
  };
  for (const node of graph.nodes) {
    const place = known.get(node.id);
    if (place) take(node, place);
  }
  let top = taken.reduce((min, { y }) => Math.min(min, y), 0);
  const left = taken.reduce((min, { x }) => Math.min(min, x), 0);
  const free = (rect: Rect) =>
    taken.every(
      (other) =>
        rect.x >= other.x + other.width + GAP / 2 ||
        other.x >= rect.x + rect.width + GAP / 2 ||
        rect.y >= other.y + other.height + GAP / 2 ||
        other.y >= rect.y + rect.height + GAP / 2,
    );
  const settle = (node: FlowNode, wanted: Point) => {
    const size = sizeOf(node);
    let y = wanted.y;
    for (let step = 1; !free({ x: wanted.x, y, ...size }) && step < 400; step += 1) y += size.height / 2 + GAP / 2;
    take(node, { x: wanted.x, y });
  };
  let rest = graph.nodes.filter(({ id }) => !places.has(id));
  while (rest.length > 0) {
    const still: FlowNode[] = [];
    for (const node of rest) {
      const sources = before(graph, node.id).flatMap((id) => (places.has(id) ? [id] : []));
      const targets = after(graph, node.id).flatMap((id) => (places.has(id) ? [id] : []));
      const middle = (ids: string[]) =>
        ids.reduce((sum, id) => sum + at(id).y + heightOf(id) / 2, 0) / ids.length - sizeOf(node).height / 2;
      if (sources.length > 0) {
        const x = Math.max(...sources.map((id) => at(id).x + widthOf(id))) + AHEAD;
        settle(node, { x, y: Math.round(middle(sources)) });
      } else if (targets.length > 0) {
        const x = Math.min(...targets.map((id) => at(id).x)) - AHEAD - sizeOf(node).width;
        settle(node, { x, y: Math.round(middle(targets)) });
      } else still.push(node);
    }
    if (still.length === rest.length) {
      // Nothing of what is left hangs on what is there: one begins above everything, the others may follow it.
      const [first, ...others] = still;
      if (first) {
        top -= sizeOf(first).height + 2 * GAP;
        take(first, { x: left, y: top });
      }
      rest = others;
    } else rest = still;
  }
  return places;

  function at(id: string): Point {
    return places.get(id) ?? { x: 0, y: 0 };
  }
  function widthOf(id: string): number {
    return sizeOf(graph.byId.get(id) ?? { kind: "dataset" }).width;
  }
  function heightOf(id: string): number {
    return sizeOf(graph.byId.get(id) ?? { kind: "dataset" }).height;
  }
}
