// Saved plots and maps of a project.

import { queryOptions } from "@tanstack/react-query";
import { api, body, request } from "@/shared/api/client";
import type { components } from "@/shared/api/schema";

export type FigureEntry = components["schemas"]["FigureEntry"];
export type SavedFigure = components["schemas"]["Figure"];
type Spec = SavedFigure["spec"];

const LIMIT = 500;

export const figuresQuery = (project: string) =>
  queryOptions({
    queryKey: ["figures", project, "list"],
    queryFn: async () => {
      const params = { path: { project }, query: { limit: LIMIT } };
      return (await body(api.GET("/api/projects/{project}/figures", { params }))).items;
    },
  });

export const figureQuery = (project: string, figure: string) =>
  queryOptions({
    queryKey: ["figures", project, "one", figure],
    queryFn: () => body(api.GET("/api/projects/{project}/figures/{figure}", { params: { path: { project, figure } } })),
  });

export function createFigure(
  project: string,
  figure: { name: string; kind: "plot" | "map"; spec: object },
): Promise<SavedFigure> {
  const params = { path: { project } };
  return body(api.POST("/api/projects/{project}/figures", { params, body: { ...figure, spec: figure.spec as Spec } }));
}

/** Refused with `figure_changed` when it is no longer at that revision. */
export function putFigure(
  project: string,
  id: string,
  figure: { name: string; spec: object; revision: number },
): Promise<SavedFigure> {
  const params = { path: { project, figure: id } };
  return body(
    api.PUT("/api/projects/{project}/figures/{figure}", { params, body: { ...figure, spec: figure.spec as Spec } }),
  );
}

export async function deleteFigure(project: string, id: string, leaving = false): Promise<void> {
  const path = `api/projects/${encodeURIComponent(project)}/figures/${encodeURIComponent(id)}`;
  await request(path, { method: "DELETE", keepalive: leaving });
}
