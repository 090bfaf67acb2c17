// Named layouts on the server: of this person, in this project.

import { type QueryClient, queryOptions } from "@tanstack/react-query";
import { base, request } from "@/shared/api/client";
import { Problem } from "@/shared/api/problem";
import type { Drafts, Saved, Transport } from "./keeper";

export const DEFAULT = "Default";

export interface SavedLayout extends Saved {
  updated_at: string;
}

const path = (project: string, name?: string) =>
  `/api/projects/${encodeURIComponent(project)}/layouts${name === undefined ? "" : `/${encodeURIComponent(name)}`}`;

export const layoutsQuery = (project: string) =>
  queryOptions({
    queryKey: ["layouts", project],
    queryFn: async () =>
      ((await (await request(`${path(project)}?limit=100`)).json()) as { items: SavedLayout[] }).items,
    staleTime: 0,
  });

export async function putLayout(project: string, name: string, layout: unknown, revision: number, leaving = false) {
  const answer = await request(path(project, name), {
    method: "PUT",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ layout, revision }),
    keepalive: leaving,
  });
  return (await answer.json()) as SavedLayout;
}

export async function deleteLayout(project: string, name: string, leaving = false): Promise<void> {
  await request(path(project, name), { method: "DELETE", keepalive: leaving });
}

export function transport(client: QueryClient, project: string): Transport {
  return {
    find: async (name) => {
      try {
        return (await (await request(path(project, name))).json()) as SavedLayout;
      } catch (error) {
        if (error instanceof Problem && error.status === 404) return undefined;
        throw error;
      }
    },
    put: async (name, layout, revision, leaving) => {
      const saved = await putLayout(project, name, layout, revision, leaving);
      client.setQueryData(layoutsQuery(project).queryKey, (items) => {
        if (!items) return items;
        const others = items.filter((one) => one.name !== name);
        return [...others, saved].sort((a, b) => a.name.localeCompare(b.name));
      });
      return saved;
    },
  };
}

/** What is not saved yet, in this browser. */
export function drafts(user: string, project: string): Drafts {
  const key = (name: string) => `castalia.layout ${base.pathname} ${user} ${project} ${name}`;
  return {
    get: (name) => {
      try {
        const draft = JSON.parse(localStorage.getItem(key(name)) ?? "null") as ReturnType<Drafts["get"]> | null;
        return draft && typeof draft.base === "number" ? draft : undefined;
      } catch {
        return undefined;
      }
    },
    set: (name, draft) => {
      try {
        localStorage.setItem(key(name), JSON.stringify(draft));
      } catch {
        // The browser keeps nothing (private window, full): the server still gets it.
      }
    },
    clear: (name) => localStorage.removeItem(key(name)),
  };
}

/** A name that is not taken: `Survey (copy)`, `Survey (copy 2)`, … */
export function copyName(name: string, taken: readonly string[]): string {
  const plain = name.replace(/ \(copy(?: \d+)?\)$/, "");
  for (let count = 1; ; count += 1) {
    const next = count === 1 ? `${plain} (copy)` : `${plain} (copy ${count})`;
    if (!taken.includes(next)) return next;
  }
}
