import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import { api, body } from "@/shared/api/client";

export const rolesQuery = queryOptions({
  queryKey: ["roles"],
  queryFn: () => body(api.GET("/api/roles")),
});

export const sessionsQuery = queryOptions({
  queryKey: ["sessions"],
  queryFn: () => body(api.GET("/api/sessions")),
});

/** One's own, or with `all` everybody's. */
export const tokensQuery = (all = false) =>
  queryOptions({
    queryKey: ["tokens", all],
    queryFn: () => body(api.GET("/api/tokens", { params: { query: { limit: 200, all } } })),
  });

export const usersQuery = infiniteQueryOptions({
  queryKey: ["users"],
  queryFn: ({ pageParam }) => body(api.GET("/api/users", { params: { query: { limit: 100, after: pageParam } } })),
  initialPageParam: undefined as string | undefined,
  getNextPageParam: (page) => page.next ?? undefined,
});

export interface AuditFilter {
  actor?: string | undefined;
  type?: string | undefined;
}

/** The audit trail, newest first: of a project, or of the whole installation. */
export const auditQuery = (project: string | undefined, { actor, type }: AuditFilter) =>
  infiniteQueryOptions({
    queryKey: ["audit", project, actor, type],
    queryFn: ({ pageParam }) => {
      const query = { limit: 50, before: pageParam, actor, type };
      return body(
        project
          ? api.GET("/api/projects/{project}/audit", { params: { path: { project }, query } })
          : api.GET("/api/audit", { params: { query } }),
      );
    },
    initialPageParam: undefined as number | undefined,
    getNextPageParam: (page) => page.next ?? undefined,
  });
