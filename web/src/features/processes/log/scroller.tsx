// A box that scrolls over any number of lines and holds only those in sight. Browsers cannot make an element as high
// as a million lines, so what is scrolled is a place among the lines, and the scroll bar shows it to scale. Lines may
// be higher than one row: they are set from the topmost one downwards, and the last one never leaves the bottom.

import {
  type KeyboardEvent,
  type ReactNode,
  type Ref,
  useEffect,
  useImperativeHandle,
  useLayoutEffect,
  useRef,
  useState,
} from "react";

export const ROW = 20;
/** Higher than this no browser goes safely. */
const HIGHEST = 12_000_000;

export interface Scroller {
  /** Brings a line into sight, a third from the top unless it is there already. */
  show: (index: number) => void;
  /** The topmost line in sight. */
  top: () => number;
  focus: () => void;
}

interface Props {
  handle: Ref<Scroller>;
  label: string;
  count: number;
  wrap: boolean;
  /** Whether it stays at the end. */
  following: boolean;
  onFollow: (following: boolean) => void;
  onKeyDown?: (event: KeyboardEvent) => void;
  render: (index: number) => ReactNode;
  /** Stands there instead of lines. */
  children?: ReactNode;
}

export function LineScroller(props: Props) {
  const { handle, label, count, wrap, following, onFollow, onKeyDown, render, children } = props;
  const box = useRef<HTMLElement>(null);
  const block = useRef<HTMLDivElement>(null);
  const [height, setHeight] = useState(400);
  /** The line at the top, with its fraction. */
  const [place, setPlace] = useState(0);
  /** Where the box was scrolled to by us. */
  const own = useRef(-1);

  const rows = height / ROW;
  const most = Math.max(0, count - (wrap ? 1 : rows));
  const tall = Math.min(HIGHEST, most * ROW + height);
  const scale = tall > height ? (most * ROW) / (tall - height) : 1;
  const at = following ? most : Math.min(place, most);
  // Whoever lets go of the end stays where it was.
  if (following && place !== most) setPlace(most);
  const top = Math.floor(at);
  const first = Math.max(0, top - (wrap ? Math.ceil(rows) : 2));
  const last = Math.min(count, top + Math.ceil(rows) + 3);
  const now = useRef({ at, most, rows, scale });
  now.current = { at, most, rows, scale };

  function go(to: number) {
    const next = Math.max(0, Math.min(now.current.most, to));
    setPlace(next);
    onFollow(next >= now.current.most && now.current.most > 0);
  }

  useImperativeHandle(handle, () => ({
    show(index) {
      const { at, rows } = now.current;
      onFollow(false);
      setPlace(index >= at + 1 && index <= at + rows - 3 ? at : Math.max(0, index - Math.floor(rows / 3)));
    },
    top: () => Math.floor(now.current.at),
    focus: () => box.current?.focus(),
  }));

  useEffect(() => {
    const element = box.current;
    if (!element) return;
    const observer = new ResizeObserver(() => setHeight(Math.max(ROW, element.clientHeight)));
    observer.observe(element);
    return () => observer.disconnect();
  }, []);

  // To scale, a turn of the wheel would leap over lines.
  useEffect(() => {
    const element = box.current;
    if (!element) return;
    const onWheel = (event: WheelEvent) => {
      if (now.current.scale <= 1 || event.ctrlKey || event.deltaY === 0) return;
      event.preventDefault();
      const unit = event.deltaMode === 0 ? 1 : event.deltaMode === 1 ? ROW : now.current.rows * ROW;
      go(now.current.at + (event.deltaY * unit) / ROW);
    };
    element.addEventListener("wheel", onWheel, { passive: false });
    return () => element.removeEventListener("wheel", onWheel);
  });

  useLayoutEffect(() => {
    const [element, lines] = [box.current, block.current];
    if (!element || !lines) return;
    const target = (at * ROW) / scale;
    if (Math.abs(element.scrollTop - target) > 1) {
      element.scrollTop = target;
      own.current = element.scrollTop;
    }
    const anchor = lines.children[top - first] as HTMLElement | undefined;
    const above = anchor ? anchor.offsetTop + (at - top) * anchor.offsetHeight : 0;
    let shift = -above;
    // No empty space below the last line, unless everything fits.
    if (last === count && shift + lines.offsetHeight < height) shift = Math.min(0, height - lines.offsetHeight);
    if (first > 0 || shift < 0) lines.style.transform = `translateY(${shift}px)`;
    else lines.style.transform = "";
  });

  function onScroll() {
    const element = box.current;
    if (!element) return;
    // The answer to our own step.
    if (Math.abs(element.scrollTop - own.current) <= 1) {
      own.current = -1;
      return;
    }
    const target = (now.current.at * ROW) / scale;
    if (Math.abs(element.scrollTop - target) <= 1) return;
    const end = element.scrollTop >= element.scrollHeight - element.clientHeight - 2;
    setPlace(end ? most : Math.min(most, (element.scrollTop * scale) / ROW));
    onFollow(end);
  }

  function onKeys(event: KeyboardEvent) {
    onKeyDown?.(event);
    if (event.defaultPrevented || event.altKey || event.target !== box.current) return;
    const { at, most, rows } = now.current;
    const targets: Record<string, number> = {
      ArrowUp: at - 1,
      ArrowDown: at + 1,
      PageUp: at - rows + 1,
      PageDown: at + rows - 1,
      Home: 0,
      End: most,
    };
    const to = targets[event.key];
    if (to === undefined) return;
    event.preventDefault();
    go(to);
  }

  return (
    <section
      ref={box}
      aria-label={label}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: a box that scrolls must take the focus to be scrolled by keys
      tabIndex={0}
      onScroll={onScroll}
      onKeyDown={onKeys}
      className="terminal min-h-0 flex-1 overflow-auto rounded-lg border border-line font-mono text-[13px] leading-[20px]"
    >
      {children}
      <div className={wrap ? "w-full" : "w-max min-w-full"} style={{ height: count === 0 ? 0 : tall }}>
        <div className="sticky top-0 overflow-y-clip" style={{ height: count === 0 ? 0 : height }}>
          <div ref={block}>{Array.from({ length: Math.max(0, last - first) }, (_, row) => render(first + row))}</div>
        </div>
      </div>
    </section>
  );
}
