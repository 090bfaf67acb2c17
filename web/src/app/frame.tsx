// What works everywhere: the keys of actions, the palette (Ctrl+K), the sheet of keys (?), undo, and going places.

import { useNavigate } from "@tanstack/react-router";
import { CircleHelp, Compass, Search } from "lucide-react";
import { lazy, Suspense, useEffect, useMemo, useState, useSyncExternalStore } from "react";
import { useAccount } from "@/features/identity/account";
import { type Action, useActions } from "@/shared/actions/actions";
import { KeyLayer } from "@/shared/actions/keys";
import { may } from "@/shared/lib/permissions";
import { Button } from "@/shared/ui/button";
import { menuItemClass } from "@/shared/ui/disclosure";
import { Kbd } from "@/shared/ui/kbd";
import { undo, useUndo } from "@/shared/undo/undo";
import { accountNav, projectNav } from "./nav";
import { startTour, useTour } from "./tour/state";

const Palette = lazy(() => import("./palette/palette"));
const KeySheet = lazy(() => import("./palette/key-sheet"));
const Tour = lazy(() => import("./tour/tour"));

type Open = "palette" | "keys" | undefined;

let open: Open;
const watchers = new Set<() => void>();

function show(next: Open) {
  open = next;
  for (const watcher of watchers) watcher();
}

const useOpen = () =>
  useSyncExternalStore(
    (watcher) => {
      watchers.add(watcher);
      return () => watchers.delete(watcher);
    },
    () => open,
  );

/** Stands in the shell and in windows of one panel. */
export function Frame({ project, bare = false }: { project: string | undefined; bare?: boolean }) {
  const shown = useOpen();
  const tour = useTour();
  const [layer] = useState(() => new KeyLayer());
  useEffect(() => {
    document.addEventListener("keydown", layer.onKeyDownFirst, true);
    document.addEventListener("keydown", layer.onKeyDown);
    return () => {
      document.removeEventListener("keydown", layer.onKeyDownFirst, true);
      document.removeEventListener("keydown", layer.onKeyDown);
    };
  }, [layer]);
  useFrameActions(project);
  return (
    <Suspense>
      {shown === "palette" && <Palette project={project} onClose={() => show(undefined)} />}
      {shown === "keys" && <KeySheet onClose={() => show(undefined)} />}
      {tour !== undefined && !bare && <Tour project={project} />}
    </Suspense>
  );
}

function useFrameActions(project: string | undefined) {
  const navigate = useNavigate();
  const account = useAccount();
  const can = useUndo();
  const pages = useMemo(
    (): Action[] => [
      ...(project ? projectNav : []).map(
        ({ to, label, icon, keys }): Action => ({
          id: `go.${label}`,
          title: `Go to ${label}`,
          section: "Go to",
          icon,
          ...(keys && { keys }),
          run: () => void navigate({ to: to as "/projects/$project", params: { project: project ?? "" } }),
        }),
      ),
      ...accountNav
        .filter(({ permission }) => !permission || may(account, undefined, permission))
        .map(
          ({ to, label, icon, keys }): Action => ({
            id: `go.${label}`,
            title: `Go to ${label}`,
            section: "Go to",
            icon,
            ...(keys && { keys }),
            run: () => void navigate({ to: to as "/" }),
          }),
        ),
    ],
    [project, navigate, account],
  );
  useActions(pages);
  useActions(
    useMemo(
      (): Action[] => [
        {
          id: "palette.open",
          title: "Find anything",
          section: "Help",
          icon: Search,
          keys: "mod+k",
          run: () => show("palette"),
        },
        {
          id: "keys.show",
          title: "Show the keys",
          section: "Help",
          icon: CircleHelp,
          keys: "?",
          words: "shortcuts help",
          run: () => show("keys"),
        },
        {
          id: "tour.start",
          title: "Take the tour",
          section: "Help",
          icon: Compass,
          words: "help introduction",
          run: startTour,
        },
      ],
      [],
    ),
  );
  useActions(
    useMemo(
      (): Action[] => [
        {
          id: "undo",
          title: can.undo ? `Undo: ${can.undo}` : "Undo",
          section: "Edit",
          keys: "mod+z",
          disabled: !can.undo,
          run: () => void undo.undo(),
        },
        {
          id: "redo",
          title: can.redo ? `Redo: ${can.redo}` : "Redo",
          section: "Edit",
          keys: "mod+shift+z",
          disabled: !can.redo,
          run: () => void undo.redo(),
        },
      ],
      [can],
    ),
  );
}

/** In the header. */
export function SearchButton() {
  return (
    <Button
      look="quiet"
      data-tour="search"
      aria-keyshortcuts="Control+K"
      className="text-muted"
      onClick={() => show("palette")}
    >
      <Search aria-hidden className="size-4" />
      <span className="max-lg:sr-only">Find anything</span>
      <span aria-hidden className="hidden md:inline">
        <Kbd keys="mod+k" />
      </span>
    </Button>
  );
}

/** In the account menu. */
export function FrameItems({ close }: { close: () => void }) {
  const item = (label: string, Icon: typeof Search, run: () => void) => (
    <button
      type="button"
      className={menuItemClass}
      onClick={() => {
        close();
        run();
      }}
    >
      <Icon aria-hidden className="size-4" />
      {label}
    </button>
  );
  return (
    <>
      {item("Keys", CircleHelp, () => show("keys"))}
      {item("Take the tour", Compass, startTour)}
    </>
  );
}
