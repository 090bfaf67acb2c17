import { useVirtualizer } from "@tanstack/react-virtual";
import { ChevronDown, ChevronRight, ChevronUp } from "lucide-react";
import { type KeyboardEvent, useEffect, useReducer, useRef, useState } from "react";
import { plural } from "@/shared/lib/format";
import { Button } from "@/shared/ui/button";
import { Failure } from "@/shared/ui/failure";
import { inputClass } from "@/shared/ui/field";
import { Skeleton } from "@/shared/ui/skeleton";
import { type Document, useDocument } from "./document";
import type { NodeInfo, Path } from "./json-model";
import { Bar, Foreign } from "./shell";
import { load, nodeOf, type Row, rowsOf, type TreeNode, unfold } from "./tree";

const ROW = 24;
/** Deeper ones are not moved further to the right. */
const INDENTED = 24;

/** A JSON document as a tree: parsed in a worker, drawn as far as it is seen, whatever its size and depth. */
export function JsonTree({ id, name }: { id: string; name: string }) {
  const { document, top, error } = useDocument(id);
  if (error) {
    return <Failure error={new Error(`it is no valid JSON, or it can't be read: ${(error as Error).message}`)} />;
  }
  if (!document || !top) return <Skeleton className="h-64 w-full" />;
  return <Tree key={id} name={name} document={document} top={top} />;
}

function Tree({ name, document, top }: { name: string; document: Document; top: NodeInfo }) {
  const root = useRef<TreeNode>(undefined);
  root.current ??= nodeOf(top, []);
  const [, redraw] = useReducer((count: number) => count + 1, 0);
  const [at, setAt] = useState(0);
  const box = useRef<HTMLDivElement>(null);
  const rows = rowsOf(root.current);
  const list = useVirtualizer({
    count: rows.length,
    getScrollElement: () => box.current,
    estimateSize: () => ROW,
    overscan: 20,
  });

  async function toggle(node: TreeNode, open = !node.open) {
    if (node.info.size === 0) return;
    if (open && node.children.length === 0) await load(document, node);
    node.open = open;
    redraw();
  }

  async function more(node: TreeNode) {
    await load(document, node);
    redraw();
  }

  // The first level is what one wants to see.
  // biome-ignore lint/correctness/useExhaustiveDependencies: once for a document
  useEffect(() => {
    if (root.current && !root.current.open) void toggle(root.current, true);
  }, [document]);

  async function goTo(path: Path) {
    if (!root.current) return;
    const node = await unfold(document, root.current, path);
    redraw();
    const index = rowsOf(root.current).findIndex((row) => "node" in row && row.node === node);
    focus(index, false);
  }

  function focus(index: number, take = true) {
    const next = Math.max(0, index);
    setAt(next);
    requestAnimationFrame(() => {
      list.scrollToIndex(next, { align: "auto" });
      if (take) requestAnimationFrame(() => box.current?.querySelector<HTMLElement>(`[data-index="${next}"]`)?.focus());
    });
  }

  function onKey(event: KeyboardEvent) {
    const row = rows[at];
    if (!row) return;
    const node = "node" in row ? row.node : undefined;
    const parent = () => {
      for (let up = at - 1; up >= 0; up -= 1) if ((rows[up]?.depth ?? 0) < row.depth) return up;
      return at;
    };
    if (event.key === "ArrowDown") focus(Math.min(rows.length - 1, at + 1));
    else if (event.key === "ArrowUp") focus(at - 1);
    else if (event.key === "Home") focus(0);
    else if (event.key === "End") focus(rows.length - 1);
    else if (event.key === "ArrowRight" && node && !node.open) void toggle(node, true);
    else if (event.key === "ArrowRight" && node) focus(Math.min(rows.length - 1, at + 1));
    else if (event.key === "ArrowLeft" && node?.open) void toggle(node, false);
    else if (event.key === "ArrowLeft") focus(parent());
    else if (event.key === "Enter" || event.key === " ") void (node ? toggle(node) : "more" in row && more(row.more));
    else return;
    event.preventDefault();
  }

  return (
    <div className="space-y-2">
      <Bar>
        <TreeSearch document={document} onFound={goTo} />
      </Bar>
      <div
        ref={box}
        role="tree"
        aria-label={`Content of ${name}`}
        onKeyDown={onKey}
        tabIndex={-1}
        className="max-h-[min(32rem,70vh)] min-h-24 overflow-auto rounded-lg border border-line bg-surface p-1 font-mono text-sm"
      >
        <div className="relative" style={{ height: list.getTotalSize() }}>
          {list.getVirtualItems().map(({ index, start }) => {
            const row = rows[index];
            if (!row) return null;
            return (
              <TreeRow
                key={"more" in row ? `more of ${row.more.path.join(".")}` : row.node.path.join(".")}
                row={row}
                index={index}
                top={start}
                current={index === at}
                onClick={() => {
                  setAt(index);
                  void ("more" in row ? more(row.more) : toggle(row.node));
                }}
              />
            );
          })}
        </div>
      </div>
    </div>
  );
}

const colours: Record<string, string> = {
  string: "text-completed",
  number: "text-running",
  boolean: "text-starting",
  null: "text-muted",
};

interface TreeRowProps {
  row: Row;
  index: number;
  top: number;
  current: boolean;
  onClick: () => void;
}

function TreeRow({ row, index, top, current, onClick }: TreeRowProps) {
  const node = "node" in row ? row.node : undefined;
  const holds = node && (node.info.kind === "object" || node.info.kind === "array");
  const Chevron = node?.open ? ChevronDown : ChevronRight;
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the tree hears the keys
    <div
      role="treeitem"
      data-index={index}
      aria-level={row.depth + 1}
      aria-expanded={holds && node.info.size > 0 ? node.open : undefined}
      aria-selected={current}
      tabIndex={current ? 0 : -1}
      onClick={onClick}
      className={`absolute top-0 left-0 flex h-6 w-full cursor-default items-center rounded whitespace-nowrap hover:bg-hover ${current ? "bg-accent-soft" : ""}`}
      style={{ transform: `translateY(${top}px)`, paddingLeft: `${Math.min(row.depth, INDENTED)}rem` }}
    >
      {node ? (
        <>
          <span className="w-5 shrink-0">
            {holds && node.info.size > 0 && <Chevron aria-hidden className="size-4 text-muted" />}
          </span>
          {row.depth > INDENTED && <span className="mr-2 text-xs text-muted">level {row.depth}</span>}
          {row.depth > 0 && (
            <span className="mr-1.5 shrink-0">
              <Foreign text={node.info.name.slice(0, 200)} />:
            </span>
          )}
          {holds ? (
            <span className="text-muted">
              {node.info.kind === "array" ? "[ ]" : "{ }"}{" "}
              {plural(node.info.size, node.info.kind === "array" ? "item" : "field")}
            </span>
          ) : (
            <span className={`truncate ${colours[node.info.kind] ?? ""}`} title={node.info.text}>
              <Foreign text={node.info.text} />
            </span>
          )}
        </>
      ) : (
        <span className="link pl-5">
          Show more{"more" in row && ` (${row.more.info.size - row.more.children.length} left)`}
        </span>
      )}
    </div>
  );
}

function TreeSearch({ document, onFound }: { document: Document; onFound: (path: Path) => void }) {
  const [asked, setAsked] = useState("");
  const [found, setFound] = useState<{ text: string; paths: Path[]; more: boolean; at: number }>();

  async function search() {
    if (!asked) return setFound(undefined);
    if (found?.text === asked) return step(1);
    const { paths, more } = await document.ask("search", asked);
    setFound({ text: asked, paths: [...paths], more, at: 0 });
    if (paths[0]) onFound(paths[0]);
  }
  function step(by: number) {
    if (!found || found.paths.length === 0) return;
    const at = (found.at + by + found.paths.length) % found.paths.length;
    setFound({ ...found, at });
    onFound(found.paths[at] as Path);
  }

  return (
    <form
      className="flex flex-wrap items-center gap-1.5"
      onSubmit={(event) => {
        event.preventDefault();
        void search();
      }}
    >
      <input
        type="search"
        aria-label="Search names and values"
        placeholder="Search names and values"
        className={`${inputClass} w-56!`}
        value={asked}
        onChange={(event) => setAsked(event.target.value)}
      />
      {found && found.text === asked && (
        <>
          <span role="status" className="text-muted tabular-nums">
            {found.paths.length === 0
              ? "not found"
              : `${found.at + 1} of ${found.paths.length}${found.more ? " or more" : ""}`}
          </span>
          <Button look="quiet" className="px-2!" aria-label="The one before" onClick={() => step(-1)}>
            <ChevronUp aria-hidden className="size-4" />
          </Button>
          <Button look="quiet" className="px-2!" aria-label="The next one" onClick={() => step(1)}>
            <ChevronDown aria-hidden className="size-4" />
          </Button>
        </>
      )}
    </form>
  );
}
