// Whether a permission pattern (`processes.*`, `*`) covers a permission. Only for what to offer: the server decides.

import type { Account } from "@/shared/api/types";

function covers(pattern: string, permission: string): boolean {
  if (pattern === "*" || pattern === permission) return true;
  return pattern.endsWith(".*") && permission.startsWith(pattern.slice(0, -1));
}

export function may(account: Account, project: string | undefined, permission: string): boolean {
  const own = project === undefined ? [] : (account.projects[project] ?? []);
  return [...account.permissions, ...own].some((pattern) => covers(pattern, permission));
}
