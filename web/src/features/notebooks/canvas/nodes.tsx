// What stands on the canvas: a cell with a bar to drag it by, and the frame of a section.

import { Handle, type Node, type NodeProps, Position, useStore } from "@xyflow/react";
import { ChevronDown, ChevronRight, GripHorizontal, Play } from "lucide-react";
import { memo } from "react";
import { plural } from "@/shared/lib/format";
import { Cell } from "../cells/cell";
import { useOpen } from "../context";
import { textOf, typeOf } from "../model/document";
import { useCell } from "../model/store";
import { titleOf } from "./layout";
import { Corner } from "./resize";

export interface CellNodeData extends Record<string, unknown> {
  cell: string;
  index: number;
  /** Of its box. */
  width: number;
  height: number;
  /** Its height was chosen: what is longer is scrolled. */
  tall: boolean;
}

export interface TissueNodeData extends Record<string, unknown> {
  cell: string;
  members: readonly string[];
  folded: boolean;
  toggle: (id: string) => void;
}

/** From farther away than this a cell is its first lines. */
export const FAR = 0.4;
/** From farther away than this no text can be made out. */
const DOT = 0.15;

export const CellNode = memo(function CellNode({ data }: NodeProps<Node<CellNodeData, "cell">>) {
  const { cell, index, width, height, tall } = data;
  const { session, mayEdit } = useOpen();
  const far = useStore(({ transform }) => transform[2] < FAR);
  const dot = useStore(({ transform }) => transform[2] < DOT);
  const type = useCell(session.store, cell, "type", typeOf);
  return (
    // From afar it is as high as it is from near: nothing moves while one comes closer.
    <div className="nb-node" data-far={far} data-tall={tall} style={far || tall ? { height } : undefined}>
      <Handle type="target" position={Position.Left} isConnectable={mayEdit} />
      {!dot && (
        <div className="nb-node-bar" title={mayEdit ? "Drag to move" : undefined}>
          <GripHorizontal aria-hidden className="size-4" />
          <span>
            {index + 1} {type === "code" ? "" : type === "markdown" ? "Markdown" : "Raw"}
          </span>
        </div>
      )}
      <div className="nodrag nopan nb-node-body">
        {far ? <Far id={cell} index={index} text={!dot} /> : <Cell id={cell} index={index} bare />}
      </div>
      {mayEdit && !far && <Corner id={cell} label={`cell ${index + 1}`} size={[width, height]} />}
      <Handle type="source" position={Position.Right} isConnectable={mayEdit} />
    </div>
  );
});

function Far({ id, index, text: written }: { id: string; index: number; text: boolean }) {
  const { session, focus } = useOpen();
  const text = useCell(session.store, id, "first lines", (cell) => textOf(cell).split("\n").slice(0, 8).join("\n"));
  return (
    <section
      data-cell={id}
      aria-label={`Cell ${index + 1}`}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: cells are walked by keys, as in every notebook
      tabIndex={0}
      onFocus={() => focus.note(id, "command")}
      onDoubleClick={() => focus.go(id)}
    >
      {written && <pre className="nb-far-node">{text}</pre>}
    </section>
  );
}

export const TissueNode = memo(function TissueNode({ data }: NodeProps<Node<TissueNodeData, "tissue">>) {
  const { cell, members, folded, toggle } = data;
  const { session, commands, mayRun } = useOpen();
  const title = useCell(session.store, cell, "title", (one) => titleOf(textOf(one))) || "Section";
  const Icon = folded ? ChevronRight : ChevronDown;
  return (
    <div className="nb-tissue" data-tissue={cell}>
      <div className="nb-tissue-bar">
        <button
          type="button"
          className="nodrag nopan rounded p-0.5 hover:bg-hover"
          aria-expanded={!folded}
          aria-label={`${folded ? "Unfold" : "Fold"} ${title}`}
          onClick={() => toggle(cell)}
        >
          <Icon aria-hidden className="size-4" />
        </button>
        <span className="truncate font-medium">{title}</span>
        <span className="text-sm text-muted">{plural(members.length, "cell")}</span>
        {mayRun && (
          <button
            type="button"
            className="nodrag nopan ml-auto inline-flex items-center gap-1 rounded px-1.5 py-0.5 text-sm hover:bg-hover"
            aria-label={`Run ${title}`}
            onClick={() => void commands.runWhat("tissue", cell)}
          >
            <Play aria-hidden className="size-3.5" />
            Run
          </button>
        )}
      </div>
    </div>
  );
});
