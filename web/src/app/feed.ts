// The project's event stream keeps the query cache current: this is the one place that knows which event
// concerns what is cached.

import { type QueryClient, type QueryKey, useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";
import { feedGraph } from "@/features/flow/feed";
import { feedNotebook } from "@/features/notebooks/feed";
import { feedProcess } from "@/features/processes/feed";
import { feedWorkspace } from "@/features/workspaces/feed";
import type { Event, Project } from "@/shared/api/types";
import { socket } from "@/shared/live/live";

/** Many events in a burst ask for one reload; what is large waits longer. */
const GATHER = 150;
const GATHER_LARGE = 1000;
const large = ["graph"];

/** Changes the cache by an event and answers what must be loaded again. */
function feed(client: QueryClient, project: Project, event: Event): QueryKey[] {
  return [...feedGraph(client, project.name, event), ...feedOthers(client, project, event)];
}

function feedOthers(client: QueryClient, project: Project, event: Event): QueryKey[] {
  const noun = event.type.split(".")[0];
  switch (noun) {
    case "process":
      return feedProcess(client, project.name, event);
    case "upload":
      return [
        ["uploads", project.name],
        ["choices", project.name],
      ];
    case "dataset":
      return [["datasets", project.name], ["choices", project.name], ["lineage"]];
    case "figure":
      return [["figures", project.name]];
    case "notebook":
      return feedNotebook(project.name, event);
    case "workspace":
      return feedWorkspace(project.name, event);
    case "project":
      return [["project", project.name], ["projects"], ["me"]];
    default:
      return [];
  }
}

/** Everything that can change, for when it is unknown what did. Data never changes once it is written. */
function stale(client: QueryClient): void {
  void client.invalidateQueries({
    predicate: ({ queryKey }) => queryKey[0] !== "preview" && queryKey[0] !== "content",
  });
}

/** Follows a project while it is shown; `user` is who is signed in. */
export function useProjectFeed(project: Project, user: string): void {
  const client = useQueryClient();
  const { id, name } = project;
  useEffect(() => {
    const waiting = new Map<string, ReturnType<typeof setTimeout>>();
    const reload = (queryKey: QueryKey) => {
      const name = JSON.stringify(queryKey);
      if (waiting.has(name)) return;
      const flush = () => {
        waiting.delete(name);
        void client.invalidateQueries({ queryKey });
      };
      waiting.set(name, setTimeout(flush, large.includes(String(queryKey[0])) ? GATHER_LARGE : GATHER));
    };
    const leave = socket.subscribe(`project.${id}`, {
      onData(data) {
        const event = data as Event;
        for (const key of feed(client, { id, name } as Project, event)) reload(key);
        if (event.type === "workspace.idle_warning") {
          // Without it one would only see that the workspace has gone.
          void import("@/features/workspaces/screens").then((m) => m.warnOfIdleness(event, user)).catch(() => {});
        }
      },
      // What was loaded before the live part began may be old. A replay tells all that was missed, but not what
      // has no event in this topic, such as the ledger of other work.
      onReady: () => stale(client),
    });
    return () => {
      leave();
      for (const timer of waiting.values()) clearTimeout(timer);
    };
  }, [client, id, name, user]);
}

type UserListener = (event: Event) => void;

const userListeners = new Set<UserListener>();

/** Hears the events of the person who is signed in: the socket has one listener for each topic, and this passes on. */
export function onUserEvent(listener: UserListener): () => void {
  userListeners.add(listener);
  return () => userListeners.delete(listener);
}

/** Follows the account while the app is open. */
export function useUserFeed(user: string): void {
  const client = useQueryClient();
  useEffect(
    () =>
      socket.subscribe(`user.${user}`, {
        onData(data) {
          const event = data as Event;
          if (event.type.startsWith("layout.")) void client.invalidateQueries({ queryKey: ["layouts"] });
          for (const listener of userListeners) listener(event);
        },
      }),
    [client, user],
  );
}

export { stale };
