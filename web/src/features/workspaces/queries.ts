import { queryOptions } from "@tanstack/react-query";
import { api, body } from "@/shared/api/client";
import type { Workspace } from "@/shared/api/types";

/** While something is under way the server is asked again, for what has no event of its own: places in the queue. */
const SOON = 1000;
/** Why it is kept alive changes with time alone; what is looked at closely is asked about more often. */
const LATER = 15_000;
const CLOSELY = 5000;
/** Events about a workspace are told to its owner; a guest asks. */
const GUEST = 4000;

export const underWay = ({ state }: Pick<Workspace, "state">): boolean =>
  state === "queued" || state === "starting" || state === "stopping";

function interval(workspaces: readonly Workspace[], later: number): number | false {
  // What keeps it is found out a moment after it is ready.
  if (workspaces.some((one) => underWay(one) || (one.state === "ready" && !one.idle))) return SOON;
  if (workspaces.some(({ access }) => access !== "manage")) return GUEST;
  return workspaces.some(({ state }) => state === "ready") ? later : false;
}

export const servicesQuery = queryOptions({
  queryKey: ["services"],
  queryFn: () => body(api.GET("/api/services")),
  staleTime: 30_000,
});

/** Of a project (its name): one's own and those shared with one. */
export const workspacesQuery = (project: string) =>
  queryOptions({
    queryKey: ["workspaces", project],
    queryFn: () => body(api.GET("/api/workspaces", { params: { query: { project } } })),
    refetchInterval: ({ state }) => interval(state.data?.items ?? [], LATER),
  });

export const workspaceQuery = (workspace: string) =>
  queryOptions({
    queryKey: ["workspace", workspace],
    queryFn: () => body(api.GET("/api/workspaces/{workspace}", { params: { path: { workspace } } })),
    refetchInterval: ({ state }) => interval(state.data ? [state.data] : [], CLOSELY),
  });

/** What was tried and concluded since the server watches it; kept current while it is shown. */
export const chronicleQuery = (workspace: string, every: number) =>
  queryOptions({
    queryKey: ["chronicle", workspace],
    queryFn: () => body(api.GET("/api/workspaces/{workspace}/health", { params: { path: { workspace } } })),
    refetchInterval: every,
  });

/** Everybody's, for the administration. */
export const allWorkspacesQuery = queryOptions({
  queryKey: ["workspaces", "", "all"],
  queryFn: () => body(api.GET("/api/workspaces", { params: { query: { all: true } } })),
  refetchInterval: 3000,
});

export const orphansQuery = queryOptions({
  queryKey: ["orphans"],
  queryFn: () => body(api.GET("/api/workspace-orphans")),
  refetchInterval: 10_000,
});
