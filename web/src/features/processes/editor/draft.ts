// What was typed into a form and not yet run. It is kept in the tab, so that a reload or a mistaken click loses
// nothing; whoever closes the tab is done with it.

import type { ResourcesRequest } from "@/shared/api/types";
import type { Parameters } from "./types";

export interface Draft {
  name: string;
  parameters: Parameters;
  resources: ResourcesRequest;
  reuse: boolean;
}

const PREFIX = "castalia.draft.";

/** The draft under a key; undefined when there is none that can be read. */
export function readDraft(key: string): Draft | undefined {
  try {
    const draft: unknown = JSON.parse(sessionStorage.getItem(PREFIX + key) ?? "null");
    if (typeof draft !== "object" || draft === null) return undefined;
    const { name, parameters, resources, reuse } = draft as Partial<Draft>;
    if (typeof parameters !== "object" || parameters === null) return undefined;
    if (typeof resources !== "object" || resources === null) return undefined;
    return { name: typeof name === "string" ? name : "", parameters, resources, reuse: reuse === true };
  } catch {
    return undefined;
  }
}

export function writeDraft(key: string, draft: Draft | undefined): void {
  try {
    if (draft) sessionStorage.setItem(PREFIX + key, JSON.stringify(draft));
    else sessionStorage.removeItem(PREFIX + key);
  } catch {
    // A full or forbidden store costs the draft and nothing else.
  }
}
