// What the outputs of the notebook store beside the document, and how much they may.

import { useQuery } from "@tanstack/react-query";
import { bytes } from "@/shared/lib/format";
import { Failure } from "@/shared/ui/failure";
import { SkeletonRows } from "@/shared/ui/skeleton";
import { useOpen } from "../context";
import { cellOf, textOf } from "../model/document";
import { useKernelState } from "../model/store";
import { type Usage, usageQuery } from "../queries";
import { besideOf, fillOf, largestOf, lineOf } from "./usage";

/** Asked again whenever the kernel has done something. */
export function Storage() {
  const { session } = useOpen();
  const kernel = useKernelState(session.store);
  const { queryKey, queryFn } = usageQuery(session.id);
  const usage = useQuery({
    queryKey: [...queryKey, kernel.state],
    queryFn,
    placeholderData: (before) => before,
    gcTime: 0,
  });
  if (usage.isError) return <Failure error={usage.error} retry={() => void usage.refetch()} />;
  if (!usage.data) return <SkeletonRows rows={4} />;
  return <Stored usage={usage.data} />;
}

function Stored({ usage }: { usage: Usage }) {
  const { notebook, project, versions } = usage;
  const beside = besideOf(usage);
  return (
    <div className="space-y-5">
      <p className="text-sm text-muted">
        Outputs that are too long for the document are stored beside it. When a limit is reached the rest of an output
        is left out, and the output says so. To make room, let a cell print less and run it anew, or delete it.
      </p>
      <Bar label="This notebook" {...notebook}>
        {versions > 0 && `${bytes(versions)} of it is kept by versions alone`}
      </Bar>
      <Bar label="The whole project" {...project}>
        {beside > 0 && `${bytes(beside)} of it is in other notebooks`}
      </Bar>
      <Cells usage={usage} />
    </div>
  );
}

const colours = { fine: "bg-accent", nearly: "bg-warn", full: "bg-danger" };
const words = { fine: "", nearly: "Little is left", full: "The limit is reached" };

interface BarProps {
  label: string;
  bytes: number;
  quota: number;
  children?: React.ReactNode;
}

function Bar({ label, bytes: used, quota, children }: BarProps) {
  const { percent, level } = fillOf(used, quota);
  const amount = `${bytes(used)} of ${bytes(quota)}`;
  return (
    <div>
      <div className="flex flex-wrap justify-between gap-x-3 text-sm">
        <span className="font-medium">{label}</span>
        <span className="tabular-nums">{amount}</span>
      </div>
      <meter className="sr-only" aria-label={label} min={0} max={100} value={percent}>
        {amount}
      </meter>
      <div aria-hidden className="mt-1 h-2 overflow-hidden rounded-full border border-line bg-page">
        <div className={`h-full ${colours[level]}`} style={{ width: `${percent}%` }} />
      </div>
      {level !== "fine" && <p className="mt-1 text-sm font-medium">{words[level]}.</p>}
      {children && <p className="mt-1 text-xs text-muted">{children}.</p>}
    </div>
  );
}

function Cells({ usage }: { usage: Usage }) {
  const { session, focus } = useOpen();
  const { cells, more, rest } = largestOf(usage);
  if (cells.length === 0) return <p className="text-sm text-muted">No cell of this notebook stores anything.</p>;
  return (
    <section aria-label="Largest cells">
      <h3 className="text-sm font-medium">Largest cells</h3>
      <p className="text-xs text-muted">Each may store {bytes(usage.cell_quota)}.</p>
      <ul className="mt-1">
        {cells.map(({ cell, bytes: stored }) => (
          <li key={cell}>
            <button
              type="button"
              className="flex w-full items-baseline justify-between gap-3 rounded px-1 py-1 text-left text-sm hover:bg-hover"
              onClick={() => {
                focus.go(cell);
                focus.show(cell, "center");
              }}
            >
              <span className="truncate font-mono text-xs text-accent underline">
                {lineOf(textOf(cellOf(session.doc, cell)))}
              </span>
              <span className="shrink-0 tabular-nums">
                {bytes(stored)}
                {stored >= usage.cell_quota && ", the limit"}
              </span>
            </button>
          </li>
        ))}
      </ul>
      {more > 0 && (
        <p className="px-1 py-1 text-sm text-muted">
          {more} more, {bytes(rest)} together
        </p>
      )}
    </section>
  );
}
