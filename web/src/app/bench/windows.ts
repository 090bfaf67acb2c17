// Panels in windows of their own and the workbench that lists them talk over a BroadcastChannel. Each window is the
// same app at the address of one panel, with a document of its own: maps and plots need that to be dragged.

import { base } from "@/shared/api/client";
import type { Settings } from "@/shared/panels/panel";
import type { Rect, WindowPlace } from "./tree";

/** What a window says. */
export type FromWindow =
  | { from: "window"; type: "here"; id: string; rect: Rect; settings: Settings }
  | { from: "window"; type: "gone"; id: string }
  /** It wants back into the workbench. */
  | { from: "window"; type: "back"; id: string };

/** What a workbench says. */
export type FromBench =
  | { from: "bench"; type: "who" }
  | { from: "bench"; type: "close"; id: string }
  /** It is back in the workbench. */
  | { from: "bench"; type: "docked"; id: string };

export type Said = FromWindow | FromBench;

/** The channel of one project; undefined where the browser has none. */
export function openChannel(project: string): BroadcastChannel | undefined {
  if (typeof BroadcastChannel === "undefined") return undefined;
  return new BroadcastChannel(`castalia.windows ${base.pathname} ${project}`);
}

/** The address of a panel alone. */
export function panelAddress(project: string, panel: Omit<WindowPlace, "rect">): string {
  const url = new URL(`projects/${encodeURIComponent(project)}/panel/${encodeURIComponent(panel.widget)}`, base);
  // As the router writes its search parameters.
  if (Object.keys(panel.settings).length > 0) url.searchParams.set("settings", JSON.stringify(panel.settings));
  url.searchParams.set("window", JSON.stringify(panel.id));
  if (panel.name) url.searchParams.set("name", JSON.stringify(panel.name));
  return url.href;
}

const nameOf = (id: string) => `castalia-${id}`;

/** Opens a panel's window; null when the browser refuses. */
export function openWindow(project: string, panel: WindowPlace): Window | null {
  const { x, y, width, height } = panel.rect;
  return window.open(
    panelAddress(project, panel),
    nameOf(panel.id),
    `popup,left=${x},top=${y},width=${width},height=${height}`,
  );
}

/** Brings an open window to the front. */
export function focusWindow(id: string): void {
  window.open("", nameOf(id))?.focus();
}

export const ownRect = (): Rect => ({
  x: window.screenX,
  y: window.screenY,
  width: window.innerWidth,
  height: window.innerHeight,
});
