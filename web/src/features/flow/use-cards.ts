import { useEffect, useMemo, useRef, useState } from "react";
import type { CardNode } from "./card";
import { overlap, type Places, type Rect, sizeOf } from "./geometry";
import type { FlowNode, GraphView } from "./graph";

/** What the library would say of each box by itself; the button in it says more. */
const plain = { "aria-roledescription": undefined };

interface Drawn {
  nodes: readonly FlowNode[];
  view: GraphView;
  places: Places | undefined;
  frame: Rect;
  far: boolean;
  strong: ReadonlySet<string> | undefined;
  active: string | undefined;
  activeData: string | undefined;
  tabbable: string | undefined;
}

/** More boxes than these are not put up in one frame; the others follow in the next ones. */
const AT_ONCE = 40;

/** The boxes in and around what is seen. A box that is as before is the same object, so that it is not drawn again. */
export function useCards({ nodes, view, places, frame, far, strong, active, activeData, tabbable }: Drawn): CardNode[] {
  const kept = useRef(new Map<string, CardNode>());
  const [pass, setPass] = useState(0);
  const { cards, more } = useMemo(() => {
    const cards: CardNode[] = [];
    let left = AT_ONCE;
    const now = new Map<string, CardNode>();
    for (const node of nodes) {
      const place = places?.get(node.id);
      if (!place) continue;
      const size = sizeOf(node);
      const tab = node.id === tabbable;
      // The one that Tab leads to is always there.
      if (!tab && (far || !overlap({ ...place, ...size }, frame))) continue;
      const data = {
        node,
        process: node.at === undefined ? undefined : view.nodes[node.at],
        active: node.id === active || node.id === activeData,
        dim: strong !== undefined && !strong.has(node.id),
        strong: strong?.has(node.id) ?? false,
        tabbable: tab,
      };
      const before = kept.current.get(node.id);
      if (!before && !tab) {
        left -= 1;
        if (left < 0) continue;
      }
      const old = before?.data;
      const same =
        old &&
        before.position.x === place.x &&
        before.position.y === place.y &&
        Object.entries(data).every(([key, value]) => old[key] === value);
      const card: CardNode = same
        ? before
        : { id: node.id, type: "card", position: place, ...size, data, domAttributes: plain };
      now.set(node.id, card);
      cards.push(card);
    }
    kept.current = now;
    // A new object each time, so that the next frame goes on.
    return { cards, more: left < 0 ? { after: pass } : undefined };
  }, [nodes, view, places, frame, far, strong, active, activeData, tabbable, pass]);
  useEffect(() => {
    if (!more) return;
    const request = requestAnimationFrame(() => setPass((before) => before + 1));
    return () => cancelAnimationFrame(request);
  }, [more]);
  return cards;
}
