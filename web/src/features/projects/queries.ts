import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import { api, body } from "@/shared/api/client";

export const projectsQuery = queryOptions({
  queryKey: ["projects"],
  queryFn: () => body(api.GET("/api/projects", { params: { query: { limit: 200 } } })),
});

/** By name, as addresses have it. */
export const projectQuery = (name: string) =>
  queryOptions({
    queryKey: ["project", name],
    queryFn: () => body(api.GET("/api/projects/{project}", { params: { path: { project: name } } })),
  });

export const membersQuery = (project: string) =>
  queryOptions({
    queryKey: ["members", project],
    queryFn: () =>
      body(api.GET("/api/projects/{project}/members", { params: { path: { project }, query: { limit: 200 } } })),
  });

export const ledgerQuery = (project: string) =>
  infiniteQueryOptions({
    queryKey: ["ledger", project],
    queryFn: ({ pageParam }) =>
      body(
        api.GET("/api/projects/{project}/ledger", {
          params: { path: { project }, query: { limit: 50, after: pageParam } },
        }),
      ),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next ?? undefined,
  });
