// One panel in a window of its own: no shell around it, its settings in the address. It tells the workbench where it
// stands, and can go back into it.

import { useNavigate } from "@tanstack/react-router";
import { EllipsisVertical, LayoutPanelLeft } from "lucide-react";
import { useCallback, useEffect, useRef, useState } from "react";
import type { ProjectView } from "@/shared/api/types";
import type { MenuItem, Settings } from "@/shared/panels/panel";
import { Button } from "@/shared/ui/button";
import { Menu } from "@/shared/ui/menu";
import { panelKind } from "../panels";
import { PanelSlot } from "./panel-slot";
import { type FromWindow, openChannel, ownRect, type Said } from "./windows";

export interface SoloSearch {
  settings?: Settings | undefined;
  /** Its id in the workbench's list of windows. */
  window?: string | undefined;
  /** The name that a person gave it. */
  name?: string | undefined;
}

/** Moving a window tells nobody, so it is looked at this often. */
const LOOK = 1000;
/** How long a workbench may take to answer. */
const ANSWER = 600;

const noSettings: Settings = {};

interface Props {
  project: ProjectView;
  widget: string;
  search: SoloSearch;
}

export function SoloPage({ project, widget, search }: Props) {
  const [menu, setMenu] = useState<readonly MenuItem[]>([]);
  const [title, setTitle] = useState<string>();
  const navigate = useNavigate();
  const settings = search.settings ?? noSettings;
  const id = search.window;
  const back = useWindow(project, id, settings);
  const shown = search.name ?? title ?? panelKind(widget)?.title ?? widget;
  useEffect(() => {
    document.title = `${shown} · ${project.title}`;
  }, [shown, project.title]);
  const onSettings = useCallback(
    (next: Settings) =>
      void navigate({
        to: "/projects/$project/panel/$widget",
        params: { project: project.name, widget },
        search: (before) => ({ ...before, settings: next }),
        replace: true,
      }),
    [navigate, project.name, widget],
  );
  return (
    <div className="flex h-full min-h-0 flex-col">
      <div className="flex min-h-10 items-center gap-1 border-b border-line bg-surface px-2">
        <h1 className="min-w-0 flex-1 truncate text-sm font-semibold">
          {shown} <span className="font-normal text-muted">{project.title}</span>
        </h1>
        <Button look="quiet" onClick={back}>
          <LayoutPanelLeft aria-hidden className="size-4" />
          {id ? "Back into the workbench" : "Workbench"}
        </Button>
        {menu.length > 0 && (
          <Menu
            align="end"
            items={menu}
            trigger={
              <Button look="quiet" aria-label={`Menu of ${shown}`}>
                <EllipsisVertical aria-hidden className="size-4" />
              </Button>
            }
          />
        )}
      </div>
      <div className="min-h-0 flex-1 bg-surface">
        <PanelSlot
          project={project}
          widget={widget}
          settings={settings}
          onSettings={onSettings}
          setMenu={setMenu}
          setTitle={setTitle}
        />
      </div>
    </div>
  );
}

/** Talks to the workbench; answers what goes back into it. */
function useWindow(project: ProjectView, id: string | undefined, settings: Settings): () => void {
  const navigate = useNavigate();
  const channel = useRef<BroadcastChannel>(undefined);
  const now = useRef(settings);
  now.current = settings;
  const told = useRef("");

  const tell = useCallback(
    (again: boolean) => {
      if (!id) return;
      const message: FromWindow = { from: "window", type: "here", id, rect: ownRect(), settings: now.current };
      const text = JSON.stringify(message);
      if (!again && text === told.current) return;
      told.current = text;
      channel.current?.postMessage(message);
    },
    [id],
  );

  useEffect(() => {
    if (!id) return;
    const opened = openChannel(project.id);
    channel.current = opened;
    opened?.addEventListener("message", ({ data }: MessageEvent<Said>) => {
      if (data.from !== "bench") return;
      if (data.type === "who") tell(true);
      else if (data.id === id) window.close();
    });
    const looking = setInterval(() => tell(false), LOOK);
    const gone = () => opened?.postMessage({ from: "window", type: "gone", id } satisfies FromWindow);
    window.addEventListener("pagehide", gone);
    tell(true);
    return () => {
      opened?.close();
      clearInterval(looking);
      window.removeEventListener("pagehide", gone);
    };
  }, [project.id, id, tell]);

  // biome-ignore lint/correctness/useExhaustiveDependencies: told when the settings change
  useEffect(() => tell(false), [settings, tell]);

  return useCallback(() => {
    const bench = (dock?: string) =>
      void navigate({ to: "/projects/$project/bench", params: { project: project.name }, search: { dock } });
    if (!id || !channel.current) return bench();
    channel.current.postMessage({ from: "window", type: "back", id } satisfies FromWindow);
    // A workbench that takes it closes this window. Without one, this window becomes the workbench.
    setTimeout(() => bench(id), ANSWER);
  }, [id, navigate, project.name]);
}
