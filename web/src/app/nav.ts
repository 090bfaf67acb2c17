// What the navigation offers: a page gets a line here once it has a route (`router.tsx`). The palette lists the same.

import type { LinkProps } from "@tanstack/react-router";
import {
  Boxes,
  ChartSpline,
  Coins,
  Database,
  House,
  KeyRound,
  LayoutPanelLeft,
  type LucideIcon,
  NotebookPen,
  ScrollText,
  Settings,
  ShieldCheck,
  UserRound,
  Users,
  Workflow,
} from "lucide-react";

export interface NavEntry {
  to: NonNullable<LinkProps["to"]>;
  label: string;
  icon: LucideIcon;
  /** Current only at this very address. */
  exact?: boolean;
  /** Without it, it is not offered. */
  permission?: string;
  /** As in `Action.keys`. */
  keys?: string;
}

/** Pages of a project; each `to` begins with `/projects/$project`. */
export const projectNav: readonly NavEntry[] = [
  { to: "/projects/$project", label: "Home", icon: House, exact: true, keys: "g h" },
  { to: "/projects/$project/bench", label: "Workbench", icon: LayoutPanelLeft, keys: "g w" },
  { to: "/projects/$project/processes", label: "Processes", icon: Workflow, keys: "g p" },
  { to: "/projects/$project/data", label: "Data", icon: Database, keys: "g d" },
  {
    to: "/projects/$project/notebooks",
    label: "Notebooks",
    icon: NotebookPen,
    permission: "notebooks.view",
    keys: "g n",
  },
  {
    to: "/projects/$project/workspaces",
    label: "Workspaces",
    icon: Boxes,
    permission: "workspaces.view",
    keys: "g o",
  },
  { to: "/projects/$project/figures", label: "Figures", icon: ChartSpline, permission: "figures.view", keys: "g f" },
  { to: "/projects/$project/ledger", label: "Ledger", icon: Coins, permission: "ledger.view", keys: "g l" },
  { to: "/projects/$project/members", label: "Members", icon: Users, permission: "members.view", keys: "g m" },
  { to: "/projects/$project/audit", label: "Audit", icon: ScrollText, permission: "audit.view", keys: "g a" },
  { to: "/projects/$project/settings", label: "Settings", icon: Settings, permission: "projects.manage" },
];

/** Pages of the person and of the installation, in the account menu. */
export const accountNav: readonly NavEntry[] = [
  { to: "/profile", label: "Profile", icon: UserRound },
  { to: "/tokens", label: "Tokens", icon: KeyRound },
  { to: "/admin", label: "Administration", icon: ShieldCheck, permission: "users.view" },
];
