import { useMemo, useRef } from "react";
import { build, type FlowGraph, type GraphView, sameStructure } from "./graph";

/** The value of an earlier time as long as it is `same`. */
export function useStable<T>(value: T, same: (before: T, now: T) => boolean): T {
  const kept = useRef(value);
  if (!same(kept.current, value)) kept.current = value;
  return kept.current;
}

/** The structure of a view; the same object while only states and progress change. */
export function useStructure(view: GraphView): FlowGraph;
export function useStructure(view: GraphView | undefined): FlowGraph | undefined;
export function useStructure(view: GraphView | undefined): FlowGraph | undefined {
  const kept = useStable(view, (a, b) => a !== undefined && b !== undefined && sameStructure(a, b));
  return useMemo(() => kept && build(kept), [kept]);
}
