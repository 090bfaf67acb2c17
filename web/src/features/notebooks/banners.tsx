// What everybody in a notebook must know: the file can't be written, two people changed the same thing, edits that were
// put aside, and why one can't write.

import { CircleAlert, Eye, TriangleAlert } from "lucide-react";
import { type ReactNode, useSyncExternalStore } from "react";
import { plural } from "@/shared/lib/format";
import { saveAs } from "@/shared/lib/save";
import { Button } from "@/shared/ui/button";
import { toast } from "@/shared/ui/toast";
import { useOpen } from "./context";
import type { Conflict } from "./model/document";
import type { LostEdits } from "./model/session";
import { useFileState, useOrder } from "./model/store";
import { checkpoint, resolveConflict, saveInProject } from "./queries";

/** Characters; all of it is in the cell and in the file. */
const LONGEST_SIDE = 4000;

/** Where the file lay, it can't lie any more. */
const places: ReadonlySet<string> = new Set(["volume_gone", "outside_volume", "elsewhere"]);

export function Banners() {
  const { session, mayEdit, mayRun } = useOpen();
  const lost = useSyncExternalStore(session.watch, () => session.lost);
  const file = useFileState(session.store);
  const order = useOrder(session.store);
  const { hello } = session.provider.state;
  return (
    <>
      {lost && <Lost lost={lost} onDone={session.dismissLost} />}
      {file.error && (
        <Banner
          tone="error"
          text={`The file can't be written: ${file.error}. Nothing is lost: the notebook itself is saved.`}
        >
          {mayEdit &&
            (["Try again", "Write it as it is here"] as const).map((word, at) => (
              <Button key={word} onClick={() => checkpoint(session.id, at === 1).catch((error) => toast.error(error))}>
                {word}
              </Button>
            ))}
          {mayEdit && places.has(file.error_code ?? "") && (
            <Button onClick={() => saveInProject(session.id).catch((error) => toast.error(error))}>
              Save it in the project
            </Button>
          )}
        </Banner>
      )}
      {file.conflicts.map((conflict) => (
        <Differing key={conflict.id} conflict={conflict} at={order.indexOf(conflict.cell)} />
      ))}
      {hello && !mayEdit && (
        <p className="flex items-center gap-2 border-b border-line bg-hover px-3 py-1.5 text-sm">
          <Eye aria-hidden className="size-4 shrink-0 text-muted" />
          {mayRun
            ? "You may read and run this notebook, but not change it."
            : "You may read this notebook, but not change or run it: your role in the project is to look."}
        </p>
      )}
    </>
  );
}

const parts: Readonly<Record<string, string>> = {
  cell: "the cell itself",
  kind: "its kind",
  metadata: "its metadata",
  attachments: "its attachments",
  outputs: "its outputs",
  layout: "its place on the canvas",
};

/** A side as text, whatever it is. */
const sideOf = (side: unknown): string =>
  side === null || side === undefined ? "deleted" : typeof side === "string" ? side : JSON.stringify(side, null, 2);

function Differing({ conflict, at }: { conflict: Conflict; at: number }) {
  const { session, mayEdit } = useOpen();
  const { id, cell, part = "source", key, ours, theirs } = conflict;
  const what = part === "source" ? "" : ` (${parts[part] ?? part}${key ? `: ${key}` : ""})`;
  const where = at >= 0 ? `Cell ${at + 1}` : cell === "" ? "The notebook" : "A cell that is gone here";
  return (
    <Banner tone="warn" text={`${where} was changed here and in the file${what}. Which one is right?`}>
      <div className="grid w-full gap-2 md:grid-cols-2">
        {(
          [
            ["ours", "Here", ours],
            ["theirs", "In the file", theirs],
          ] as const
        ).map(([side, title, value]) => (
          <div key={side} className="min-w-0 space-y-1">
            <p className="text-sm font-medium">{title}</p>
            <pre
              // biome-ignore lint/a11y/noNoninteractiveTabindex: a box that scrolls must take the focus to be scrolled by keys
              tabIndex={0}
              className="max-h-40 overflow-auto rounded bg-hover p-2 text-xs whitespace-pre-wrap"
            >
              {sideOf(value).slice(0, LONGEST_SIDE)}
            </pre>
            {mayEdit && (
              <Button
                onClick={() => resolveConflict(session.id, id || cell, side).catch((error) => toast.error(error))}
              >
                Keep this one
              </Button>
            )}
          </div>
        ))}
      </div>
    </Banner>
  );
}

function Lost({ lost, onDone }: { lost: LostEdits; onDone: () => void }) {
  const { why, cells } = lost;
  return (
    <Banner
      tone="warn"
      text={`${why} The notebook was loaded anew${
        cells.length > 0
          ? `; ${plural(cells.length, "text")} of yours ${cells.length === 1 ? "is" : "are"} kept here`
          : ""
      }.`}
    >
      {cells.length > 0 && (
        <>
          <Button
            onClick={() => {
              const text = cells.map(({ text }) => text).join("\n\n# ----\n\n");
              saveAs(new Blob([text], { type: "text/plain" }), "my-edits.txt");
            }}
          >
            Download them
          </Button>
          <Button onClick={() => void navigator.clipboard.writeText(cells.map(({ text }) => text).join("\n\n"))}>
            Copy them
          </Button>
        </>
      )}
      <Button onClick={onDone}>Done</Button>
    </Banner>
  );
}

function Banner({ tone, text, children }: { tone: "warn" | "error"; text: string; children?: ReactNode }) {
  const Icon = tone === "error" ? CircleAlert : TriangleAlert;
  return (
    <div
      role="alert"
      className={`flex flex-wrap items-center gap-x-3 gap-y-2 border-b border-line px-3 py-2 text-sm ${
        tone === "error" ? "bg-danger-soft text-danger" : "bg-warn-soft text-warn"
      }`}
    >
      <Icon aria-hidden className="size-4 shrink-0" />
      <p className="min-w-48 flex-1 wrap-anywhere">{text}</p>
      {children && <div className="flex flex-wrap gap-2 text-ink">{children}</div>}
    </div>
  );
}
