// Text in lines. A line beyond all measure is folded, so that no single row is too much for the browser.

import type { Parser } from "./sequence";

export interface Line {
  text: string;
  /** Counted from 1; absent for what is left of a folded line. */
  number?: number;
}

const FOLD = 2000;

export function lineParser(): Parser<Line> {
  const decoder = new TextDecoder();
  let rest = "";
  let count = 0;
  return {
    push(bytes, last) {
      const found: Line[] = [];
      const add = (text: string) => {
        count += 1;
        found.push({ text: text.slice(0, FOLD), number: count });
        for (let at = FOLD; at < text.length; at += FOLD) found.push({ text: text.slice(at, at + FOLD) });
      };
      const parts = (rest + decoder.decode(bytes, { stream: !last })).split(/\r\n|\n|\r(?=[^\n])/);
      rest = parts.pop() ?? "";
      for (const part of parts) add(part);
      if (last && (rest !== "" || count === 0)) add(rest.replace(/\r$/, ""));
      return found;
    },
  };
}
