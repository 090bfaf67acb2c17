// The cells one below the other, with Jupyter's keys.

import { Code, NotebookPen, Type } from "lucide-react";
import {
  type KeyboardEvent,
  memo,
  startTransition,
  useEffect,
  useMemo,
  useRef,
  useState,
  useSyncExternalStore,
} from "react";
import { Button } from "@/shared/ui/button";
import { Empty } from "@/shared/ui/empty";
import { useOpen } from "../context";
import { useOrder } from "../model/store";
import { Cell } from "./cell";
import { onDragEnd, onDragOver, onDrop } from "./drop";
import { useActive } from "./focus";
import { CommandKeys } from "./keys";
import { Sights, SightsContext } from "./sight";

/** More than a window shows; the others follow when these are painted. */
const FIRST = 40;

export const ListView = memo(function ListView({ onRestart }: { onRestart: () => void }) {
  const { session, focus, commands, mayEdit } = useOpen();
  const order = useOrder(session.store);
  const onKeys = useCommandKeys(onRestart);
  const active = useActive(focus);
  const [sights, setSights] = useState<Sights>();
  const box = useRef<HTMLDivElement>(null);
  const [all, setAll] = useState(false);
  useEffect(() => startTransition(() => setAll(true)), []);
  useEffect(() => {
    if (!box.current) return;
    const made = new Sights(box.current);
    setSights(made);
    return () => made.close();
  }, []);

  // Others see where one is.
  useEffect(() => session.present("cell", active ?? null), [session, active]);
  useEffect(() => session.present("view", "list"), [session]);

  const synced = useSyncExternalStore(session.provider.watch, () => session.provider.state.synced);
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: it hears the keys of its cells
    <div
      ref={box}
      className="h-full min-h-0 overflow-auto"
      onKeyDown={onKeys}
      onDragOver={onDragOver}
      onDragLeave={onDragEnd}
      onDragEnd={onDragEnd}
      onDrop={(event) => onDrop(event, commands)}
      data-cells={order.length}
    >
      <div className="nb-list">
        <h2 className="sr-only">Cells</h2>
        {order.length === 0 && synced && (
          <Empty
            icon={NotebookPen}
            title="No cells yet"
            action={
              mayEdit && (
                <Button look="primary" onClick={() => commands.add("end", "code", true)}>
                  Write the first cell
                </Button>
              )
            }
          >
            {mayEdit
              ? "A cell holds code that the kernel runs, or words in Markdown. Everybody who is here sees it as you write."
              : "Nobody has written a cell yet. You see it here as soon as somebody does."}
          </Empty>
        )}
        <SightsContext value={sights}>
          {(all ? order : order.slice(0, FIRST)).map((id, index) => (
            <Cell key={id} id={id} index={index} />
          ))}
        </SightsContext>
        {mayEdit && order.length > 0 && (
          <div className="nb-add">
            <Button look="quiet" onClick={() => commands.add("end", "code", true)}>
              <Code aria-hidden className="size-4" />
              Add code
            </Button>
            <Button look="quiet" onClick={() => commands.add("end", "markdown", true)}>
              <Type aria-hidden className="size-4" />
              Add Markdown
            </Button>
          </div>
        )}
      </div>
    </div>
  );
});

/** Keys of the command mode, for what has the focus itself: a field in a cell keeps its own. */
export function useCommandKeys(onRestart: () => void) {
  const { commands, focus } = useOpen();
  const restart = useRef(onRestart);
  restart.current = onRestart;
  const keys = useMemo(() => new CommandKeys({ commands, focus, restart: () => restart.current() }), [commands, focus]);
  return (event: KeyboardEvent) => {
    const target = event.target as HTMLElement;
    if (event.defaultPrevented || !target.matches("[data-cell]")) return;
    if (keys.press(event)) {
      event.preventDefault();
      event.stopPropagation();
    }
  };
}
