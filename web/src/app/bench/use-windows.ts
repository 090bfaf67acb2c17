// The workbench's side of panels in windows of their own.

import { useCallback, useEffect, useRef, useState, useSyncExternalStore } from "react";
import type { ProjectView } from "@/shared/api/types";
import { toast } from "@/shared/ui/toast";
import type { Dock } from "./dock";
import type { WindowPlace } from "./tree";
import { type FromBench, focusWindow, openChannel, openWindow, type Said } from "./windows";

/** A window that reloads says that it goes, and is here again within this time. */
const RELOAD = 1500;
/** A window that was ended with its browser says nothing: all are asked this often, and one that is silent is closed. */
const ASK = 3000;
const SILENCE = 7000;

export function useWindows(project: ProjectView, dock: Dock) {
  const [open, setOpen] = useState<ReadonlySet<string>>(new Set());
  const channel = useRef<BroadcastChannel>(undefined);
  const say = useCallback((message: FromBench) => channel.current?.postMessage(message), []);

  useEffect(() => {
    const opened = openChannel(project.id);
    channel.current = opened;
    const going = new Map<string, ReturnType<typeof setTimeout>>();
    const heard = new Map<string, number>();
    const forget = (id: string) => {
      heard.delete(id);
      setOpen((before) => (before.has(id) ? new Set([...before].filter((one) => one !== id)) : before));
    };
    const has = (id: string) => dock.layout.windows.some((window) => window.id === id);
    opened?.addEventListener("message", ({ data }: MessageEvent<Said>) => {
      if (data.from !== "window" || !has(data.id)) return;
      const { id } = data;
      clearTimeout(going.get(id));
      if (data.type === "here") {
        heard.set(id, Date.now());
        setOpen((before) => (before.has(id) ? before : new Set([...before, id])));
        dock.setWindow(id, { rect: data.rect, settings: data.settings });
      } else if (data.type === "gone") {
        going.set(
          id,
          setTimeout(() => forget(id), RELOAD),
        );
      } else {
        once(`castalia dock ${id}`, () => {
          dock.dockBack(id);
          opened.postMessage({ from: "bench", type: "docked", id } satisfies FromBench);
        });
      }
    });
    const ask = () => opened?.postMessage({ from: "bench", type: "who" } satisfies FromBench);
    ask();
    const asking = setInterval(() => {
      for (const [id, at] of heard) if (Date.now() - at > SILENCE) forget(id);
      if (dock.layout.windows.length > 0) ask();
    }, ASK);
    return () => {
      clearInterval(asking);
      opened?.close();
      for (const timer of going.values()) clearTimeout(timer);
    };
  }, [project.id, dock]);

  // A window that was taken off the list (put back, removed, undone) closes.
  const windows = useSyncExternalStore(dock.watch, () => dock.layout.windows);
  const listed = useRef(windows);
  useEffect(() => {
    for (const { id } of listed.current) {
      if (!windows.some((window) => window.id === id)) say({ from: "bench", type: "close", id });
    }
    listed.current = windows;
  }, [windows, say]);

  const show = useCallback(
    (id: string) => {
      const window = dock.layout.windows.find((one) => one.id === id);
      if (!window) return;
      if (open.has(id)) focusWindow(id);
      else if (!openWindow(project.name, window)) blocked();
    },
    [dock, open, project.name],
  );

  const popOut = useCallback(
    (id: string) => {
      const node = dock.find(id);
      if (!node) return;
      const { x, y, width, height } = node.getParent()?.getRect() ?? { x: 0, y: 0, width: 800, height: 600 };
      const rect = {
        x: Math.round(window.screenX + x + 40),
        y: Math.round(window.screenY + y + 60),
        width: Math.round(Math.max(width, 400)),
        height: Math.round(Math.max(height, 300)),
      };
      const name = dock.nameOf(node);
      const place: WindowPlace = {
        id,
        widget: node.getComponent() ?? "",
        rect,
        settings: dock.settingsOf(node),
        ...(name && { name }),
      };
      // First the window: if the browser refuses it, the panel stays where it is.
      if (!openWindow(project.name, place)) return blocked();
      dock.popOut(id, rect);
    },
    [dock, project.name],
  );

  const dockBack = useCallback((id: string) => dock.dockBack(id), [dock]);
  return { open, show, popOut, dock: dockBack };
}

function blocked() {
  toast.warn("The browser did not allow a window. Allow pop-ups for this site, then try again.");
}

/** Runs it in one tab only, when several show the same layout. */
function once(name: string, run: () => void) {
  if (!navigator.locks) return run();
  void navigator.locks.request(name, { ifAvailable: true }, async (lock) => {
    if (!lock) return;
    run();
    await new Promise((resolve) => setTimeout(resolve, 2000));
  });
}
