// Reading a large file from its beginning, as far as one scrolls: blocks of bytes go through a parser, what comes out
// is kept. Memory is bounded; beyond it there is the download.

import { useCallback, useEffect, useReducer, useRef } from "react";
import { readBytes } from "../queries";

export interface Parser<T> {
  /** What is complete with these bytes. */
  push: (bytes: Uint8Array, last: boolean) => T[];
}

const FIRST = 256 << 10;
const BLOCK = 1 << 20;
/** The most that is read for a look. */
export const LIMIT = 48 << 20;

interface State<T> {
  items: T[];
  offset: number;
  loading: boolean;
  error: unknown;
}

export interface Sequence<T> {
  items: readonly T[];
  /** Bytes that were read. */
  read: number;
  /** Everything has been read. */
  whole: boolean;
  /** It was not, but no more will be. */
  stopped: boolean;
  loading: boolean;
  error: unknown;
  /** Reads on. */
  more: () => void;
}

export function useSequence<T>(id: string, size: number, parser: () => Parser<T>): Sequence<T> {
  const [, redraw] = useReducer((count: number) => count + 1, 0);
  const state = useRef<State<T>>({ items: [], offset: 0, loading: false, error: undefined });
  const run = useRef<{ parser: Parser<T>; stop: AbortController }>(undefined);

  const more = useCallback(async () => {
    const { current } = state;
    const { parser, stop } = run.current ?? {};
    if (!parser || !stop || current.loading || current.offset >= Math.min(size, LIMIT)) return;
    current.loading = true;
    current.error = undefined;
    redraw();
    try {
      const end = Math.min(size, current.offset + (current.offset === 0 ? FIRST : BLOCK));
      const bytes = await readBytes(id, current.offset, end, stop.signal);
      for (const item of parser.push(bytes, end >= size)) current.items.push(item);
      current.offset = end;
    } catch (error) {
      if (stop.signal.aborted) return;
      current.error = error;
    }
    current.loading = false;
    redraw();
  }, [id, size]);

  // biome-ignore lint/correctness/useExhaustiveDependencies: a parser is made once for each file
  useEffect(() => {
    const stop = new AbortController();
    state.current = { items: [], offset: 0, loading: false, error: undefined };
    run.current = { parser: parser(), stop };
    if (size === 0) redraw();
    else void more();
    return () => stop.abort();
  }, [id, size, more]);

  const { items, offset, loading, error } = state.current;
  const whole = offset >= size;
  return {
    items,
    read: offset,
    whole,
    stopped: !whole && offset >= LIMIT,
    loading,
    error,
    more: useCallback(() => void more(), [more]),
  };
}
