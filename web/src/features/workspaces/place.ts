// Where a workspace is opened, and what that means.
//
// Its pages are written by whatever runs in it, and come from our own origin: in the visitor's browser they may do what
// the visitor may. That is no news in a workspace of one's own, and a matter of trust in somebody else's. So a tab, cut
// off from this window, is the usual way; a pane is offered for one's own only; and somebody else's is asked about once.

import type { Account, Workspace } from "@/shared/api/types";

/** Its start page. The server names itself as it is known outside; whoever came another way stays on that way. */
export function startPage({ url }: Pick<Workspace, "url">, here: string = location.origin): string {
  const { pathname, search, hash } = new URL(url);
  return new URL(`${pathname}${search}${hash}`, here).href;
}

export const isOwn = (workspace: Pick<Workspace, "owner">, account: Pick<Account, "id">): boolean =>
  workspace.owner === account.id;

const key = (workspace: Pick<Workspace, "id">, account: Pick<Account, "id">) =>
  `castalia.trust ${account.id} ${workspace.id}`;

/** Whether this person has said to trust the workspace of somebody else. */
export const isTrusted = (workspace: Pick<Workspace, "id" | "owner">, account: Pick<Account, "id">): boolean =>
  isOwn(workspace, account) || localStorage.getItem(key(workspace, account)) === workspace.owner;

export const trust = (workspace: Pick<Workspace, "id" | "owner">, account: Pick<Account, "id">): void =>
  localStorage.setItem(key(workspace, account), workspace.owner);

/** In a tab of its own that can't reach back into this one. */
export const openTab = (workspace: Pick<Workspace, "url">): void =>
  void window.open(startPage(workspace), "_blank", "noopener");

/** `14:02 UTC` and `2026-11-22 14:02 UTC`, as the server says times; without a date it is today's. */
const TIME = /\b(?:(\d{4}-\d\d-\d\d) )?((?:[01]\d|2[0-3]):[0-5]\d) UTC\b/g;

/** The server says times in UTC; people read them by their own clock, with the day if it is not today. */
export function localTimes(text: string, now: Date = new Date()): string {
  return text.replace(TIME, (_all, day: string | undefined, time: string) => {
    const at = new Date(`${day ?? now.toISOString().slice(0, 10)}T${time}Z`);
    const today = at.toDateString() === now.toDateString();
    const date = { weekday: "short", day: "numeric", month: "short" } as const;
    return at.toLocaleString(undefined, { ...(!today && date), hour: "2-digit", minute: "2-digit" });
  });
}
