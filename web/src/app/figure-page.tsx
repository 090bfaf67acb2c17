import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { type ComponentType, lazy, Suspense, useEffect, useState } from "react";
import { figureQuery } from "@/features/plots/figures/queries";
import type { ProjectView } from "@/shared/api/types";
import type { PanelProps, Settings } from "@/shared/panels/panel";
import { Failure } from "@/shared/ui/failure";
import { Page } from "@/shared/ui/page";
import { Skeleton } from "@/shared/ui/skeleton";
import { panelKind } from "./panels";

interface Props {
  project: ProjectView;
  /** `fig_…`, or `new` for a plot that is not saved yet. */
  id: string;
  /** Data to begin with. */
  data: string | undefined;
  /** What a new one is. */
  kind?: "plot" | "map" | undefined;
}

const kinds = { plot: "PlotView", map: "MapView" } as const;

const loaded = new Map<string, ComponentType<PanelProps>>();

function panelOf(kind: keyof typeof kinds): ComponentType<PanelProps> | undefined {
  const found = panelKind(kinds[kind]);
  if (found && !loaded.has(found.id)) loaded.set(found.id, lazy(found.load));
  return found && loaded.get(found.id);
}

/** A saved figure in the whole window, at an address of its own. */
export function FigurePage({ project, id, data, kind = "plot" }: Props) {
  const fresh = id === "new";
  const figure = useQuery({ ...figureQuery(project.name, id), enabled: !fresh });
  const [settings, setSettings] = useState<Settings>(
    fresh ? { ...(data && { [kind === "map" ? "show" : "data"]: data }) } : { figure: id },
  );
  const navigate = useNavigate();
  const name = figure.data?.name ?? `New ${kind}`;
  useEffect(() => {
    document.title = `${name} · Castalia`;
  }, [name]);

  function change(next: Settings) {
    setSettings(next);
    const shown = typeof next.figure === "string" ? next.figure : "new";
    // Saved under another name, or another one opened: it has another address.
    if (shown === id) return;
    void navigate({
      to: "/projects/$project/figures/$figure",
      params: { project: project.name, figure: shown },
      search: shown === "new" && kind === "map" ? { kind } : {},
    });
  }

  if (figure.isError) {
    return (
      <Page title="Figure">
        <Failure error={figure.error} retry={() => void figure.refetch()} />
      </Page>
    );
  }
  const Panel = fresh ? panelOf(kind) : figure.data && panelOf(figure.data.kind);
  return (
    <div className="h-full min-h-0">
      <h1 className="sr-only">{name}</h1>
      <Suspense fallback={<Skeleton className="size-full" />}>
        {Panel ? (
          <Panel project={project} settings={settings} onSettings={change} />
        ) : (
          <Skeleton className="size-full" />
        )}
      </Suspense>
    </div>
  );
}
