// Files on their way to the server. It is a store outside of React, so that sending goes on while one moves
// between screens.

import { useSyncExternalStore } from "react";
import { address } from "@/shared/api/client";
import { Problem } from "@/shared/api/problem";

export interface Sending {
  id: number;
  project: string;
  file: File;
  /** 0 to 1. */
  fraction: number;
  state: "sending" | "failed";
  error?: unknown;
  abort: () => void;
}

let sendings: readonly Sending[] = [];
let last = 0;
const watchers = new Set<() => void>();

function set(next: readonly Sending[]) {
  sendings = next;
  for (const watcher of watchers) watcher();
}

const patch = (id: number, change: Partial<Sending>) =>
  set(sendings.map((sending) => (sending.id === id ? { ...sending, ...change } : sending)));

const drop = (id: number) => set(sendings.filter((sending) => sending.id !== id));

export function useSendings(project: string): readonly Sending[] {
  const all = useSyncExternalStore(
    (watcher) => {
      watchers.add(watcher);
      return () => watchers.delete(watcher);
    },
    () => sendings,
  );
  return all.filter((sending) => sending.project === project);
}

/** Sends a file; `onDone` when the server has it. `fetch` tells no progress of what it sends, so this is XHR. */
export function send(project: string, file: File, replace: boolean, onDone: () => void): void {
  const request = new XMLHttpRequest();
  const id = ++last;
  const query = new URLSearchParams({ project, name: file.name, replace: String(replace) });
  request.open("PUT", address(`/api/uploads?${query}`));
  if (file.type) request.setRequestHeader("content-type", file.type);
  request.upload.onprogress = ({ loaded, total }) => patch(id, { fraction: total > 0 ? loaded / total : 0 });
  request.onload = async () => {
    if (request.status < 300) {
      drop(id);
      onDone();
      return;
    }
    const answer = new Response(request.responseText, {
      status: request.status,
      headers: { "x-request-id": request.getResponseHeader("x-request-id") ?? "" },
    });
    patch(id, { state: "failed", error: await Problem.of(answer) });
  };
  request.onerror = () => patch(id, { state: "failed", error: Problem.unreachable() });
  request.onabort = () => drop(id);
  set([...sendings, { id, project, file, fraction: 0, state: "sending", abort: () => request.abort() }]);
  request.send(file);
}

/** Takes a failed one off the list. */
export const forget = (sending: Sending) => drop(sending.id);
