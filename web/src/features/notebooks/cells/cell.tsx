// One cell in the list: its text, how its last run went, and its outputs.

import { Play, Square } from "lucide-react";
import { lazy, memo, Suspense, useCallback, useEffect, useRef, useState } from "react";
import { useOpen } from "../context";
import {
  type CellState,
  type CellType,
  type Collapsed,
  cellOf,
  type Run,
  textOf,
  typeOf,
  type YCell,
} from "../model/document";
import { useCell } from "../model/store";
import { Outputs } from "../outputs/outputs";
import { CommentMark } from "./comment-mark";
import type { Where } from "./focus";
import { useFocus, usePicked } from "./focus";
import { InputBox } from "./input-box";
import { PeerMarks } from "./peer-marks";
import { RunLine } from "./run-line";
import { probableHeight, useSight } from "./sight";
import { Source } from "./source";
import { Tools, words } from "./tools";

const Markdown = lazy(() => import("../outputs/markdown").then((m) => ({ default: m.Markdown })));

export interface CellView {
  type: CellType;
  state: CellState;
  count: number | null;
  collapsed: Collapsed;
  run: Run | null;
  pictures: Record<string, Record<string, string>> | undefined;
}

const viewOf = (cell: YCell | undefined): CellView => ({
  type: typeOf(cell),
  state: (cell?.get("state") as CellState | undefined) ?? "idle",
  count: typeof cell?.get("execution_count") === "number" ? (cell.get("execution_count") as number) : null,
  collapsed: (cell?.get("collapsed") as Collapsed | undefined) ?? null,
  run: (cell?.get("run") as Run | null | undefined) ?? null,
  pictures: cell?.get("attachments") as CellView["pictures"],
});

interface Props {
  id: string;
  index: number;
  /** Drawn in a frame of the canvas: its own place is told there. */
  bare?: boolean;
}

/** So many cells at the top are drawn before it is known what the window shows. */
const AT_ONCE = 6;

export const Cell = memo(function Cell({ id, index, bare = false }: Props) {
  const { session, focus, commands } = useOpen();
  const view = useCell(session.store, id, "view", viewOf);
  const mode = useFocus(focus, id);
  const picked = usePicked(focus, id);
  const element = useRef<HTMLElement>(null);
  const sight = useSight(element, bare || index < AT_ONCE ? "drawn" : "far");
  const [hovered, setHovered] = useState(false);
  const label = `cell ${index + 1}`;
  const write = useRef<((where: Where) => void) | undefined>(undefined);
  const wanted = useRef<{ where: Where } | undefined>(undefined);
  const onReady = useCallback((next: ((where: Where) => void) | undefined) => {
    write.current = next;
    if (next && wanted.current) {
      const { where } = wanted.current;
      wanted.current = undefined;
      next(where);
    }
  }, []);

  useEffect(() => {
    if (!element.current) return;
    return focus.enter(id, {
      element: element.current,
      write: (where) => {
        if (write.current) write.current(where);
        else {
          // Its editor is still on its way.
          wanted.current = { where };
          focus.show(id);
        }
      },
    });
  }, [focus, id]);

  const chosen = mode !== undefined;
  const far = sight === "far" && !chosen;
  const height = useHeight(element, id, far);
  return (
    <section
      ref={element}
      data-cell={id}
      data-mode={mode}
      data-state-of={view.state}
      data-far={far || undefined}
      aria-label={`${words[view.type]} ${label}`}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: cells are walked by keys, as in every notebook
      tabIndex={0}
      className={`nb-cell group ${chosen || picked ? "nb-cell-chosen" : ""} ${bare ? "nb-cell-bare" : ""}`}
      style={bare ? undefined : { minHeight: far ? height : undefined, containIntrinsicHeight: `auto ${height}px` }}
      onPointerEnter={() => setHovered(true)}
      onPointerLeave={() => setHovered(false)}
      onFocus={(event) => {
        if (event.target === event.currentTarget) focus.note(id, "command");
      }}
      onPointerDown={(event) => {
        const target = event.target as Element;
        if (target.closest(".cm-editor, button, a, input, iframe, [role=menu]")) return;
        if (event.shiftKey && focus.active !== undefined) {
          event.preventDefault();
          commands.extendTo(id);
        }
      }}
    >
      {far ? (
        <FarCell id={id} />
      ) : (
        <>
          <Inside id={id} view={view} label={label} mode={mode} near={sight === "near"} onReady={onReady} />
          {(chosen || hovered) && <Tools id={id} view={view} label={label} />}
        </>
      )}
    </section>
  );
});

/** What is found by the browser's search, too. */
function FarCell({ id }: { id: string }) {
  const { session } = useOpen();
  return <pre className="nb-far nb-far-cell">{useCell(session.store, id, "text", textOf) || " "}</pre>;
}

/** How high a cell that is far away is: as high as it was when it was drawn, or as it probably will be. */
function useHeight(element: React.RefObject<HTMLElement | null>, id: string, far: boolean): number {
  const { session } = useOpen();
  const known = useRef<{ far: boolean; height: number }>(undefined);
  known.current ??= { far, height: probableHeight(cellOf(session.doc, id)) };
  // Its present height must be read before it is drawn as its text alone.
  if (far && !known.current.far) known.current.height = element.current?.offsetHeight ?? known.current.height;
  known.current.far = far;
  return known.current.height;
}

interface InsideProps {
  id: string;
  view: CellView;
  label: string;
  mode: "command" | "edit" | undefined;
  near: boolean;
  onReady: (write: ((where: Where) => void) | undefined) => void;
}

function Inside({ id, view, label, mode, near, onReady }: InsideProps) {
  const { focus, commands, mayEdit, mayRun } = useOpen();
  const { type, state, count, collapsed, run } = view;
  const drawn = type === "markdown" && mode !== "edit";
  const inputHidden = collapsed === "i" || collapsed === "b";
  const outputHidden = collapsed === "o" || collapsed === "b";
  return (
    <>
      <div className="nb-gutter">
        {type === "code" ? (
          <RunButton
            state={state}
            count={count}
            label={label}
            disabled={!mayRun}
            onRun={() => {
              focus.note(id, "command");
              void commands.runCells([id]);
            }}
            onStop={() => void (state === "queued" ? commands.cancel(id) : commands.interrupt())}
          />
        ) : null}
        <CommentMark cell={id} label={label} />
        <PeerMarks cell={id} />
      </div>
      <div className="min-w-0 flex-1">
        {inputHidden ? (
          <button type="button" className="nb-folded" onClick={() => commands.fold("i", [id])}>
            Input hidden
          </button>
        ) : drawn ? (
          <Drawn id={id} pictures={view.pictures} onEdit={mayEdit ? () => focus.go(id, "edit") : undefined} />
        ) : (
          <Source id={id} type={type} label={`Text of ${label}`} near={near || mode === "edit"} onReady={onReady} />
        )}
        {type === "code" && (
          <>
            <RunLine id={id} state={state} run={run} />
            {state === "waiting" && run && <InputBox run={run} />}
            {outputHidden ? (
              <button type="button" className="nb-folded" onClick={() => commands.fold("o", [id])}>
                Output hidden
              </button>
            ) : (
              <Outputs cell={id} label={label} />
            )}
          </>
        )}
      </div>
    </>
  );
}

interface RunButtonProps {
  state: CellState;
  count: number | null;
  label: string;
  disabled: boolean;
  onRun: () => void;
  onStop: () => void;
}

function RunButton({ state, count, label, disabled, onRun, onStop }: RunButtonProps) {
  const busy = state !== "idle";
  const Icon = busy ? Square : Play;
  return (
    <div className="flex items-center">
      <button
        type="button"
        className="nb-run"
        disabled={disabled}
        aria-label={busy ? `${state === "queued" ? "Do not run" : "Stop"} ${label}` : `Run ${label}`}
        title={busy ? (state === "queued" ? "Take it out of the queue" : "Stop it") : "Run (Ctrl+Enter)"}
        onClick={busy ? onStop : onRun}
      >
        <Icon aria-hidden className="size-3.5" />
      </button>
      <span className="nb-count" title="The number of its last run">
        {busy ? "[*]" : count === null ? "[ ]" : `[${count}]`}
      </span>
    </div>
  );
}

interface DrawnProps {
  id: string;
  pictures: CellView["pictures"];
  onEdit: (() => void) | undefined;
}

function Drawn({ id, pictures, onEdit }: DrawnProps) {
  const { session } = useOpen();
  const text = useCell(session.store, id, "text", textOf);
  const picture = useCallback(
    (name: string) => {
      if (name.startsWith("data:image/")) return name;
      const bundle = name.startsWith("attachment:") ? pictures?.[decodeURIComponent(name.slice(11))] : undefined;
      const [type, data] = Object.entries(bundle ?? {})[0] ?? [];
      return type && data ? `data:${type};base64,${data}` : undefined;
    },
    [pictures],
  );
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: Enter does the same
    <div className="nb-drawn" onDoubleClick={onEdit}>
      {text.trim() === "" ? (
        <p className="text-muted">{onEdit ? "Empty Markdown cell: press Enter to write" : "Empty Markdown cell"}</p>
      ) : (
        <Suspense fallback={<pre className="nb-far">{text}</pre>}>
          <Markdown text={text} picture={picture} />
        </Suspense>
      )}
    </div>
  );
}
