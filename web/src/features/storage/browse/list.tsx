import { Link } from "@tanstack/react-router";
import { useVirtualizer } from "@tanstack/react-virtual";
import { type KeyboardEvent, useEffect, useRef, useState } from "react";
import { ago, bytes, moment } from "@/shared/lib/format";
import { mediaWord } from "@/shared/lib/media";
import { shownName } from "../shown-text";
import type { Item } from "./listing";

const ROW = 38;

interface Props {
  /** The project's name, for addresses. */
  project: string;
  items: readonly Item[];
  shown: string | undefined;
  onShow: (id: string) => void;
  ticked: ReadonlySet<string>;
  onTick: (ids: ReadonlySet<string>) => void;
  onDelete: ((items: readonly Item[]) => void) | undefined;
  hasMore: boolean;
  loadingMore: boolean;
  more: () => void;
}

/**
 * The list. A name is a link to the page of its own, so that it can be opened in another tab; a plain click shows it
 * beside the list. Arrows move, Enter shows, Space ticks, Delete deletes.
 */
export function DataList(props: Props) {
  const { items, shown, ticked, onTick, hasMore, more } = props;
  const box = useRef<HTMLDivElement>(null);
  const [active, setActive] = useState(0);
  const at = Math.min(active, Math.max(0, items.length - 1));
  const rows = useVirtualizer({
    count: items.length,
    getScrollElement: () => box.current,
    estimateSize: () => ROW,
    overscan: 12,
  });
  const visible = rows.getVirtualItems();
  const last = visible.at(-1)?.index ?? 0;
  useEffect(() => {
    if (hasMore && last >= items.length - 30) more();
  }, [hasMore, more, last, items.length]);

  // What was chosen elsewhere comes into sight, once it is listed.
  const found = shown !== undefined && items.some(({ id }) => id === shown);
  const { current: latest } = useRef({ items });
  latest.items = items;
  useEffect(() => {
    if (found) rows.scrollToIndex(latest.items.findIndex(({ id }) => id === shown));
  }, [found, shown, rows, latest]);

  function focus(index: number) {
    const next = Math.max(0, Math.min(items.length - 1, index));
    setActive(next);
    rows.scrollToIndex(next);
    // A row that was out of sight is drawn first.
    requestAnimationFrame(() => box.current?.querySelector<HTMLElement>(`[data-row="${next}"] a`)?.focus());
  }

  function tick(item: Item) {
    const next = new Set(ticked);
    if (!next.delete(item.id)) next.add(item.id);
    onTick(next);
  }

  function onKey(event: KeyboardEvent) {
    if (event.ctrlKey || event.metaKey || event.altKey || !(event.target instanceof HTMLAnchorElement)) return;
    const page = Math.max(1, Math.floor((box.current?.clientHeight ?? ROW) / ROW) - 2);
    const moves: Record<string, number> = {
      ArrowDown: at + 1,
      ArrowUp: at - 1,
      PageDown: at + page,
      PageUp: at - page,
      Home: 0,
      End: items.length - 1,
    };
    const item = items[at];
    const move = moves[event.key];
    if (move !== undefined) focus(move);
    else if (event.key === " " && item) tick(item);
    else if (event.key === "Delete" && item && props.onDelete) {
      props.onDelete(ticked.size > 0 ? items.filter(({ id }) => ticked.has(id)) : [item]);
    } else return;
    event.preventDefault();
  }

  const all = items.length > 0 && items.every(({ id }) => ticked.has(id));
  const before = visible[0]?.start ?? 0;
  const after = rows.getTotalSize() - (visible.at(-1)?.end ?? 0);
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: it only hears what happens to the links inside
    <div ref={box} onKeyDown={onKey} className="card @container min-h-0 flex-1 overflow-auto">
      <table className="w-full table-fixed border-collapse text-left text-sm" aria-rowcount={items.length + 1}>
        <caption className="sr-only">Files. Arrows move, Enter shows, Space ticks.</caption>
        <thead className="sticky top-0 z-10 bg-surface shadow-[0_1px_0_var(--color-line)]">
          <tr className="h-9 text-muted [&_th]:font-medium">
            <th scope="col" className="w-9 pl-3">
              <input
                type="checkbox"
                className="size-4 align-middle accent-accent"
                aria-label="Tick all that are listed"
                checked={all}
                onChange={() => onTick(all ? new Set() : new Set(items.map(({ id }) => id)))}
              />
            </th>
            <th scope="col" className="px-2">
              Name
            </th>
            <th scope="col" className="hidden w-32 px-2 @md:table-cell">
              Type
            </th>
            <th scope="col" className="w-20 px-2 text-right">
              Size
            </th>
            <th scope="col" className="hidden w-32 px-3 @lg:table-cell">
              Made
            </th>
          </tr>
        </thead>
        <tbody>
          {before > 0 && <Gap height={before} />}
          {visible.map(({ index }) => {
            const item = items[index];
            if (!item) return null;
            return (
              <Row
                key={item.id}
                project={props.project}
                item={item}
                index={index}
                shown={item.id === shown}
                reachable={index === at}
                ticked={ticked.has(item.id)}
                onTick={() => tick(item)}
                onFocus={() => setActive(index)}
                onShow={() => props.onShow(item.id)}
              />
            );
          })}
          {after > 0 && <Gap height={after} />}
        </tbody>
      </table>
      {props.loadingMore && (
        <p role="status" className="p-2 text-center text-sm text-muted">
          Loading more…
        </p>
      )}
    </div>
  );
}

/** Stands for the rows that are out of sight. */
function Gap({ height }: { height: number }) {
  return (
    <tr aria-hidden>
      <td colSpan={5} className="p-0" style={{ height }} />
    </tr>
  );
}

interface RowProps {
  project: string;
  item: Item;
  index: number;
  shown: boolean;
  reachable: boolean;
  ticked: boolean;
  onTick: () => void;
  onFocus: () => void;
  onShow: () => void;
}

function Row({ project, item, index, shown, reachable, ticked, onTick, onFocus, onShow }: RowProps) {
  const name = shownName(item.name);
  // Outputs of several processes often have the same name.
  const { process_name } = item as { process_name?: string | null };
  const producer = process_name && shownName(process_name);
  return (
    <tr
      data-row={index}
      aria-rowindex={index + 2}
      className={`h-[38px] border-b border-line ${shown ? "bg-accent-soft" : "hover:bg-hover"}`}
    >
      <td className="pl-3">
        <input
          type="checkbox"
          className="size-4 align-middle accent-accent"
          aria-label={`Tick ${name}`}
          tabIndex={reachable ? 0 : -1}
          checked={ticked}
          onChange={onTick}
        />
      </td>
      <td className="truncate px-2">
        <Link
          className="rounded underline-offset-2 hover:underline"
          to="/projects/$project/data/$data"
          params={{ project, data: item.id }}
          preload={false}
          tabIndex={reachable ? 0 : -1}
          aria-current={shown || undefined}
          title={name}
          onFocus={onFocus}
          onClick={(event) => {
            if (event.ctrlKey || event.metaKey || event.shiftKey || event.button !== 0) return;
            event.preventDefault();
            onShow();
          }}
        >
          {name}
        </Link>
        {producer && <span className="ml-2 text-muted">{producer}</span>}
        {"partial" in item && item.partial && <span className="ml-2 text-warn">unfinished</span>}
      </td>
      <td className="hidden truncate px-2 text-muted @md:table-cell">{mediaWord(item.media_type)}</td>
      <td className="truncate px-2 text-right tabular-nums">{bytes(item.size)}</td>
      <td className="hidden truncate px-3 text-muted @lg:table-cell" title={moment(item.created_at)}>
        {ago(item.created_at)}
      </td>
    </tr>
  );
}
