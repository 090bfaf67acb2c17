// Where one can go from the palette: projects, and the processes, workspaces, notebooks and data of the present one.

import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { Boxes, Database, FolderKanban, NotebookPen, Workflow } from "lucide-react";
import { projectsQuery } from "@/features/projects/queries";
import type { Action } from "@/shared/actions/actions";
import { api, body } from "@/shared/api/client";

/** Enough to choose from; more is found on the pages with their filters. */
const MOST = 200;

export function usePlaces(project: string | undefined): { places: Action[]; loading: boolean } {
  const navigate = useNavigate();
  const projects = useQuery(projectsQuery);
  const query = { project: project ?? "", limit: MOST };
  const enabled = project !== undefined;
  // Keys of its own: events change the lists of pages by theirs. It is asked anew each time it opens.
  const staleTime = 0;
  const processes = useQuery({
    queryKey: ["palette", project, "processes"],
    queryFn: () => body(api.GET("/api/processes", { params: { query } })),
    enabled,
    staleTime,
  });
  const uploads = useQuery({
    queryKey: ["palette", project, "uploads"],
    queryFn: () => body(api.GET("/api/uploads", { params: { query } })),
    enabled,
    staleTime,
  });
  const datasets = useQuery({
    queryKey: ["palette", project, "datasets"],
    queryFn: () => body(api.GET("/api/datasets", { params: { query } })),
    enabled,
    staleTime,
  });
  const workspaces = useQuery({
    queryKey: ["palette", project, "workspaces"],
    queryFn: () => body(api.GET("/api/workspaces", { params: { query: { project: project ?? "" } } })),
    enabled,
    staleTime,
  });
  const notebooks = useQuery({
    queryKey: ["palette", project, "notebooks"],
    queryFn: () => body(api.GET("/api/notebooks", { params: { query } })),
    enabled,
    staleTime,
  });
  const here = project ?? "";
  const data = (id: string, title: string, words: string): Action => ({
    id,
    title,
    words,
    section: "Data",
    icon: Database,
    run: () => void navigate({ to: "/projects/$project/data/$data", params: { project: here, data: id } }),
  });
  const places = [
    ...(projects.data?.items ?? [])
      .filter(({ name }) => name !== project)
      .map(
        ({ id, name, title }): Action => ({
          id,
          title,
          words: name,
          section: "Projects",
          icon: FolderKanban,
          run: () => void navigate({ to: "/projects/$project", params: { project: name } }),
        }),
      ),
    ...(processes.data?.items ?? []).map(
      ({ id, name, type, state }): Action => ({
        id,
        title: name,
        words: `${type} ${state} process`,
        section: "Processes",
        icon: Workflow,
        run: () =>
          void navigate({ to: "/projects/$project/processes/$process", params: { project: here, process: id } }),
      }),
    ),
    ...(workspaces.data?.items ?? []).map(
      ({ id, name, title, service, state }): Action => ({
        id,
        title,
        words: `${name} ${service} ${state} workspace`,
        section: "Workspaces",
        icon: Boxes,
        run: () =>
          void navigate({
            to: "/projects/$project/workspaces/$workspace",
            params: { project: here, workspace: id },
          }),
      }),
    ),
    ...(notebooks.data?.items ?? []).map(
      ({ id, name, title }): Action => ({
        id,
        title: title || name,
        words: `${name} notebook`,
        section: "Notebooks",
        icon: NotebookPen,
        run: () =>
          void navigate({ to: "/projects/$project/notebooks/$notebook", params: { project: here, notebook: id } }),
      }),
    ),
    ...(uploads.data?.items ?? []).map(({ id, name }) => data(id, name, "upload file")),
    ...(datasets.data?.items ?? []).map(({ id, name }) => data(id, name, "dataset")),
  ];
  const loading = enabled && (processes.isPending || uploads.isPending || datasets.isPending);
  return { places, loading };
}
