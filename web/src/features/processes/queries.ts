import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import { api, body } from "@/shared/api/client";
import type { State } from "@/shared/api/types";

export interface ProcessFilter {
  state?: State | undefined;
  /** `ENVIRONMENT/NAME`. */
  type?: string | undefined;
}

export const processesQuery = (project: string, { state, type }: ProcessFilter = {}) =>
  infiniteQueryOptions({
    queryKey: ["processes", project, ...(state || type ? [state, type] : [])],
    queryFn: ({ pageParam }) =>
      body(
        api.GET("/api/processes", {
          params: { query: { project, limit: 50, after: pageParam, ...(state && { state }), ...(type && { type }) } },
        }),
      ),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next ?? undefined,
  });

export const processQuery = (id: string) =>
  queryOptions({
    queryKey: ["process", id],
    queryFn: () => body(api.GET("/api/processes/{id}", { params: { path: { id } } })),
  });

export const typesQuery = queryOptions({
  queryKey: ["process-types"],
  queryFn: () => body(api.GET("/api/process-types")),
  // A fresh installation is still preparing its first environment.
  refetchInterval: ({ state }) => (state.data?.length === 0 ? 2000 : false),
});

export const environmentsQuery = queryOptions({
  queryKey: ["environments"],
  queryFn: () => body(api.GET("/api/environments")),
  // Their preparation is in no project's event stream, so it is asked for while it goes on.
  refetchInterval: ({ state }) => (state.data?.some((environment) => environment.state === "preparing") ? 2000 : false),
});
