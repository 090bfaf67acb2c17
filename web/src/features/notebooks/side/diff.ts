// What changed between two states of a notebook: by cell, and within a cell by line.

export interface CellText {
  id: string;
  type: string;
  text: string;
}

export interface Line {
  kind: "same" | "added" | "removed";
  text: string;
}

export interface CellDiff {
  id: string;
  kind: "same" | "added" | "removed" | "changed" | "moved";
  lines: readonly Line[];
}

/** Larger pairs are told as removed and added as a whole. */
const MOST = 4_000_000;

/** The shortest way from one text to another, by lines. */
export function lineDiff(before: string, after: string): Line[] {
  const [a, b] = [before.split("\n"), after.split("\n")];
  const whole = (kind: Line["kind"], lines: readonly string[]) => lines.map((text): Line => ({ kind, text }));
  if (a.length * b.length > MOST) return [...whole("removed", a), ...whole("added", b)];
  const width = b.length + 1;
  const longest = new Uint32Array((a.length + 1) * width);
  const at = (i: number, j: number) => longest[i * width + j] ?? 0;
  for (let i = a.length - 1; i >= 0; i -= 1) {
    for (let j = b.length - 1; j >= 0; j -= 1) {
      longest[i * width + j] = a[i] === b[j] ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1));
    }
  }
  const lines: Line[] = [];
  let [i, j] = [0, 0];
  while (i < a.length || j < b.length) {
    if (i < a.length && j < b.length && a[i] === b[j]) {
      lines.push({ kind: "same", text: a[i] ?? "" });
      i += 1;
      j += 1;
    } else if (i < a.length && (j >= b.length || at(i + 1, j) >= at(i, j + 1))) {
      lines.push({ kind: "removed", text: a[i] ?? "" });
      i += 1;
    } else {
      lines.push({ kind: "added", text: b[j] ?? "" });
      j += 1;
    }
  }
  return lines;
}

/** Cells in the order of the later state, those that are gone where they were. */
export function cellDiff(before: readonly CellText[], after: readonly CellText[]): CellDiff[] {
  const old = new Map(before.map((cell) => [cell.id, cell]));
  const now = new Set(after.map(({ id }) => id));
  const kept = before.filter(({ id }) => now.has(id)).map(({ id }) => id);
  const keptNow = after.filter(({ id }) => old.has(id)).map(({ id }) => id);
  const moved = new Set(keptNow.filter((id, at) => kept[at] !== id));
  const gone = (from: number): CellDiff[] => {
    const found: CellDiff[] = [];
    for (let at = from; at < before.length; at += 1) {
      const cell = before[at];
      if (!cell || now.has(cell.id)) break;
      found.push({
        id: cell.id,
        kind: "removed",
        lines: lineDiff(cell.text, "").filter(({ kind }) => kind === "removed"),
      });
    }
    return found;
  };
  const result = gone(0);
  for (const { id, text, type } of after) {
    const was = old.get(id);
    if (!was) {
      result.push({ id, kind: "added", lines: text.split("\n").map((line) => ({ kind: "added", text: line })) });
      continue;
    }
    const same = was.text === text && was.type === type;
    const lines = same ? [] : lineDiff(was.text, text);
    result.push({ id, kind: same ? (moved.has(id) ? "moved" : "same") : "changed", lines });
    result.push(...gone(before.indexOf(was) + 1));
  }
  return result;
}

const texts = (value: unknown): string =>
  Array.isArray(value) ? value.join("") : typeof value === "string" ? value : "";

/** The cells of an .ipynb. */
export function cellsOfFile(content: unknown): CellText[] {
  const { cells } = (content ?? {}) as { cells?: unknown };
  if (!Array.isArray(cells)) return [];
  return cells.map((cell: { id?: unknown; cell_type?: unknown; source?: unknown }, at) => ({
    id: typeof cell?.id === "string" ? cell.id : `cell ${at}`,
    type: typeof cell?.cell_type === "string" ? cell.cell_type : "code",
    text: texts(cell?.source),
  }));
}
