import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { ChartSpline, Map as MapIcon, Plus, Trash2 } from "lucide-react";
import { useState } from "react";
import { useMay } from "@/features/identity/account";
import type { ProjectView } from "@/shared/api/types";
import { ago } from "@/shared/lib/format";
import { buttonClass } from "@/shared/ui/button";
import { Empty } from "@/shared/ui/empty";
import { Failure } from "@/shared/ui/failure";
import { inputClass } from "@/shared/ui/field";
import { Page } from "@/shared/ui/page";
import { SkeletonRows } from "@/shared/ui/skeleton";
import { type FigureEntry, figuresQuery } from "./queries";
import { removeFigure } from "./remove";

/** More than this and one searches. */
const FEW = 8;

/** All saved plots and maps of a project. */
export function FiguresPage({ project }: { project: ProjectView }) {
  const figures = useQuery(figuresQuery(project.name));
  const [typed, setTyped] = useState("");
  const create = (
    <div className="flex flex-wrap gap-2">
      {(["map", "plot"] as const).map((kind) => (
        <Link
          key={kind}
          className={buttonClass(kind === "plot" ? "primary" : "plain")}
          to="/projects/$project/figures/$figure"
          params={{ project: project.name, figure: "new" }}
          search={kind === "map" ? { kind } : {}}
        >
          <Plus aria-hidden className="size-4" />
          New {kind}
        </Link>
      ))}
    </div>
  );
  const all = figures.data ?? [];
  const found = all.filter(({ name }) => name.toLowerCase().includes(typed.trim().toLowerCase()));
  return (
    <Page title="Figures" actions={all.length > 0 && create}>
      {figures.isPending && <SkeletonRows rows={4} className="h-20" />}
      {figures.isError && <Failure error={figures.error} retry={() => void figures.refetch()} />}
      {figures.data && all.length === 0 && (
        <Empty icon={ChartSpline} title="No figures yet" action={create}>
          Plots and maps that are saved stand here, for every member of the project.
        </Empty>
      )}
      {all.length > FEW && (
        <input
          type="search"
          aria-label="Search figures"
          placeholder="Search"
          className={`${inputClass} max-w-80`}
          value={typed}
          onChange={(event) => setTyped(event.target.value)}
        />
      )}
      <ul className="grid gap-3 sm:grid-cols-2 lg:grid-cols-3">
        {found.map((figure) => (
          <Card key={figure.id} project={project} figure={figure} />
        ))}
      </ul>
      {all.length > 0 && found.length === 0 && <p className="text-muted">No figure has this name.</p>}
    </Page>
  );
}

function Card({ project, figure }: { project: ProjectView; figure: FigureEntry }) {
  const may = useMay(project.id);
  const client = useQueryClient();
  const { id, name, kind, updated_at } = figure;
  const Icon = kind === "map" ? MapIcon : ChartSpline;
  return (
    <li className="card relative flex items-center gap-3 p-4 hover:bg-hover">
      <Icon aria-hidden className="size-6 shrink-0 text-accent" />
      <div className="min-w-0 flex-1">
        <Link
          className="block truncate rounded font-medium after:absolute after:inset-0 after:rounded-lg"
          to="/projects/$project/figures/$figure"
          params={{ project: project.name, figure: id }}
        >
          {name}
        </Link>
        <p className="text-sm text-muted">
          {kind === "map" ? "Map" : "Plot"}, changed {ago(updated_at)}
        </p>
      </div>
      {may("figures.delete") && (
        <button
          type="button"
          aria-label={`Delete ${name}`}
          title="Delete"
          className="relative grid size-9 place-content-center rounded-md text-muted hover:bg-surface"
          onClick={() => removeFigure(client, project.name, figure)}
        >
          <Trash2 aria-hidden className="size-4" />
        </button>
      )}
    </li>
  );
}
