// The panel in which processes are started, looked at, changed and run again. Without an active process it makes a
// new one.

import { useQuery } from "@tanstack/react-query";
import { Columns2, FilePlus2 } from "lucide-react";
import { useMemo } from "react";
import { useMay } from "@/features/identity/account";
import { useActions } from "@/shared/actions/actions";
import { Problem } from "@/shared/api/problem";
import type { ProcessView, VersionView } from "@/shared/api/types";
import { type PanelProps, usePanelMenu, usePanelTitle } from "@/shared/panels/panel";
import { select, useSelection } from "@/shared/selection/selection";
import { Button } from "@/shared/ui/button";
import { Failure } from "@/shared/ui/failure";
import { SkeletonRows } from "@/shared/ui/skeleton";
import { Compare, counterpart } from "../compare";
import { CancelButton, Summary, useCancel } from "../head";
import { Outputs } from "../outputs";
import { processQuery } from "../queries";
import { DeleteButton, useLeaving } from "../removal";
import { Snapshot } from "../snapshot";
import { ChooseAndRun } from "./choose-and-run";

const parts = ["edit", "outputs", "snapshot", "compare"] as const;
type Part = (typeof parts)[number];

const isPart = (value: unknown): value is Part => parts.some((part) => part === value);
const text = (value: unknown) => (typeof value === "string" && value !== "" ? value : undefined);

export default function EditorPanel(props: PanelProps) {
  const { process } = useSelection(props.project.id);
  const leaving = useLeaving();
  return (
    <div className="@container h-full min-h-0 overflow-auto p-4">
      {process && !leaving.has(process) ? <Edit key={process} {...props} id={process} /> : <Create {...props} />}
    </div>
  );
}

function Create({ project, settings, onSettings }: PanelProps) {
  const may = useMay(project.id);
  const type = text(settings.type);
  usePanelTitle("New process");
  if (!may("processes.run") || project.archived) {
    return (
      <p className="text-muted">
        {project.archived ? "The project is archived; nothing new runs in it." : "You may look at this project only."}{" "}
        Choose a process to see it here.
      </p>
    );
  }
  return (
    <div className="space-y-4">
      <div className="flex flex-wrap items-center justify-between gap-3">
        <h2>New process</h2>
        {type && (
          <Button look="quiet" onClick={() => onSettings({ ...settings, type: undefined })}>
            Another type
          </Button>
        )}
      </div>
      <ChooseAndRun
        project={project}
        type={type}
        onType={(type) => onSettings({ ...settings, type })}
        onStarted={(process, version) => {
          onSettings({ ...settings, type: undefined });
          select(project.id, { process, version });
        }}
      />
    </div>
  );
}

function Edit(props: PanelProps & { id: string }) {
  const process = useQuery(processQuery(props.id));
  const { version } = useSelection(props.project.id);
  if (process.isError) {
    const gone = process.error instanceof Problem && process.error.status === 404;
    return (
      <div className="space-y-3">
        <Failure error={process.error} {...(!gone && { retry: () => void process.refetch() })} />
        <Button onClick={() => select(props.project.id, { process: undefined })}>Make a new process</Button>
      </div>
    );
  }
  if (process.isPending) return <SkeletonRows rows={6} className="h-16" />;
  const shown = process.data.versions.find((one) => one.version === version) ?? process.data.versions.at(-1);
  return shown ? <Found {...props} process={process.data} version={shown} /> : null;
}

function Found(props: PanelProps & { process: ProcessView; version: VersionView }) {
  const { project, settings, onSettings, process, version } = props;
  const may = useMay(project.id);
  const cancel = useCancel(project, version);
  const other = counterpart(process, version.version);
  const mayRun = may("processes.run") && !project.archived;
  const offered = parts.filter((part) => (part === "compare" ? other !== undefined : part !== "edit" || mayRun));
  const wanted = isPart(settings.part) ? settings.part : undefined;
  // What has results is looked at first, what has none is mended.
  const usual = version.outputs.length > 0 ? "outputs" : offered[0];
  const now = offered.find((part) => part === wanted) ?? usual;
  const words: Record<Part, string> = {
    edit: "New version",
    outputs: `Outputs (${version.outputs.length})`,
    snapshot: "Parameters",
    compare: "Compare",
  };
  const onPart = (part: Part) => onSettings({ ...settings, part });
  usePanelTitle(process.name);
  // biome-ignore lint/correctness/useExhaustiveDependencies: named by what they depend on
  const items = useMemo(
    () => [
      {
        id: "new",
        label: "New process",
        icon: FilePlus2,
        disabled: !mayRun,
        run: () => select(project.id, { process: undefined }),
      },
      {
        id: "compare",
        label: "Compare versions",
        icon: Columns2,
        disabled: other === undefined,
        run: () => onPart("compare"),
      },
      { id: "cancel", label: "Cancel", disabled: !cancel.possible, run: cancel.run },
    ],
    [project.id, mayRun, other, cancel.possible, version.version, settings],
  );
  usePanelMenu(items);
  useActions(
    useMemo(
      () =>
        items.map(({ id, label, ...item }) => ({
          ...item,
          id: `process.${id}`,
          title: id === "cancel" ? `Cancel ${process.name}` : label,
          section: "Process",
        })),
      [items, process.name],
    ),
  );
  return (
    <div className="space-y-4">
      <div className="flex flex-wrap items-center justify-between gap-3">
        <h2 className="min-w-0 wrap-anywhere">{process.name}</h2>
        <div className="flex flex-wrap items-center gap-2">
          <CancelButton project={project} version={version} />
          <DeleteButton
            project={project}
            process={process}
            onGone={() => select(project.id, { process: undefined })}
            onBack={() => select(project.id, { process: process.id })}
          />
          {mayRun && (
            <Button onClick={() => select(project.id, { process: undefined })}>
              <FilePlus2 aria-hidden className="size-4" />
              New process
            </Button>
          )}
        </div>
      </div>
      <Summary
        process={process}
        version={version}
        onVersion={(version) => select(project.id, { process: process.id, version })}
      />
      <fieldset className="flex flex-wrap gap-1 border-b border-line">
        <legend className="sr-only">Parts of the process</legend>
        {offered.map((part) => (
          <button
            key={part}
            type="button"
            aria-pressed={part === now}
            className="-mb-px border-b-2 border-transparent px-3 py-2 text-sm hover:bg-hover aria-pressed:border-accent aria-pressed:font-semibold"
            onClick={() => onPart(part)}
          >
            {words[part]}
          </button>
        ))}
      </fieldset>
      {now === "edit" && (
        <ChooseAndRun
          project={project}
          type={undefined}
          from={process.id}
          version={version.version}
          onStarted={(process, version) => {
            onSettings({ ...settings, part: undefined });
            select(project.id, { process, version });
          }}
        />
      )}
      {now === "outputs" && (
        <Outputs version={version} project={project.name} onChoose={(data) => select(project.id, { data })} />
      )}
      {now === "snapshot" && <Snapshot version={version} project={project.name} />}
      {now === "compare" && other !== undefined && (
        <Compare
          process={process}
          project={project.name}
          a={typeof settings.compare === "number" && settings.compare !== version.version ? settings.compare : other}
          b={version.version}
          onChange={(compare, version) => {
            onSettings({ ...settings, part: "compare", compare });
            select(project.id, { process: process.id, version });
          }}
        />
      )}
    </div>
  );
}
