// A process, upload or dataset as a box. Each is a button; only one of them is in the order of Tab, the arrows lead
// to the others.

import type { Node, NodeProps } from "@xyflow/react";
import { createContext, memo, type RefObject, useContext, useEffect, useRef } from "react";
import { shownName } from "@/features/storage/shown-text";
import { DataFace, ProcessFace } from "./face";
import type { FlowNode, GraphProcess } from "./graph";

export interface CardData extends Record<string, unknown> {
  node: FlowNode;
  /** Of a process: what it is doing now. */
  process: GraphProcess | undefined;
  active: boolean;
  /** Whether others are to be looked at. */
  dim: boolean;
  /** Whether it is what the search found, or belongs to the lineage. */
  strong: boolean;
  tabbable: boolean;
}

export type CardNode = Node<CardData, "card">;

/** The node that shall have the focus as soon as it is drawn. */
export const WantedContext = createContext<RefObject<string | undefined>>({ current: undefined });

export const Card = memo(function Card({ data }: NodeProps<CardNode>) {
  const { node, process, active, dim, strong, tabbable } = data;
  const ref = useRef<HTMLButtonElement>(null);
  const wanted = useContext(WantedContext);
  // Without dependencies: whenever it is drawn anew it may be the one that is waited for.
  useEffect(() => {
    if (wanted.current !== node.id) return;
    wanted.current = undefined;
    ref.current?.focus({ preventScroll: true });
  });
  const looks = [
    "flow-card",
    process ? "flow-process" : "flow-data",
    active && "flow-active",
    dim && "flow-dim",
    strong && "flow-strong",
  ];
  return (
    <button
      ref={ref}
      type="button"
      tabIndex={tabbable ? 0 : -1}
      className={looks.filter(Boolean).join(" ")}
      aria-current={active || undefined}
      title={shownName(node.name)}
      data-node={node.id}
      data-state={process?.state}
    >
      {process ? <ProcessFace name={process.name} work={process} /> : <DataFace node={node} />}
    </button>
  );
});
