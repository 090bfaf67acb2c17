// The parts of the administration, each with the permission that shows it.

export const adminTabs = [
  { id: "users", title: "Users", permission: "users.view" },
  { id: "roles", title: "Roles", permission: "roles.manage" },
  { id: "projects", title: "Projects and limits", permission: "projects.administer" },
  { id: "environments", title: "Environments", permission: "environments.manage" },
  { id: "units", title: "Running units", permission: "units.view" },
  { id: "workspaces", title: "Workspaces", permission: "workspaces.administer" },
  { id: "audit", title: "Audit trail", permission: "audit.view" },
  { id: "server", title: "Server", permission: "users.view" },
] as const;

export type AdminTab = (typeof adminTabs)[number]["id"];

export const isAdminTab = (value: unknown): value is AdminTab => adminTabs.some(({ id }) => id === value);
