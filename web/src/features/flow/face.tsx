// What stands in a box: of a process its state and name, of data its kind and name.

import { Braces, FileText, FileUp, Globe, Grid3x3, ImageIcon, type LucideIcon, Table2, Workflow } from "lucide-react";
import { shownName } from "@/features/storage/shown-text";
import { mediaWord } from "@/shared/lib/media";
import { ended, StateIcon, stateWord } from "@/shared/ui/state";
import type { FlowNode, GraphProcess } from "./graph";

/** What is known of the work itself. */
export type Work = Pick<GraphProcess, "state" | "stopping" | "progress" | "type" | "version">;

const running = ({ state }: Work) => state === "running" || state === "starting";
const percent = ({ progress }: Work) => `${Math.round((progress?.fraction ?? 0) * 100)}%`;
const wordOf = ({ state, stopping }: Work) => (stopping && !ended(state) ? "Stopping" : stateWord(state));

function iconOf({ kind, mediaType = "" }: FlowNode): LucideIcon {
  if (kind === "upload") return FileUp;
  if (/csv|tab-separated|parquet/.test(mediaType)) return Table2;
  if (/geo\+json/.test(mediaType)) return Globe;
  if (/^image\//.test(mediaType)) return ImageIcon;
  if (/npy|numpy/.test(mediaType)) return Grid3x3;
  if (/json/.test(mediaType)) return Braces;
  return FileText;
}

export function ProcessFace({ name, work }: { name: string; work: Work | undefined }) {
  return (
    <>
      {work ? (
        <StateIcon state={work.state} className="flow-icon size-9" />
      ) : (
        <Workflow aria-hidden className="flow-icon size-6 text-muted" />
      )}
      <span className="min-w-0 flex-1">
        <span className="flow-name">{shownName(name)}</span>
        <span className="sr-only">, process{work && ", "}</span>
        {work && (
          <span className="flow-detail">
            {wordOf(work)}
            {running(work) && work.progress && ` ${percent(work)}`} · {work.type}
            {work.version > 1 && ` v${work.version}`}
          </span>
        )}
      </span>
      {work && running(work) && work.progress && (
        <span className="flow-progress">
          <span style={{ width: percent(work) }} />
        </span>
      )}
    </>
  );
}

export function DataFace({ node }: { node: FlowNode }) {
  const Icon = iconOf(node);
  return (
    <>
      <Icon aria-hidden className="flow-icon size-4 text-muted" />
      <span className="flow-name">{shownName(node.name)}</span>
      <span className="sr-only">
        , {node.kind}
        {node.mediaType && `, ${mediaWord(node.mediaType)}`}
      </span>
    </>
  );
}
