// Where the arrow keys lead from a node.

import { type Places, sizeOf } from "./geometry";
import { after, before, type FlowGraph, type FlowNode } from "./graph";

export type Direction = "left" | "right" | "up" | "down";

/** More than any distance. */
const END = 1e9;

/** Sideways along the edges, to the nearest one in height that leads on if there is one; up and down to the next one in about the same column. */
export function step(
  graph: FlowGraph,
  places: Places,
  shown: (node: FlowNode) => boolean,
  from: string,
  direction: Direction,
): string | undefined {
  const middle = (node: FlowNode) => {
    const place = places.get(node.id);
    const { width, height } = sizeOf(node);
    return place && { x: place.x + width / 2, y: place.y + height / 2 };
  };
  const start = graph.byId.get(from);
  const here = start && middle(start);
  if (!here) return undefined;
  const along = direction === "left" ? before(graph, from) : after(graph, from);
  const candidates =
    direction === "up" || direction === "down" ? graph.nodes : along.flatMap((id) => graph.byId.get(id) ?? []);
  let best: { id: string; cost: number } | undefined;
  for (const node of candidates) {
    const there = node.id === from || !shown(node) ? undefined : middle(node);
    if (!there) continue;
    const [dx, dy] = [Math.abs(there.x - here.x), there.y - here.y];
    let cost: number;
    if (direction === "left" || direction === "right") {
      const onward = direction === "left" ? before(graph, node.id) : after(graph, node.id);
      cost = Math.abs(dy) + (onward.length > 0 ? 0 : END);
    } else {
      const ahead = direction === "down" ? dy : -dy;
      if (ahead <= 0) continue;
      // Another column is worth going to only when this one has ended.
      cost = ahead + 4 * dx;
    }
    if (!best || cost < best.cost) best = { id: node.id, cost };
  }
  return best?.id;
}
