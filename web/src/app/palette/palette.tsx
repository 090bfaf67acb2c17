// Ctrl+K: everything that can be done here, and everywhere one can go. A combobox over a list, in the browser's own
// dialog: the focus stays in the field, the arrows move through the list.

import { useEffect, useId, useMemo, useRef, useState } from "react";
import { type Action, bySection, current } from "@/shared/actions/actions";
import { Kbd } from "@/shared/ui/kbd";
import { usePlaces } from "./places";
import { recent, remember } from "./recent";
import { score } from "./score";

/** As many as can be looked through. */
const SHOWN = 60;

interface Props {
  project: string | undefined;
  onClose: () => void;
}

export default function Palette({ project, onClose }: Props) {
  const [needle, setNeedle] = useState("");
  const [at, setAt] = useState(0);
  const dialog = useRef<HTMLDialogElement>(null);
  const list = useRef<HTMLDivElement>(null);
  const id = useId();
  const [actions] = useState(() => current().filter((action) => !action.disabled && action.id !== "palette.open"));
  const [lately] = useState(recent);
  const { places, loading } = usePlaces(project);

  useEffect(() => {
    const element = dialog.current;
    element?.showModal();
    return () => element?.close();
  }, []);

  const found = useMemo(() => sorted([...actions, ...places], needle, lately), [actions, places, needle, lately]);
  const sections = bySection(found);
  // In the order in which they stand on screen.
  const flat = sections.flatMap(([, items]) => items);
  const active = flat[Math.min(at, flat.length - 1)];

  useEffect(() => {
    if (active) list.current?.querySelector("[aria-selected=true]")?.scrollIntoView({ block: "nearest" });
  }, [active]);

  const choose = (action: Action | undefined) => {
    if (!action) return;
    remember(action.id);
    onClose();
    // After the dialog has given the focus back: what runs may take it.
    setTimeout(action.run);
  };
  const optionId = (action: Action) => `${id}-${action.id}`;

  return (
    <dialog
      ref={dialog}
      aria-label="Find anything"
      className="mx-auto mt-[12vh] w-[40rem] max-w-[calc(100vw-2rem)] rounded-lg border border-line bg-surface text-ink shadow-xl"
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
      onClick={(event) => event.target === event.currentTarget && onClose()}
      onKeyDown={(event) => {
        if (event.key === "k" && (event.ctrlKey || event.metaKey)) {
          event.preventDefault();
          onClose();
        }
      }}
    >
      <div className="flex max-h-[70vh] flex-col">
        <input
          role="combobox"
          aria-label="What do you want to do, or where to go?"
          aria-expanded
          aria-controls={`${id}-list`}
          aria-activedescendant={active && optionId(active)}
          aria-autocomplete="list"
          autoComplete="off"
          spellCheck={false}
          placeholder="Find an action, a page, a process, data…"
          className="min-h-12 w-full border-b border-line bg-surface px-4 outline-none placeholder:text-muted"
          autoFocus
          value={needle}
          onChange={(event) => {
            setNeedle(event.target.value);
            setAt(0);
          }}
          onKeyDown={(event) => {
            const last = flat.length - 1;
            const now = Math.min(at, last);
            const to = { ArrowDown: now + 1, ArrowUp: now - 1, PageDown: now + 8, PageUp: now - 8 }[event.key];
            if (to !== undefined) {
              event.preventDefault();
              const round = event.key.startsWith("Arrow");
              setAt(to > last ? (round ? 0 : last) : to < 0 ? (round ? last : 0) : to);
            } else if (event.key === "Enter" && !event.nativeEvent.isComposing) {
              event.preventDefault();
              choose(active);
            }
          }}
        />
        <div ref={list} id={`${id}-list`} role="listbox" aria-label="Found" className="min-h-0 overflow-auto p-1.5">
          {sections.map(([section, items]) => (
            // biome-ignore lint/a11y/useSemanticElements: a group of options in a list box
            <div key={section} role="group" aria-label={section}>
              <div aria-hidden className="px-2.5 pt-2 pb-1 text-xs font-medium text-muted">
                {section}
              </div>
              {items.map((action) => {
                const Icon = action.icon;
                return (
                  // biome-ignore lint/a11y/useKeyWithClickEvents: the field above has the focus and the keys
                  // biome-ignore lint/a11y/useFocusableInteractive: likewise
                  <div
                    key={action.id}
                    id={optionId(action)}
                    role="option"
                    aria-selected={action === active}
                    className="flex min-h-9 cursor-pointer items-center gap-3 rounded-md px-2.5 py-1 text-sm aria-selected:bg-accent-soft"
                    onClick={() => choose(action)}
                    onPointerMove={() => action !== active && setAt(flat.indexOf(action))}
                  >
                    {Icon ? (
                      <Icon aria-hidden className="size-4 shrink-0 text-muted" />
                    ) : (
                      <span className="w-4 shrink-0" />
                    )}
                    <span className="min-w-0 flex-1 truncate">{action.title}</span>
                    {action.keys && (
                      <span aria-hidden>
                        <Kbd keys={action.keys} />
                      </span>
                    )}
                  </div>
                );
              })}
            </div>
          ))}
        </div>
        <p role="status" className={flat.length > 0 ? "sr-only" : "px-4 pb-6 text-sm text-muted"}>
          {flat.length > 0 ? `${flat.length} found` : loading ? "Looking…" : `Nothing is called “${needle}”.`}
        </p>
      </div>
    </dialog>
  );
}

/** The best first; without a needle what was chosen lately, then what can be done. */
function sorted(all: readonly Action[], needle: string, lately: readonly string[]): Action[] {
  if (needle.trim() === "") {
    const known = lately.flatMap((id) => all.filter((action) => action.id === id)).slice(0, 5);
    const rest = all.filter((action) => !known.includes(action));
    return [...known.map((action) => ({ ...action, section: "Lately" })), ...rest].slice(0, SHOWN);
  }
  return all
    .map((action) => ({ action, points: score(action, needle) + (lately.includes(action.id) ? 0.5 : 0) }))
    .filter(({ action }) => score(action, needle) > 0)
    .sort((a, b) => b.points - a.points)
    .slice(0, SHOWN)
    .map(({ action }) => action);
}
