// What a panel of the workbench is. A feature offers its panels (`panels.ts` in its folder), `app/panels.ts` lists
// them all, and whatever hosts a panel (the dock, a window of its own, a page) gives it these props and nothing else.

import type { LucideIcon } from "lucide-react";
import { type ComponentType, createContext, useContext, useEffect } from "react";
import type { ProjectView } from "@/shared/api/types";

/** What a panel remembers: JSON, kept in the layout and in the address of a panel in its own window. */
export type Settings = Record<string, unknown>;

export interface PanelProps {
  project: ProjectView;
  /** Foreign input: it may come from an older release or an edited address. */
  settings: Settings;
  /** Replaces the settings; the host saves them. */
  onSettings: (next: Settings) => void;
}

export interface PanelKind {
  /** As it stands in layouts: `FlowView`, `ProcessLog`. Never changes once released. */
  id: string;
  title: string;
  /** One sentence for menus and the palette. */
  about: string;
  icon: LucideIcon;
  /** The permission without which it is not offered. */
  permission?: string;
  /** A chunk of its own. */
  load: () => Promise<{ default: ComponentType<PanelProps> }>;
}

export interface MenuItem {
  id: string;
  label: string;
  icon?: LucideIcon;
  disabled?: boolean;
  /** Given for an item that is on or off. */
  checked?: boolean;
  run: () => void;
}

export interface PanelHost {
  /** Shows these in the panel's menu. */
  setMenu: (items: readonly MenuItem[]) => void;
  /** Names the panel's tab; undefined for the kind's title. */
  setTitle: (title: string | undefined) => void;
}

export const PanelHostContext = createContext<PanelHost>({ setMenu: () => {}, setTitle: () => {} });

/** Contributes to the panel's menu while it is shown. Keep `items` stable (`useMemo`). */
export function usePanelMenu(items: readonly MenuItem[]): void {
  const { setMenu } = useContext(PanelHostContext);
  useEffect(() => {
    setMenu(items);
    return () => setMenu([]);
  }, [items, setMenu]);
}

/** Names the panel's tab while it is shown. */
export function usePanelTitle(title: string | undefined): void {
  const { setTitle } = useContext(PanelHostContext);
  useEffect(() => {
    setTitle(title);
    return () => setTitle(undefined);
  }, [title, setTitle]);
}
