// Where nodes stand: each connected part from left to right by dagre, the parts packed into the shape of the
// window, about in the order in which they are given. Pure, so that it runs in a worker or beside the caller.

import { layout as dagre, Graph } from "@dagrejs/dagre";
import type { Point } from "./geometry";

export interface Box {
  id: string;
  width: number;
  height: number;
}

export interface Task {
  boxes: readonly Box[];
  edges: readonly (readonly [string, string])[];
  /** Width by height that the whole should have. */
  aspect: number;
}

const BESIDE = 20;
const AHEAD = 72;
const PART = 40;
/** From here on the exact ranking takes too long for what it brings. */
const LARGE = 300;

/** Lists of boxes that hang together, in the order of their first one. */
export function parts({ boxes, edges }: Pick<Task, "boxes" | "edges">): Box[][] {
  const parent = new Map<string, string>(boxes.map(({ id }) => [id, id]));
  const root = (id: string): string => {
    let at = id;
    for (let up = parent.get(at) ?? at; up !== at; up = parent.get(at) ?? at) {
      parent.set(at, parent.get(up) ?? up);
      at = up;
    }
    return at;
  };
  for (const [from, to] of edges) {
    if (parent.has(from) && parent.has(to)) parent.set(root(from), root(to));
  }
  const found = new Map<string, Box[]>();
  for (const box of boxes) {
    const key = root(box.id);
    const list = found.get(key);
    if (list) list.push(box);
    else found.set(key, [box]);
  }
  return [...found.values()];
}

interface Placed {
  places: [string, Point][];
  width: number;
  height: number;
}

function place(boxes: readonly Box[], edges: readonly (readonly [string, string])[]): Placed {
  const [only] = boxes;
  if (boxes.length === 1 && only) {
    return { places: [[only.id, { x: 0, y: 0 }]], width: only.width, height: only.height };
  }
  const graph = new Graph();
  graph.setGraph({
    rankdir: "LR",
    nodesep: BESIDE,
    ranksep: AHEAD,
    edgesep: 8,
    ranker: boxes.length > LARGE ? "longest-path" : "network-simplex",
  });
  graph.setDefaultEdgeLabel(() => ({}));
  for (const { id, width, height } of boxes) graph.setNode(id, { width, height });
  for (const [from, to] of edges) graph.setEdge(from, to);
  dagre(graph);
  const places: [string, Point][] = [];
  let [left, top, right, bottom] = [Infinity, Infinity, 0, 0];
  for (const { id, width, height } of boxes) {
    const { x = 0, y = 0 } = graph.node(id) as Partial<Point>;
    const at = { x: x - width / 2, y: y - height / 2 };
    places.push([id, at]);
    left = Math.min(left, at.x);
    top = Math.min(top, at.y);
    right = Math.max(right, at.x + width);
    bottom = Math.max(bottom, at.y + height);
  }
  for (const [, at] of places) {
    at.x -= left;
    at.y -= top;
  }
  return { places, width: right - left, height: bottom - top };
}

interface Packing {
  corners: Point[];
  width: number;
  height: number;
}

/** Puts each part as high as it fits, from the left, in a strip of this width: order is kept about from top to bottom. */
function pack(sizes: readonly Placed[], wanted: number): Packing {
  // The lower border of what is packed, from left to right.
  let border = [{ x: 0, y: 0, width: wanted }];
  const corners: Point[] = [];
  let [right, bottom] = [0, 0];
  for (const { width, height } of sizes) {
    const room = Math.min(width + PART, wanted);
    let best: Point | undefined;
    for (const [at, { x }] of border.entries()) {
      if (x + room > wanted) break;
      let y = 0;
      for (let next = at; next < border.length; next += 1) {
        const piece = border[next];
        if (!piece || piece.x >= x + room) break;
        y = Math.max(y, piece.y);
      }
      if (!best || y < best.y) best = { x, y };
    }
    const { x, y } = best ?? { x: 0, y: bottom + PART };
    corners.push({ x, y });
    right = Math.max(right, x + width);
    bottom = Math.max(bottom, y + height);
    const end = x + room;
    border = [
      ...border.flatMap((piece) => (piece.x < x ? [{ ...piece, width: Math.min(piece.width, x - piece.x) }] : [])),
      { x, y: y + height + PART, width: room },
      ...border.flatMap((piece) => {
        const rest = piece.x + piece.width - Math.max(piece.x, end);
        return rest > 0 ? [{ x: Math.max(piece.x, end), y: piece.y, width: rest }] : [];
      }),
    ];
  }
  return { corners, width: right, height: bottom };
}

/** The packing of these parts that is seen largest in a window of this shape. */
function packed(sizes: readonly Placed[], aspect: number): Point[] {
  const area = sizes.reduce((sum, { width, height }) => sum + (width + PART) * (height + PART), 0);
  const least = Math.max(...sizes.map(({ width }) => width + PART));
  let best: { packing: Packing; scale: number } | undefined;
  for (let stretch = 0.8; stretch < 2; stretch *= 1.15) {
    const packing = pack(sizes, Math.max(least, Math.sqrt(area * aspect) * stretch));
    const scale = Math.min(aspect / packing.width, 1 / packing.height);
    if (!best || scale > best.scale) best = { packing, scale };
  }
  return best?.packing.corners ?? [];
}

/** The upper left corner of every box. */
export function layout({ boxes, edges, aspect }: Task): [string, Point][] {
  const lists = parts({ boxes, edges });
  const partOf = new Map(lists.flatMap((list, at) => list.map(({ id }) => [id, at] as const)));
  const own: (readonly [string, string])[][] = lists.map(() => []);
  for (const edge of edges) {
    const at = partOf.get(edge[0]);
    if (at !== undefined && partOf.get(edge[1]) === at) own[at]?.push(edge);
  }
  const placed = lists.map((list, at) => place(list, own[at] ?? []));
  const corners = packed(placed, aspect);
  return placed.flatMap(({ places }, part) => {
    const { x, y } = corners[part] ?? { x: 0, y: 0 };
    return places.map(([id, at]): [string, Point] => [id, { x: Math.round(x + at.x), y: Math.round(y + at.y) }]);
  });
}
