// Places and sizes in the graph's own coordinates.

import type { FlowNode } from "./graph";

export interface Point {
  x: number;
  y: number;
}

export interface Rect extends Point {
  width: number;
  height: number;
}

export type Places = ReadonlyMap<string, Point>;

const PROCESS = { width: 248, height: 64 };
const DATA = { width: 200, height: 36 };

export const sizeOf = ({ kind }: Pick<FlowNode, "kind">) => (kind === "process" ? PROCESS : DATA);

export function boundsOf(nodes: Iterable<FlowNode>, places: Places): Rect | undefined {
  let [left, top, right, bottom] = [Infinity, Infinity, -Infinity, -Infinity];
  for (const node of nodes) {
    const place = places.get(node.id);
    if (!place) continue;
    const { width, height } = sizeOf(node);
    left = Math.min(left, place.x);
    top = Math.min(top, place.y);
    right = Math.max(right, place.x + width);
    bottom = Math.max(bottom, place.y + height);
  }
  return left === Infinity ? undefined : { x: left, y: top, width: right - left, height: bottom - top };
}

export const overlap = (a: Rect, b: Rect): boolean =>
  a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;

export const inside = (a: Rect, b: Rect): boolean =>
  a.x >= b.x && a.y >= b.y && a.x + a.width <= b.x + b.width && a.y + a.height <= b.y + b.height;

/** An edge from the right side of one box to the left side of another, as an SVG path with its head. */
export function edgePath(from: Rect, to: Rect): { line: string; head: string } {
  const [x, y] = [Math.round(from.x + from.width), Math.round(from.y + from.height / 2)];
  const [u, v] = [Math.round(to.x), Math.round(to.y + to.height / 2)];
  // Far enough out to look like a curve, also when the target lies to the left.
  const bend = Math.round(Math.max(24, Math.min(120, Math.abs(u - x) / 2)));
  return {
    line: `M${x} ${y}C${x + bend} ${y} ${u - bend} ${v} ${u - 6} ${v}`,
    head: `M${u} ${v}l-8-4v8z`,
  };
}
