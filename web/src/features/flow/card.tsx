// A process, upload or dataset as a box. Each is a button; only one of them is in the order of Tab, the arrows lead
// to the others.

import type { Node, NodeProps } from "@xyflow/react";
import { Braces, FileText, FileUp, Globe, ImageIcon, type LucideIcon, Table2 } from "lucide-react";
import { createContext, memo, type RefObject, useContext, useEffect, useRef } from "react";
import { mediaWord } from "@/shared/lib/media";
import { StateIcon, stateWord } from "@/shared/ui/state";
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

const running = ({ state }: GraphProcess) => state === "running" || state === "starting";
const percent = ({ progress }: GraphProcess) => `${Math.round((progress?.fraction ?? 0) * 100)}%`;
const wordOf = ({ state, stopping }: GraphProcess) =>
  stopping && (state === "running" || state === "starting" || state === "queued") ? "Stopping" : stateWord(state);

function iconOf({ kind, mediaType = "" }: FlowNode): LucideIcon {
  if (kind === "upload") return FileUp;
  if (/csv|tab-separated|parquet/.test(mediaType)) return Table2;
  if (/geo\+json/.test(mediaType)) return Globe;
  if (/^image\//.test(mediaType)) return ImageIcon;
  if (/json/.test(mediaType)) return Braces;
  return FileText;
}

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
      title={node.name}
      data-node={node.id}
      data-state={process?.state}
    >
      {process ? <ProcessFace process={process} /> : <DataFace node={node} />}
    </button>
  );
});

function ProcessFace({ process }: { process: GraphProcess }) {
  return (
    <>
      <StateIcon state={process.state} className="flow-icon size-9" />
      <span className="min-w-0 flex-1">
        <span className="flow-name">{process.name}</span>
        <span className="sr-only">, process, </span>
        <span className="flow-detail">
          {wordOf(process)}
          {running(process) && process.progress && ` ${percent(process)}`} · {process.type}
          {process.version > 1 && ` v${process.version}`}
        </span>
      </span>
      {running(process) && process.progress && (
        <span className="flow-progress">
          <span style={{ width: percent(process) }} />
        </span>
      )}
    </>
  );
}

function DataFace({ node }: { node: FlowNode }) {
  const Icon = iconOf(node);
  return (
    <>
      <Icon aria-hidden className="flow-icon size-4 text-muted" />
      <span className="flow-name">{node.name}</span>
      <span className="sr-only">
        , {node.kind}
        {node.mediaType && `, ${mediaWord(node.mediaType)}`}
      </span>
    </>
  );
}
