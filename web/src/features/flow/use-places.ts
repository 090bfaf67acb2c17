// Where every node stands: laid out once, kept while the graph grows, moved by hand.

import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import { arrange, joined } from "./arrange";
import type { Places, Point } from "./geometry";
import type { FlowGraph } from "./graph";
import type { Mode, Moved } from "./settings";

/** More newcomers than these are laid out with everything else. */
const FEW = 100;

interface Arrangement {
  places: Places | undefined;
  error: unknown;
  /** Lays everything out anew; answers how to take that back. */
  again: () => () => void;
  /** Moves a node until `moved` says where it is. */
  drag: (id: string, to: Point) => void;
}

export function usePlaces(graph: FlowGraph, mode: Mode, moved: Moved, aspect: () => number): Arrangement {
  const [laid, setLaid] = useState<Partial<Record<Mode, Places>>>({});
  const [error, setError] = useState<unknown>();
  const [dragged, setDragged] = useState<{ id: string; to: Point }>();
  const known = laid[mode];

  const places = useMemo(() => {
    if (!known) return undefined;
    const entries = Object.entries(moved);
    if (entries.length === 0 && !dragged) return known;
    const all = new Map(known);
    for (const [id, [x, y]] of entries) if (known.has(id)) all.set(id, { x, y });
    if (dragged) all.set(dragged.id, dragged.to);
    return all;
  }, [known, moved, dragged]);

  const latest = useRef({ places, aspect });
  latest.current = { places, aspect };

  useEffect(() => {
    const missing = known ? graph.nodes.filter(({ id }) => !known.has(id)).length : graph.nodes.length;
    if (known && missing === 0) return;
    if (known && missing <= FEW) {
      setLaid((before) => ({ ...before, [mode]: joined(graph, latest.current.places ?? known) }));
      return;
    }
    let left = false;
    arrange(graph, latest.current.aspect()).then(
      (found) => {
        if (left) return;
        setError(undefined);
        setLaid((before) => ({ ...before, [mode]: found }));
      },
      (failure: unknown) => !left && setError(failure),
    );
    return () => {
      left = true;
    };
  }, [graph, mode, known]);

  const again = useCallback(() => {
    setLaid(({ [mode]: _gone, ...others }) => others);
    return () => setLaid((before) => ({ ...before, ...(known && { [mode]: known }) }));
  }, [mode, known]);

  const drag = useCallback((id: string, to: Point) => setDragged({ id, to }), []);
  // biome-ignore lint/correctness/useExhaustiveDependencies: what was dragged is now remembered, or taken back
  useEffect(() => setDragged(undefined), [moved]);
  return { places, error, again, drag };
}
