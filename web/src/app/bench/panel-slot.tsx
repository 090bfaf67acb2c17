// Where a panel is: in the dock or in a window of its own. It loads the panel's chunk and stands in for one that does
// not exist, may not be seen, or fails.

import { Lock, PuzzleIcon } from "lucide-react";
import { type ComponentType, type LazyExoticComponent, lazy, Suspense, useMemo } from "react";
import { useMay } from "@/features/identity/account";
import type { ProjectView } from "@/shared/api/types";
import { type PanelHost, PanelHostContext, type PanelProps, type Settings } from "@/shared/panels/panel";
import { Empty } from "@/shared/ui/empty";
import { ErrorBoundary } from "@/shared/ui/error-boundary";
import { SkeletonRows } from "@/shared/ui/skeleton";
import { panelKind } from "../panels";

const loaded = new Map<string, LazyExoticComponent<ComponentType<PanelProps>>>();

function component(id: string): LazyExoticComponent<ComponentType<PanelProps>> | undefined {
  const kind = panelKind(id);
  if (!kind) return undefined;
  const known = loaded.get(id) ?? lazy(kind.load);
  loaded.set(id, known);
  return known;
}

interface Props extends PanelHost {
  project: ProjectView;
  widget: string;
  settings: Settings;
  onSettings: (next: Settings) => void;
}

export function PanelSlot({ project, widget, settings, onSettings, setMenu, setTitle }: Props) {
  const host = useMemo(() => ({ setMenu, setTitle }), [setMenu, setTitle]);
  const may = useMay(project.id);
  const kind = panelKind(widget);
  const Panel = component(widget);
  if (!kind || !Panel) {
    return (
      <Standing>
        <Empty icon={PuzzleIcon} title="This panel is not here">
          The layout names a panel “{widget}” that this release does not have. It stays in the layout.
        </Empty>
      </Standing>
    );
  }
  if (kind.permission && !may(kind.permission)) {
    return (
      <Standing>
        <Empty icon={Lock} title={`You may not see ${kind.title}`}>
          Your role in this project does not include it. A manager of the project can change that.
        </Empty>
      </Standing>
    );
  }
  return (
    <PanelHostContext value={host}>
      <ErrorBoundary>
        <Suspense fallback={<Loading title={kind.title} />}>
          <Panel project={project} settings={settings} onSettings={onSettings} />
        </Suspense>
      </ErrorBoundary>
    </PanelHostContext>
  );
}

function Standing({ children }: { children: React.ReactNode }) {
  return <div className="h-full overflow-auto p-4">{children}</div>;
}

function Loading({ title }: { title: string }) {
  return (
    <div className="p-4">
      <span className="sr-only">{title}</span>
      <SkeletonRows rows={4} />
    </div>
  );
}
