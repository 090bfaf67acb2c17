// What the navigation offers: a page gets a line here once it has a route (`router.tsx`). The palette lists the same.

import type { LinkProps } from "@tanstack/react-router";
import { ChartSpline, Coins, Database, House, LayoutPanelLeft, type LucideIcon, Workflow } from "lucide-react";

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
  { to: "/projects/$project/figures", label: "Figures", icon: ChartSpline, permission: "figures.view", keys: "g f" },
  { to: "/projects/$project/ledger", label: "Ledger", icon: Coins, keys: "g l" },
];

/** Pages of the person and of the installation, in the account menu. */
export const accountNav: readonly NavEntry[] = [];
