// The workbench of a project: panels arranged as one likes, kept on the server under names.

import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { AppWindow, Plus, Redo2, Undo2 } from "lucide-react";
import { useCallback, useEffect, useMemo, useRef, useState, useSyncExternalStore } from "react";
import { useAccount } from "@/features/identity/account";
import { useActions } from "@/shared/actions/actions";
import { keysText } from "@/shared/actions/keys";
import type { ProjectView } from "@/shared/api/types";
import { plural } from "@/shared/lib/format";
import { may } from "@/shared/lib/permissions";
import { useConnection } from "@/shared/live/live";
import { select, selectionOf, useSelection } from "@/shared/selection/selection";
import { Button } from "@/shared/ui/button";
import { Menu, type MenuPart } from "@/shared/ui/menu";
import { Skeleton } from "@/shared/ui/skeleton";
import { toast } from "@/shared/ui/toast";
import { removeWithUndo } from "@/shared/undo/notice";
import { undo, useUndo } from "@/shared/undo/undo";
import { onUserEvent } from "../feed";
import { panelKind, panelKinds } from "../panels";
import { defaultLayout } from "./default";
import { Dock } from "./dock";
import { addItems, DockView } from "./dock-view";
import { Keeper } from "./keeper";
import { LayoutMenu } from "./layout-menu";
import {
  copyName,
  DEFAULT,
  deleteLayout,
  drafts,
  layoutsQuery,
  putLayout,
  type SavedLayout,
  transport,
} from "./layouts";
import { type Layout, readLayout } from "./tree";
import { useWindows } from "./use-windows";

export interface BenchSearch {
  /** The layout; absent: the last one. */
  layout?: string | undefined;
  process?: string | undefined;
  version?: number | undefined;
  data?: string | undefined;
  /** A window that wants back into the workbench. */
  dock?: string | undefined;
  /** A workspace that is to be shown as a panel. */
  workspace?: string | undefined;
}

const lastKey = (project: ProjectView) => `castalia.bench ${project.id}`;

export function BenchPage({ project, search }: { project: ProjectView; search: BenchSearch }) {
  const saved = useQuery(layoutsQuery(project.name));
  useEffect(() => {
    document.title = `Workbench · ${project.title} · Castalia`;
  }, [project.title]);
  if (saved.isPending) {
    return (
      <div role="status" className="flex h-full flex-col gap-2 p-2">
        <span className="sr-only">Loading the workbench…</span>
        <Skeleton className="h-9 w-64" />
        <Skeleton className="min-h-0 w-full flex-1" />
      </div>
    );
  }
  // Without the server's list one can still work: what is arranged is saved when it is back.
  const items = saved.data ?? [];
  const last = localStorage.getItem(lastKey(project)) ?? "";
  const name = search.layout ?? (items.some((one) => one.name === last) ? last : DEFAULT);
  return (
    <Bench key={name} project={project} name={name} search={search} saved={items.find((one) => one.name === name)} />
  );
}

interface BenchProps {
  project: ProjectView;
  name: string;
  search: BenchSearch;
  saved: SavedLayout | undefined;
}

function useBench({ project, name, saved }: BenchProps) {
  const client = useQueryClient();
  const account = useAccount();
  const kinds = useMemo(
    () => panelKinds.filter(({ permission }) => !permission || may(account, project.id, permission)),
    [account, project.id],
  );
  const [bench] = useState(() => {
    /** What could not be read. It is kept under another name before anything is saved over it. */
    let unread: unknown;
    const read = (value: unknown): Layout => {
      unread = undefined;
      if (value === undefined || value === null) return defaultLayout(kinds);
      try {
        return readLayout(value);
      } catch (error) {
        unread = value;
        const reason = error instanceof Error ? error.message : String(error);
        // After this render: a notice is drawn elsewhere.
        setTimeout(() => notRestored(name, reason, value, () => reset()));
        return defaultLayout(kinds);
      }
    };
    const keeper = new Keeper({
      transport: transport(client, project.name),
      drafts: drafts(account.id, project.id),
      onFollow: (layout) => dock.show(read(layout)),
      onRefused: (error) => toast.error(error, "The layout was not saved"),
    });
    const dock = new Dock(read(keeper.open(name, saved)), {
      titleOf: (widget) => panelKind(widget)?.title ?? widget,
      onChange: (layout) => {
        if (unread !== undefined) {
          const kept = unread;
          unread = undefined;
          putLayout(project.name, `${name} (not restored)`, kept, 0).catch(() => {});
        }
        keeper.change(layout);
      },
    });
    const reset = () => {
      unread = undefined;
      dock.replace(defaultLayout(kinds), "Reset of the layout");
      // Also when what is shown is the default already.
      keeper.change(dock.layout);
    };
    return { keeper, dock, reset };
  });
  const { keeper, dock } = bench;

  useEffect(() => {
    localStorage.setItem(lastKey(project), name);
    const leave = () => keeper.leave();
    window.addEventListener("pagehide", leave);
    return () => {
      window.removeEventListener("pagehide", leave);
      keeper.close();
      dock.dispose();
    };
  }, [keeper, dock, project, name]);

  useEffect(
    () =>
      onUserEvent((event) => {
        const told = event.data as { project?: string; name?: string; revision?: number };
        if (event.type !== "layout.changed" || told.project !== project.id || told.name !== name) return;
        keeper.remote(told.revision ?? 0);
      }),
    [keeper, project.id, name],
  );

  const connection = useConnection();
  useEffect(() => {
    if (connection === "open") keeper.retry();
  }, [connection, keeper]);

  return { ...bench, kinds };
}

function notRestored(name: string, reason: string, layout: unknown, reset: () => void) {
  toast.warn(`The layout ${name} could not be restored: ${reason}. You see the default instead.`, (dismiss) => (
    <div className="flex gap-2">
      <Button
        onClick={() => {
          dismiss();
          reset();
        }}
      >
        Reset
      </Button>
      <Button onClick={() => void navigator.clipboard.writeText(JSON.stringify(layout, null, 2))}>Copy</Button>
    </div>
  ));
}

function Bench(props: BenchProps) {
  const { project, name, search } = props;
  const { keeper, dock, reset, kinds } = useBench(props);
  const navigate = useNavigate();
  const client = useQueryClient();
  const [hidden, setHidden] = useState<ReadonlySet<string>>(new Set());
  const phase = useSyncExternalStore(keeper.watch, () => keeper.phase);
  useSyncExternalStore(dock.watch, () => dock.version);
  const windows = useWindows(project, dock);
  useSelectionInAddress(project, search);

  const open = useCallback(
    (layout: string) =>
      void navigate({
        to: "/projects/$project/bench",
        params: { project: project.name },
        search: (before) => ({ ...before, layout }),
      }),
    [navigate, project.name],
  );

  // A window that comes back when no workbench was open.
  const wanted = search.dock;
  useEffect(() => {
    if (!wanted) return;
    dock.dockBack(wanted);
    void navigate({
      to: "/projects/$project/bench",
      params: { project: project.name },
      search: (before) => ({ ...before, dock: undefined }),
      replace: true,
    });
  }, [wanted, dock, navigate, project.name]);

  const { workspace } = search;
  useEffect(() => {
    if (!workspace) return;
    dock.reveal("WorkspaceFrame", { workspace });
    void navigate({
      to: "/projects/$project/bench",
      params: { project: project.name },
      search: (before) => ({ ...before, workspace: undefined }),
      replace: true,
    });
  }, [workspace, dock, navigate, project.name]);

  const saveAs = async (next: string) => {
    const saved = await putLayout(project.name, next, dock.layout, 0);
    client.setQueryData(layoutsQuery(project.name).queryKey, (items = []) => [...items, saved]);
    open(next);
  };
  const remove = () => {
    const forget = () => setHidden((before) => new Set([...before, name]));
    removeWithUndo({
      text: `The layout ${name} was deleted.`,
      title: `Deletion of the layout ${name}`,
      hide: () => {
        forget();
        open(DEFAULT);
      },
      show: () => open(name),
      commit: async (leaving) => {
        await deleteLayout(project.name, name, leaving);
        void client.invalidateQueries({ queryKey: layoutsQuery(project.name).queryKey });
      },
    });
  };
  const copy = async () => {
    await navigator.clipboard.writeText(JSON.stringify(dock.layout, null, 2));
    toast.done("The layout is in the clipboard.");
  };
  const askReset = () => {
    reset();
    toast.done("The layout was reset to the default.", (dismiss) => (
      <Button
        onClick={() => {
          dismiss();
          void undo.undo();
        }}
      >
        Undo
      </Button>
    ));
  };

  useActions(
    useMemo(
      () => [
        {
          id: "layout.reset",
          title: "Reset layout to the default",
          section: "Layout",
          words: "restore workbench",
          run: () => reset(),
        },
      ],
      [reset],
    ),
  );

  return (
    <div className="flex h-full min-h-0 flex-col">
      <h1 className="sr-only">Workbench of {project.title}</h1>
      <div className="flex min-h-11 flex-wrap items-center gap-1 border-b border-line bg-surface px-2">
        <LayoutMenu
          project={project.name}
          keeper={keeper}
          hidden={hidden}
          onOpen={open}
          onSaveAs={saveAs}
          onRename={async (next) => {
            await saveAs(next);
            await deleteLayout(project.name, name);
            await client.invalidateQueries({ queryKey: layoutsQuery(project.name).queryKey });
          }}
          onDelete={remove}
          onReset={askReset}
          onCopy={() => void copy()}
        />
        <div className="flex-1" />
        <UndoButtons />
        {dock.layout.windows.length > 0 && (
          <WindowsMenu dock={dock} open={windows.open} onShow={windows.show} onDock={windows.dock} />
        )}
        <Menu
          align="end"
          items={addItems(kinds, (widget) => dock.add(widget))}
          trigger={
            <Button look="quiet">
              <Plus aria-hidden className="size-4" />
              Add panel
            </Button>
          }
        />
      </div>
      {phase === "conflict" && (
        <Conflict
          onTheirs={() => keeper.loadTheirs()}
          onCopy={async () => {
            const items = client.getQueryData(layoutsQuery(project.name).queryKey) ?? [];
            const next = copyName(
              name,
              items.map((one) => one.name),
            );
            try {
              await keeper.keepAs(next);
              open(next);
            } catch (error) {
              toast.error(error, "The copy was not saved");
            }
          }}
        />
      )}
      <DockView dock={dock} project={project.name} kinds={kinds} onPopOut={windows.popOut} />
    </div>
  );
}

function Conflict({ onTheirs, onCopy }: { onTheirs: () => void; onCopy: () => Promise<void> }) {
  const [busy, setBusy] = useState(false);
  return (
    <div role="alert" className="flex flex-wrap items-center gap-3 bg-warn-soft px-4 py-2 text-sm text-warn">
      <p className="flex-1">
        This layout was changed in another tab or on another machine as well. What you change here is not saved until
        you choose.
      </p>
      <Button onClick={onTheirs}>Load theirs</Button>
      <Button
        busy={busy}
        onClick={async () => {
          setBusy(true);
          await onCopy();
          setBusy(false);
        }}
      >
        Keep mine as a copy
      </Button>
    </div>
  );
}

function UndoButtons() {
  const can = useUndo();
  return (
    <>
      <Button
        look="quiet"
        disabled={!can.undo}
        aria-label={can.undo ? `Undo: ${can.undo}` : "Undo"}
        title={`${can.undo ? `Undo: ${can.undo}` : "Undo"} (${keysText("mod+z")})`}
        onClick={() => void undo.undo()}
      >
        <Undo2 aria-hidden className="size-4" />
      </Button>
      <Button
        look="quiet"
        disabled={!can.redo}
        aria-label={can.redo ? `Redo: ${can.redo}` : "Redo"}
        title={`${can.redo ? `Redo: ${can.redo}` : "Redo"} (${keysText("mod+shift+z")})`}
        onClick={() => void undo.redo()}
      >
        <Redo2 aria-hidden className="size-4" />
      </Button>
    </>
  );
}

interface WindowsProps {
  dock: Dock;
  /** Ids of windows that are open. */
  open: ReadonlySet<string>;
  onShow: (id: string) => void;
  onDock: (id: string) => void;
}

/** Panels in windows: a click opens those again that a reload or the end of the browser closed. */
function WindowsMenu({ dock, open, onShow, onDock }: WindowsProps) {
  const { windows } = dock.layout;
  const closed = windows.filter(({ id }) => !open.has(id)).length;
  const items: MenuPart[] = windows.flatMap((window, at): MenuPart[] => {
    const title = window.name ?? panelKind(window.widget)?.title ?? window.widget;
    return [
      ...(at > 0 ? (["line"] as const) : []),
      { heading: title },
      {
        id: `show ${window.id}`,
        label: open.has(window.id) ? "Show the window" : "Open the window",
        icon: AppWindow,
        run: () => onShow(window.id),
      },
      { id: `dock ${window.id}`, label: "Back into the workbench", run: () => onDock(window.id) },
      { id: `forget ${window.id}`, label: "Remove", danger: true, run: () => dock.forgetWindow(window.id) },
    ];
  });
  return (
    <Menu
      align="end"
      items={items}
      trigger={
        <Button look="quiet">
          <AppWindow aria-hidden className="size-4" />
          {plural(windows.length, "window")}
          {closed > 0 && <span className="text-warn">: open</span>}
        </Button>
      }
    />
  );
}

/** What is selected stands in the address, and an address selects. */
function useSelectionInAddress(project: ProjectView, search: BenchSearch) {
  const navigate = useNavigate();
  const { process, version, data } = search;
  const selection = useSelection(project.id);
  useEffect(() => {
    if (process) select(project.id, { process, version });
    if (data) select(project.id, { data });
  }, [project.id, process, version, data]);
  const shown = useRef("");
  useEffect(() => {
    const { process, version, data } = selection;
    // Not what was selected when this was drawn, but what is now: the address may just have selected.
    if (selectionOf(project.id) !== selection) return;
    const now = JSON.stringify([process, version, data]);
    if (now === shown.current) return;
    shown.current = now;
    void navigate({
      to: "/projects/$project/bench",
      params: { project: project.name },
      search: (before) => ({ ...before, process, version, data }),
      replace: true,
    });
  }, [selection, project, navigate]);
}
