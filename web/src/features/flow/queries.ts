import { queryOptions } from "@tanstack/react-query";
import { api, body } from "@/shared/api/client";
import type { GraphView } from "./graph";

/** The newest version of every process with what it reads and writes, by the project's name. */
export const graphQuery = (project: string) =>
  queryOptions({
    queryKey: ["graph", project],
    queryFn: (): Promise<GraphView> =>
      body(api.GET("/api/projects/{project}/graph", { params: { path: { project } } })),
  });
