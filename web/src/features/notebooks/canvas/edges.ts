// Edges between cells: what runs after what.

import * as Y from "yjs";
import { nextOf, STRUCTURE } from "../model/document";

export interface CellEdge {
  id: string;
  source: string;
  target: string;
}

export function edgesOf(doc: Y.Doc): CellEdge[] {
  const found = new Map<string, CellEdge>();
  for (const [source, targets] of nextOf(doc)) {
    if (!(targets instanceof Y.Array)) continue;
    for (const target of targets.toArray()) {
      if (typeof target !== "string" || target === source) continue;
      const id = `${source} ${target}`;
      found.set(id, { id, source, target });
    }
  }
  return [...found.values()];
}

/** Whether `target` comes after `source` already: an edge back would run for ever. */
export function leadsTo(edges: readonly CellEdge[], source: string, target: string): boolean {
  const open = [source];
  const seen = new Set<string>();
  for (let at = open.pop(); at !== undefined; at = open.pop()) {
    if (at === target) return true;
    if (seen.has(at)) continue;
    seen.add(at);
    open.push(...edges.filter((edge) => edge.source === at).map((edge) => edge.target));
  }
  return false;
}

/** Why an edge can't be drawn; undefined when it can. */
export function refusal(edges: readonly CellEdge[], source: string, target: string): string | undefined {
  if (source === target) return "A cell does not run after itself.";
  if (edges.some((edge) => edge.source === source && edge.target === target)) return "There is such an edge already.";
  if (leadsTo(edges, target, source)) return "That would be a circle: the second cell runs before the first.";
  return undefined;
}

export function addEdge(doc: Y.Doc, source: string, target: string): void {
  const next = nextOf(doc);
  doc.transact(() => {
    const targets = next.get(source);
    if (targets instanceof Y.Array) targets.push([target]);
    else next.set(source, Y.Array.from([target]));
  }, STRUCTURE);
}

export function removeEdge(doc: Y.Doc, source: string, target: string): void {
  const targets = nextOf(doc).get(source);
  if (!(targets instanceof Y.Array)) return;
  doc.transact(() => {
    for (let at = targets.length - 1; at >= 0; at -= 1) if (targets.get(at) === target) targets.delete(at, 1);
  }, STRUCTURE);
}
