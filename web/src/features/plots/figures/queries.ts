// Saved plots and maps of a project.

import { queryOptions } from "@tanstack/react-query";
import { request } from "@/shared/api/client";

export interface FigureEntry {
  id: string;
  name: string;
  kind: "plot" | "map";
  revision: number;
  created_by: string;
  created_at: string;
  updated_at: string;
}

export interface SavedFigure extends FigureEntry {
  spec: unknown;
}

const path = (project: string, figure?: string) =>
  `/api/projects/${encodeURIComponent(project)}/figures${figure ? `/${encodeURIComponent(figure)}` : ""}`;

const json = (method: string, content: unknown): RequestInit => ({
  method,
  headers: { "content-type": "application/json" },
  body: JSON.stringify(content),
});

const LIMIT = 500;

export const figuresQuery = (project: string) =>
  queryOptions({
    queryKey: ["figures", project, "list"],
    queryFn: async ({ signal }): Promise<FigureEntry[]> => {
      const page = await (await request(`${path(project)}?limit=${LIMIT}`, { signal })).json();
      return (page as { items: FigureEntry[] }).items;
    },
  });

export const figureQuery = (project: string, id: string) =>
  queryOptions({
    queryKey: ["figures", project, "one", id],
    queryFn: async ({ signal }): Promise<SavedFigure> => (await request(path(project, id), { signal })).json(),
  });

export async function createFigure(
  project: string,
  figure: { name: string; kind: "plot" | "map"; spec: unknown },
): Promise<SavedFigure> {
  return (await request(path(project), json("POST", figure))).json();
}

/** Refused with `figure_changed` when it is no longer at that revision. */
export async function putFigure(
  project: string,
  id: string,
  figure: { name: string; spec: unknown; revision: number },
): Promise<SavedFigure> {
  return (await request(path(project, id), json("PUT", figure))).json();
}

export async function deleteFigure(project: string, id: string, leaving = false): Promise<void> {
  await request(path(project, id), { method: "DELETE", keepalive: leaving });
}
