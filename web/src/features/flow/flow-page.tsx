// The graph as a page of its own, for addresses: what the panel remembers stays in the browser.

import { lazy, Suspense, useCallback, useEffect, useState } from "react";
import type { ProjectView } from "@/shared/api/types";
import type { Settings } from "@/shared/panels/panel";
import { select } from "@/shared/selection/selection";

const FlowView = lazy(() => import("./flow-view"));

function remembered(key: string): Settings {
  try {
    const value: unknown = JSON.parse(localStorage.getItem(key) ?? "{}");
    return typeof value === "object" && value !== null ? (value as Settings) : {};
  } catch {
    return {};
  }
}

export function FlowPage({ project, process }: { project: ProjectView; process: string | undefined }) {
  const key = `castalia.flow.${project.id}`;
  const [settings, setSettings] = useState(() => remembered(key));
  const onSettings = useCallback(
    (next: Settings) => {
      setSettings(next);
      localStorage.setItem(key, JSON.stringify(next));
    },
    [key],
  );
  useEffect(() => {
    document.title = `Flow of ${project.title} · Castalia`;
  }, [project.title]);
  useEffect(() => {
    if (process) select(project.id, { process });
  }, [process, project.id]);
  return (
    <div className="flex h-full flex-col">
      <h1 className="sr-only">Flow of {project.title}</h1>
      <div className="min-h-80 flex-1">
        <Suspense fallback={null}>
          <FlowView project={project} settings={settings} onSettings={onSettings} />
        </Suspense>
      </div>
    </div>
  );
}
