// The dock on screen: FlexLayout with our panels, a menu on each set of tabs, and an action for everything that the
// mouse can do.

import "flexlayout-react/style/light.css";
import "./dock.css";
import { useSuspenseQuery } from "@tanstack/react-query";
import {
  Actions,
  type Action as FlexAction,
  Layout as FlexLayout,
  type IKeyMap,
  type ILayoutApi,
  type ITabRenderValues,
  type ITabSetRenderValues,
  TabNode,
  TabSetNode,
} from "flexlayout-react";
import {
  AppWindow,
  ArrowLeftToLine,
  ArrowRightToLine,
  ChevronDown,
  EllipsisVertical,
  Maximize2,
  Minimize2,
  Pencil,
  Plus,
  SquareSplitHorizontal,
  SquareSplitVertical,
  X,
} from "lucide-react";
import { useCallback, useMemo, useRef, useState, useSyncExternalStore } from "react";
import { projectQuery } from "@/features/projects/queries";
import { type Action, useActions } from "@/shared/actions/actions";
import type { MenuItem, PanelKind } from "@/shared/panels/panel";
import { Button } from "@/shared/ui/button";
import { Menu, type MenuPart } from "@/shared/ui/menu";
import { panelKind } from "../panels";
import type { Dock } from "./dock";
import { PanelSlot } from "./panel-slot";

const keyMap: IKeyMap = { focusNextTabset: "F6", focusPreviousTabset: "Shift+F6" };

interface Props {
  dock: Dock;
  /** By name, as addresses have it. */
  project: string;
  /** What may be added. */
  kinds: readonly PanelKind[];
  /** Opens a panel in a window of its own. */
  onPopOut: (id: string) => void;
}

/** Puts the focus on a panel's tab, after the dock has been drawn. */
function focusTab(id: string) {
  requestAnimationFrame(() => document.getElementById(`flexlayout-tabbutton-${id}`)?.focus());
}

export function DockView({ dock, project, kinds, onPopOut }: Props) {
  useSyncExternalStore(dock.watch, () => dock.version);
  const api = useRef<ILayoutApi>(null);
  /** The set whose menu was opened by the right mouse button. */
  const [menuOf, setMenuOf] = useState<string>();
  const { model } = dock;

  const rename = useCallback((id: string) => api.current?.editTabName(id), []);
  usePanelActions(dock, kinds, rename, onPopOut);

  const onAction = (action: FlexAction): FlexAction | undefined => {
    if (action.type === Actions.RENAME_TAB) dock.rename(String(action.data.node), String(action.data.text));
    else if (action.type === Actions.DELETE_TAB) dock.close(String(action.data.node));
    else return action;
    return undefined;
  };

  const onRenderTab = (node: TabNode, values: ITabRenderValues & { name?: string }) => {
    const Icon = panelKind(node.getComponent() ?? "")?.icon;
    const title = dock.titleOf(node);
    values.leading = Icon && <Icon aria-hidden className="size-4" />;
    values.content = <span data-tour={`tab-${node.getComponent()}`}>{title}</span>;
    // The accessible name.
    values.name = title;
  };

  const onRenderTabSet = (set: unknown, values: ITabSetRenderValues) => {
    if (!(set instanceof TabSetNode)) return;
    const id = set.getId();
    const selected = set.getSelectedNode();
    values.stickyButtons.push(
      <Menu
        key="add"
        items={addItems(kinds, (widget) => focusTab(dock.add(widget, {}, set)))}
        trigger={
          <button
            type="button"
            className="flexlayout__tab_toolbar_button"
            aria-label="Add a panel here"
            title="Add a panel"
          >
            <Plus aria-hidden className="size-4" />
          </button>
        }
      />,
    );
    if (!selected) {
      if (dock.sets().length > 1) {
        values.buttons.push(
          <button
            key="close"
            type="button"
            className="flexlayout__tab_toolbar_button"
            aria-label="Close this empty place"
            title="Close this empty place"
            onClick={() => dock.closeSet(id)}
          >
            <X aria-hidden className="size-4" />
          </button>,
        );
      }
      return;
    }
    const title = dock.titleOf(selected);
    values.buttons.push(
      <Menu
        key="menu"
        align="end"
        open={menuOf === id}
        onOpen={(open) => setMenuOf(open ? id : undefined)}
        items={panelItems(dock, selected, { rename, onPopOut })}
        trigger={
          <button
            type="button"
            className="flexlayout__tab_toolbar_button"
            aria-label={`Menu of ${title}`}
            title={`Menu of ${title}`}
          >
            <EllipsisVertical aria-hidden className="size-4" />
          </button>
        }
      />,
    );
  };

  const factory = useCallback(
    (node: TabNode) => <PanelTab dock={dock} node={node} project={project} />,
    [dock, project],
  );

  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: it only hears where the focus is
    <div
      className="dock relative min-h-0 flex-1"
      onFocus={(event) => {
        // Also what the keyboard goes to is active; FlexLayout takes only what is clicked.
        const place = event.target.closest("[role=tab], [role=tabpanel]")?.id ?? "";
        const id = /^flexlayout-tab(?:button)?-(.+)$/.exec(place)?.[1];
        if (id) dock.activate(id);
      }}
    >
      <FlexLayout
        ref={api}
        model={model}
        factory={factory}
        keyMap={keyMap}
        // What panels show comes from their own queries and contexts, not from this render.
        invalidateTabContentOnParentRender={false}
        onAction={onAction}
        onRenderTab={onRenderTab}
        onRenderTabSet={onRenderTabSet}
        icons={{
          close: <X aria-hidden className="size-3.5" />,
          maximize: <Maximize2 aria-hidden className="size-4" />,
          restore: <Minimize2 aria-hidden className="size-4" />,
          // Without the count, which its accessible name would lack.
          more: () => <ChevronDown aria-hidden className="size-4" />,
        }}
        onContextMenu={(node, event) => {
          const set = node instanceof TabNode ? node.getParent() : node;
          if (!(set instanceof TabSetNode) || set.getTabNodes().length === 0) return;
          event.preventDefault();
          if (node instanceof TabNode) dock.select(node.getId());
          setMenuOf(set.getId());
        }}
        onTabSetPlaceHolder={(set) => (
          <EmptyPlace kinds={kinds} onChoose={(widget) => focusTab(dock.add(widget, {}, set))} />
        )}
      />
    </div>
  );
}

/** One panel in the dock. */
function PanelTab({ dock, node, project: name }: { dock: Dock; node: TabNode; project: string }) {
  const project = useSuspenseQuery(projectQuery(name)).data;
  const id = node.getId();
  const onSettings = useCallback((next: Record<string, unknown>) => dock.setSettings(id, next), [dock, id]);
  const setMenu = useCallback((items: readonly MenuItem[]) => dock.setMenu(id, items), [dock, id]);
  const setTitle = useCallback((title: string | undefined) => dock.setTitle(id, title), [dock, id]);
  // The dock draws a panel anew only when its place changes.
  const settings = useSyncExternalStore(dock.watch, () => dock.settingsOf(node));
  return (
    <div className="h-full min-h-0 bg-surface">
      <PanelSlot
        project={project}
        widget={node.getComponent() ?? ""}
        settings={settings}
        onSettings={onSettings}
        setMenu={setMenu}
        setTitle={setTitle}
      />
    </div>
  );
}

function EmptyPlace({ kinds, onChoose }: { kinds: readonly PanelKind[]; onChoose: (widget: string) => void }) {
  return (
    <div className="flex h-full w-full items-center justify-center overflow-auto bg-surface p-4">
      <div className="max-w-md space-y-3 text-center">
        <p className="text-muted">What should be shown here?</p>
        <div className="flex flex-wrap justify-center gap-2">
          {kinds.map(({ id, title, icon: Icon }) => (
            <Button key={id} onClick={() => onChoose(id)}>
              <Icon aria-hidden className="size-4" />
              {title}
            </Button>
          ))}
        </div>
      </div>
    </div>
  );
}

export function addItems(kinds: readonly PanelKind[], add: (widget: string) => void): MenuPart[] {
  return kinds.map(({ id, title, about, icon }) => ({ id, label: title, about, icon, run: () => add(id) }));
}

interface Hands {
  rename: (id: string) => void;
  onPopOut: (id: string) => void;
}

const keys = {
  splitRight: "w v",
  splitDown: "w s",
  next: "w n",
  previous: "w p",
  left: "w ,",
  right: "w .",
  wider: "w ArrowRight",
  narrower: "w ArrowLeft",
  taller: "w ArrowDown",
  shorter: "w ArrowUp",
  maximise: "w m",
  rename: "w r",
  window: "w o",
  close: "w x",
} as const;

/** The menu of a panel: its own items first, then what can be done with its place. */
function panelItems(dock: Dock, node: TabNode, { rename, onPopOut }: Hands): MenuPart[] {
  const id = node.getId();
  const set = node.getParent();
  const maximised = set instanceof TabSetNode && set.isMaximized();
  const many = dock.sets().length > 1;
  const own = dock.menuOf(id);
  return [
    ...own,
    ...(own.length > 0 ? (["line"] as const) : []),
    {
      id: "split-right",
      label: "Split right",
      icon: SquareSplitHorizontal,
      keys: keys.splitRight,
      run: () => dock.split(id, "right"),
    },
    {
      id: "split-down",
      label: "Split down",
      icon: SquareSplitVertical,
      keys: keys.splitDown,
      run: () => dock.split(id, "down"),
    },
    {
      id: "move",
      label: "Move and size",
      icon: ArrowRightToLine,
      items: [
        { id: "next", label: "To the next place", disabled: !many, keys: keys.next, run: () => moveTo(dock, id, 1) },
        {
          id: "previous",
          label: "To the previous place",
          disabled: !many,
          keys: keys.previous,
          run: () => moveTo(dock, id, -1),
        },
        {
          id: "left",
          label: "Left among the tabs",
          icon: ArrowLeftToLine,
          keys: keys.left,
          run: () => dock.shift(id, -1),
        },
        {
          id: "right",
          label: "Right among the tabs",
          icon: ArrowRightToLine,
          keys: keys.right,
          run: () => dock.shift(id, 1),
        },
        "line",
        { id: "wider", label: "Wider", keys: keys.wider, run: () => dock.resize(id, "width", 1) },
        { id: "narrower", label: "Narrower", keys: keys.narrower, run: () => dock.resize(id, "width", -1) },
        { id: "taller", label: "Taller", keys: keys.taller, run: () => dock.resize(id, "height", 1) },
        { id: "shorter", label: "Shorter", keys: keys.shorter, run: () => dock.resize(id, "height", -1) },
      ],
    },
    {
      id: "maximise",
      label: maximised ? "Restore the size" : "Maximise",
      icon: maximised ? Minimize2 : Maximize2,
      disabled: !many && !maximised,
      keys: keys.maximise,
      run: () => dock.toggleMaximised(id),
    },
    "line",
    // The menu gives the focus back when it closes; the field must come after that.
    { id: "rename", label: "Rename…", icon: Pencil, keys: keys.rename, run: () => setTimeout(() => rename(id), 50) },
    { id: "window", label: "Open in a window", icon: AppWindow, keys: keys.window, run: () => onPopOut(id) },
    { id: "close", label: "Close the panel", icon: X, keys: keys.close, run: () => dock.close(id) },
  ];
}

function moveTo(dock: Dock, id: string, by: 1 | -1) {
  dock.move(id, by);
  focusTab(id);
}

/** The same for the palette and the keys, on the panel one works in. */
function usePanelActions(
  dock: Dock,
  kinds: readonly PanelKind[],
  rename: Hands["rename"],
  onPopOut: Hands["onPopOut"],
): void {
  const actions = useMemo((): Action[] => {
    const on = (run: (id: string) => unknown) => () => {
      const id = dock.activePanel()?.getId();
      if (id === undefined) return;
      run(id);
      focusTab(id);
    };
    const panel = (id: string, title: string, keys: string, run: (id: string) => unknown, words = ""): Action => ({
      id: `panel.${id}`,
      title,
      section: "Panel",
      keys,
      words: `panel tab pane ${words}`,
      run: on(run),
    });
    return [
      ...kinds.map(
        (kind): Action => ({
          id: `panel.add.${kind.id}`,
          title: `Add panel: ${kind.title}`,
          section: "Panel",
          icon: kind.icon,
          words: kind.about,
          run: () => focusTab(dock.add(kind.id)),
        }),
      ),
      panel("split-right", "Split right", keys.splitRight, (id) => dock.split(id, "right"), "vertical"),
      panel("split-down", "Split down", keys.splitDown, (id) => dock.split(id, "down"), "horizontal"),
      panel("move-next", "Move panel to the next place", keys.next, (id) => dock.move(id, 1)),
      panel("move-previous", "Move panel to the previous place", keys.previous, (id) => dock.move(id, -1)),
      panel("shift-left", "Move panel left among the tabs", keys.left, (id) => dock.shift(id, -1)),
      panel("shift-right", "Move panel right among the tabs", keys.right, (id) => dock.shift(id, 1)),
      panel("wider", "Make panel wider", keys.wider, (id) => dock.resize(id, "width", 1), "grow size"),
      panel("narrower", "Make panel narrower", keys.narrower, (id) => dock.resize(id, "width", -1), "shrink size"),
      panel("taller", "Make panel taller", keys.taller, (id) => dock.resize(id, "height", 1), "grow size"),
      panel("shorter", "Make panel shorter", keys.shorter, (id) => dock.resize(id, "height", -1), "shrink size"),
      panel("maximise", "Maximise or restore panel", keys.maximise, (id) => dock.toggleMaximised(id), "full screen"),
      {
        ...panel("rename", "Rename panel", keys.rename, rename),
        run: () => {
          const id = dock.activePanel()?.getId();
          if (id) rename(id);
        },
      },
      panel("window", "Open panel in a window", keys.window, onPopOut, "pop out detach"),
      panel("close", "Close panel", keys.close, (id) => dock.close(id)),
    ];
  }, [dock, kinds, rename, onPopOut]);
  useActions(actions);
}
