// CSV (RFC 4180) and its tab-separated sister, in pieces; and back, for the clipboard.

import type { Parser } from "./sequence";

/** More characters of a cell are not kept: a missing quote would make the rest of a file one cell. */
const CELL = 10_000;

export function csvParser(delimiter: string): Parser<string[]> {
  const decoder = new TextDecoder();
  let row: string[] = [];
  let cell = "";
  let quoted = false;
  /** A quote was just read inside quotes: the end of them, or half of a doubled one. */
  let half = false;
  /** A carriage return was just read: a line feed behind it belongs to it. */
  let returned = false;
  let any = false;
  const special = delimiter === "\t" ? /["\t\r\n]/g : /[",\r\n]/g;
  return {
    push(bytes, last) {
      const rows: string[][] = [];
      const text = decoder.decode(bytes, { stream: !last });
      const add = (part: string) => {
        if (cell.length < CELL) cell += part.slice(0, CELL - cell.length);
        any ||= part !== "";
      };
      const endCell = () => {
        row.push(cell);
        cell = "";
        half = false;
      };
      const endRow = () => {
        if (any || row.length > 0) {
          endCell();
          rows.push(row);
        }
        row = [];
        any = false;
      };
      let at = 0;
      while (at < text.length) {
        special.lastIndex = at;
        const next = special.exec(text);
        const end = next?.index ?? text.length;
        if (end > at) {
          if (half) {
            half = false;
            quoted = false;
          }
          returned = false;
          add(text.slice(at, end));
        }
        if (!next) break;
        const [character] = next;
        at = end + 1;
        if (character === '"') {
          any = true;
          if (half) {
            half = false;
            add('"');
          } else if (quoted) half = true;
          else if (cell === "") quoted = true;
          else add('"');
          continue;
        }
        if (half) {
          half = false;
          quoted = false;
        }
        if (quoted) add(character);
        else if (character === delimiter) {
          any = true;
          endCell();
        } else if (character === "\r") {
          returned = true;
          endRow();
          continue;
        } else if (!returned) endRow();
        returned = false;
      }
      if (last) endRow();
      return rows;
    },
  };
}

/** What a spreadsheet would run as a formula: all that begins like one and is no number. */
const FORMULA = /^[=+\-@\t\r]/;
const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;

/**
 * Rows as tab-separated text for the clipboard. It goes into a spreadsheet, which would run a cell such as
 * `=HYPERLINK(…)` that somebody else wrote: such cells get an apostrophe in front, as spreadsheets themselves mark text.
 * The download gives the file as it is.
 */
export function clipboardText(rows: readonly (readonly string[])[]): string {
  const harmless = (cell: string) => (FORMULA.test(cell) && !NUMBER.test(cell) ? `'${cell}` : cell);
  const word = (cell: string) => {
    const text = harmless(cell);
    return /["\t\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  };
  return rows.map((row) => row.map(word).join("\t")).join("\n");
}
