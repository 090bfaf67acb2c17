// The panel that shows what a process writes: the active one, or the one it is pinned to.

import { useQuery } from "@tanstack/react-query";
import { Pin, PinOff, ScrollText } from "lucide-react";
import { useMemo } from "react";
import type { ProcessView } from "@/shared/api/types";
import { type MenuItem, type PanelProps, usePanelTitle } from "@/shared/panels/panel";
import { select, useSelection } from "@/shared/selection/selection";
import { Empty } from "@/shared/ui/empty";
import { Failure } from "@/shared/ui/failure";
import { Skeleton } from "@/shared/ui/skeleton";
import { StateBadge } from "@/shared/ui/state";
import { VersionChoice, VersionProgress } from "../head";
import { processQuery } from "../queries";
import { useLeaving } from "../removal";
import LogView from "./log-view";
import { versionLog } from "./version-log";

const text = (value: unknown) => (typeof value === "string" && value !== "" ? value : undefined);
const count = (value: unknown) => (Number.isInteger(value) && Number(value) > 0 ? Number(value) : undefined);

export default function LogPanel(props: PanelProps) {
  const { project, settings, onSettings } = props;
  const selection = useSelection(project.id);
  const leaving = useLeaving();
  const pinned = text(settings.process);
  const wanted = pinned ?? selection.process;
  const process = wanted && !leaving.has(wanted) ? wanted : undefined;
  const menu = useMemo(
    () => [
      {
        id: "pin",
        label: pinned ? "Follow the active process" : "Stay with this process",
        icon: pinned ? PinOff : Pin,
        disabled: process === undefined,
        run: () =>
          onSettings(pinned ? { ...settings, process: undefined, version: undefined } : { ...settings, process }),
      },
    ],
    [pinned, process, settings, onSettings],
  );
  if (!process) {
    return (
      <div className="h-full overflow-auto p-4">
        <Empty icon={ScrollText} title="No active process">
          Choose a process in the graph or start one; what it writes stands here.
        </Empty>
      </div>
    );
  }
  const version = pinned ? count(settings.version) : selection.version;
  return (
    <OfProcess key={process} {...props} id={process} version={version} pinned={pinned !== undefined} menu={menu} />
  );
}

type OfProcessProps = PanelProps & {
  id: string;
  version: number | undefined;
  pinned: boolean;
  menu: readonly MenuItem[];
};

function OfProcess({ project, settings, onSettings, id, version, pinned, menu }: OfProcessProps) {
  const process = useQuery(processQuery(id));
  usePanelTitle(process.data && `Log of ${process.data.name}`);
  const shown = process.data?.versions.find((one) => one.version === version) ?? process.data?.versions.at(-1);
  const log = useMemo(() => shown && versionLog(project.name, shown), [project.name, shown]);
  if (process.isError) {
    return (
      <div className="p-4">
        <Failure error={process.error} retry={() => void process.refetch()} />
      </div>
    );
  }
  if (process.isPending) return <Skeleton className="h-full w-full" />;
  if (!shown || !log) return null;
  return (
    <div className="flex h-full min-h-0 flex-col gap-2 p-2">
      <Head
        process={process.data}
        version={shown.version}
        onVersion={(next) =>
          pinned ? onSettings({ ...settings, version: next }) : select(project.id, { process: id, version: next })
        }
      />
      <div className="min-h-0 flex-1">
        {/* The key: a view is of one log. */}
        <LogView key={shown.version} log={log} settings={settings} onSettings={onSettings} menu={menu} />
      </div>
    </div>
  );
}

interface HeadProps {
  process: ProcessView;
  version: number;
  onVersion: (version: number) => void;
}

function Head({ process, version, onVersion }: HeadProps) {
  const shown = process.versions.find((one) => one.version === version);
  return (
    <div className="flex flex-wrap items-center gap-x-3 gap-y-1">
      <h2 className="min-w-0 truncate text-sm!">{process.name}</h2>
      {process.versions.length > 1 && <VersionChoice process={process} version={version} onVersion={onVersion} />}
      {shown && <StateBadge state={shown.state} stopping={shown.stopping} />}
      {shown && (
        <div className="min-w-40 flex-1">
          <VersionProgress version={shown} />
        </div>
      )}
    </div>
  );
}
