import { Link2 } from "lucide-react";
import { type KeyboardEvent, useCallback, useEffect, useMemo, useRef, useState } from "react";
import { useActions } from "@/shared/actions/actions";
import { plural } from "@/shared/lib/format";
import { type MenuItem, type Settings, usePanelMenu } from "@/shared/panels/panel";
import { toast } from "@/shared/ui/toast";
import { shownText } from "./ansi";
import { LineRow } from "./line-row";
import { ERROR, has, isKind, isOf, type Kind, levelOf } from "./lines";
import { PAGE } from "./pages";
import type { Scan, Test } from "./scan";
import { LineScroller, type Scroller } from "./scroller";
import { type Log, useLog } from "./source";
import { Toolbar } from "./toolbar";
import { useScan } from "./use-scan";

interface Props {
  log: Log;
  /** The line to begin with, from 1. */
  line?: number | undefined;
  /** What is remembered: kind of lines, wrapping, times. */
  settings: Settings;
  onSettings: (next: Settings) => void;
  /** Told which line is marked, from 1. */
  onLine?: (line: number | undefined) => void;
  /** Further items for the panel's menu. */
  menu?: readonly MenuItem[];
}

/** Lines that can be copied at once. */
const MOST_COPIED = 100_000;
const none: readonly MenuItem[] = [];

/** The value as it stood still for a moment. */
function useCalm<T>(value: T): T {
  const [calm, setCalm] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setCalm(value), 200);
    return () => clearTimeout(timer);
  }, [value]);
  return calm;
}

/** Where a block of errors begins: a traceback is one place to go to. */
function beginnings(): Test {
  let previous = -2;
  return (_text, kind, index) => {
    if (levelOf(kind) !== ERROR) return false;
    const first = previous !== index - 1;
    previous = index;
    return first;
  };
}

export default function LogView(props: Props) {
  const { log, settings, onSettings, onLine, menu = none } = props;
  const source = useLog(log);
  const { pages } = source;
  const box = useRef<Scroller>(null);
  const find = useRef<HTMLInputElement>(null);

  const kind: Kind = isKind(settings.kind) ? settings.kind : "all";
  const wrap = settings.wrap === true;
  const times = settings.times === true;
  const [filterText, setFilterText] = useState("");
  const [searchText, setSearchText] = useState("");
  const filter = useCalm(filterText).trim().toLowerCase();
  const search = useCalm(searchText).toLowerCase();
  const [finding, setFinding] = useState(false);
  const openFind = useCallback(() => {
    setFinding(true);
    // It may only now come into sight.
    requestAnimationFrame(() => {
      find.current?.focus();
      find.current?.select();
    });
  }, []);
  const [wantsErrors, setWantsErrors] = useState(false);
  const [following, setFollowing] = useState(props.line === undefined);
  /** First and last line that are marked, from 0. */
  const [marked, setMarked] = useState<[number, number] | undefined>(() =>
    props.line === undefined ? undefined : [props.line - 1, props.line - 1],
  );

  const fails = useCallback((error: unknown) => toast.error(error, "The log was not searched"), []);
  const makeFilter = useMemo(() => {
    if (filter === "" && kind === "all") return undefined;
    return (): Test => (text, line) => isOf(kind, line) && (filter === "" || has(text, filter));
  }, [filter, kind]);
  const makeSearch = useMemo(() => {
    if (search === "") return undefined;
    const filtered = makeFilter?.();
    return (): Test => (text, line, index) => has(text, search) && (!filtered || filtered(text, line, index));
  }, [search, makeFilter]);
  const shown = useScan(source, makeFilter, fails);
  const hits = useScan(source, makeSearch, fails);
  const errors = useScan(source, wantsErrors ? beginnings : undefined, fails);
  const filtered = makeFilter !== undefined;
  const count = filtered ? (shown?.length ?? 0) : pages.total;
  const indexOf = (row: number) => (filtered ? (shown?.place(row) ?? 0) : row);
  const rowOf = (index: number) => (filtered ? (shown?.before(index) ?? 0) : index);

  const show = (index: number) => box.current?.show(rowOf(index));
  function mark(index: number, to = index) {
    setMarked([index, to]);
    onLine?.(index + 1);
  }

  // The line that the address names, once it is there.
  const [awaited, setAwaited] = useState(props.line);
  useEffect(() => {
    if (awaited === undefined || pages.total < awaited) return;
    box.current?.show(awaited - 1);
    setAwaited(undefined);
  }, [awaited, pages.total]);

  const from = () => marked?.[0] ?? indexOf(box.current?.top() ?? 0) - 1;
  /** Goes to the next or the previous of what a search has found, around the end. */
  function step(scan: Scan | undefined, by: 1 | -1) {
    if (!scan || scan.length === 0) return;
    const here = from();
    const after = by === 1 ? scan.before(here + 1) : scan.before(here) - 1;
    const index = scan.place((after + scan.length) % scan.length);
    mark(index);
    show(index);
  }

  // The first press begins to look for errors; it goes to one when the whole log was looked at, or one was passed.
  const [pending, setPending] = useState<1 | -1>();
  function stepError(by: 1 | -1) {
    setWantsErrors(true);
    setPending(by);
  }
  const ready = errors && (errors.done || (pending === 1 && errors.before(from() + 1) < errors.length));
  // biome-ignore lint/correctness/useExhaustiveDependencies: it waits for the search only
  useEffect(() => {
    if (!pending || !ready) return;
    setPending(undefined);
    if (errors.length === 0) toast.done("There is no error in this log");
    else step(errors, pending);
  }, [pending, ready]);

  // What came after one let go of the end.
  const left = useRef(0);
  left.current = following ? pages.total : Math.max(left.current, source.known);

  async function copy() {
    if (!marked) return;
    const [begin, end] = [Math.min(...marked), Math.min(Math.max(...marked), Math.min(...marked) + MOST_COPIED - 1)];
    const lines: string[] = [];
    for (let index = begin; index <= end; index += 1) {
      if (pages.line(index) === undefined) await pages.page(Math.floor(index / PAGE));
      lines.push(shownText(pages.line(index)?.text ?? ""));
    }
    await navigator.clipboard.writeText(`${lines.join("\n")}\n`);
    toast.done(`${plural(lines.length, "line")} copied`);
  }

  function onKeys(event: KeyboardEvent) {
    const ctrl = event.ctrlKey || event.metaKey;
    if (ctrl && event.key.toLowerCase() === "f") openFind();
    else if (event.key === "F3") step(hits, event.shiftKey ? -1 : 1);
    else if (event.key === "F8") stepError(event.shiftKey ? -1 : 1);
    else if (ctrl && event.key.toLowerCase() === "c" && marked && getSelection()?.isCollapsed !== false) void copy();
    else return;
    event.preventDefault();
  }

  const set = (change: Settings) => onSettings({ ...settings, ...change });
  // What the keys, the palette and the menu call is always of now.
  const does = { step, stepError, copy, set };
  const now = useRef(does);
  now.current = does;
  const line = marked?.[0];
  const items = useMemo<readonly MenuItem[]>(
    () => [
      ...menu,
      { id: "wrap", label: "Wrap long lines", checked: wrap, run: () => now.current.set({ wrap: !wrap }) },
      { id: "times", label: "Show times", checked: times, run: () => now.current.set({ times: !times }) },
      { id: "next-error", label: "Next error", run: () => now.current.stepError(1) },
      { id: "previous-error", label: "Previous error", run: () => now.current.stepError(-1) },
      { id: "copy", label: "Copy marked lines", disabled: line === undefined, run: () => void now.current.copy() },
      ...(log.link
        ? [
            {
              id: "link",
              label: line === undefined ? "Copy a link to the marked line" : `Copy a link to line ${line + 1}`,
              icon: Link2,
              disabled: line === undefined,
              run: () => {
                if (line !== undefined && log.link) void navigator.clipboard.writeText(log.link(line + 1));
              },
            },
          ]
        : []),
      { id: "download", label: "Download the log", run: log.download },
    ],
    [menu, wrap, times, line, log],
  );
  usePanelMenu(items);
  useActions(
    useMemo(
      () => [
        ...items
          .filter(({ id }) => id !== "pin")
          .map(({ id, label, disabled, run }) => ({
            id: `log.${id}`,
            title: label,
            section: "Log",
            ...(disabled !== undefined && { disabled }),
            run,
          })),
        {
          id: "log.follow",
          title: following ? "Stop following the end" : "Follow the end",
          section: "Log",
          run: () => setFollowing(!following),
        },
        { id: "log.find", title: "Search in the log", section: "Log", run: openFind },
      ],
      [items, following, openFind],
    ),
  );

  const onNumber = useRef((_index: number, _extend: boolean) => {});
  onNumber.current = (index, extend) => mark(extend && marked ? marked[0] : index, index);
  const number = useCallback((index: number, extend: boolean) => onNumber.current(index, extend), []);
  const digits = Math.max(3, String(pages.total).length);
  const [low, high] = marked ? [Math.min(...marked), Math.max(...marked)] : [-1, -2];
  const fresh = count - rowOf(left.current);
  const scans = [shown, hits, errors].filter((scan) => scan !== undefined);
  const busy = (filtered && !shown) || scans.some((scan) => !scan.done);
  const looked = Math.min(...scans.map((scan) => scan.looked));

  return (
    <section aria-label="Log" className="@container flex h-full min-h-0 flex-col gap-2" onKeyDown={onKeys}>
      <Toolbar
        find={find}
        finding={finding}
        onFind={openFind}
        filter={filterText}
        onFilter={setFilterText}
        kind={kind}
        onKind={(kind) => set({ kind })}
        search={searchText}
        onSearch={setSearchText}
        hits={hits?.length}
        hit={hits && marked ? hits.before(marked[0] + 1) : 0}
        onStep={(by) => step(hits, by)}
        onError={stepError}
        errors={errors?.done ? errors.length : undefined}
        wrap={wrap}
        onWrap={(wrap) => set({ wrap })}
        times={times}
        onTimes={(times) => set({ times })}
        following={following}
        onFollow={setFollowing}
        onDownload={log.download}
        onLeave={() => {
          setFinding(false);
          box.current?.focus();
        }}
        status={
          (filtered ? `${count.toLocaleString()} of ${plural(pages.total, "line")}` : plural(pages.total, "line")) +
          (busy && pages.total > PAGE ? `, ${Math.floor((100 * looked) / pages.total)}% searched` : "") +
          (!source.complete && !log.ended ? ", live" : "")
        }
      />
      {source.refused && (
        <p role="alert" className="text-danger">
          {source.refused}
        </p>
      )}
      <div className="relative flex min-h-0 flex-1 flex-col">
        <LineScroller
          handle={box}
          label={`Lines of the log${filtered ? " that match" : ""}`}
          count={count}
          wrap={wrap}
          following={following}
          onFollow={setFollowing}
          render={(row) => {
            const index = indexOf(row);
            return (
              <LineRow
                key={index}
                index={index}
                line={pages.line(index)}
                wrap={wrap}
                times={times}
                digits={digits}
                needle={search || filter}
                marked={index >= low && index <= high}
                onNumber={number}
              />
            );
          }}
        >
          {count === 0 && !busy && !source.refused && (
            <p className="terminal-dim p-3">{nothing(source.complete, log, filtered && pages.total > 0)}</p>
          )}
        </LineScroller>
        {!following && fresh > 0 && (
          <button
            type="button"
            className="absolute bottom-4 left-1/2 -translate-x-1/2 rounded-full border border-[#6fdfd6] bg-[#10181b] px-3 py-1 text-sm text-[#e3eaea] shadow-lg hover:bg-[#22424a]"
            onClick={() => setFollowing(true)}
          >
            {plural(fresh, "new line")} ↓
          </button>
        )}
      </div>
    </section>
  );
}

function nothing(complete: boolean, log: Log, filtered: boolean): string {
  if (filtered) return "No line matches.";
  if (complete) return "It wrote nothing.";
  return log.waits ? "It waits for its turn; the log begins when it starts." : "Nothing yet.";
}
