// The shared document of a notebook: the names in it, and every edit that people make. What the server alone writes
// (state, outputs, runs, the kernel) is only read here; an update that touched it would be refused.

import * as Y from "yjs";

export type CellType = "code" | "markdown" | "raw";
export type CellState = "idle" | "queued" | "running" | "waiting";
/** What is folded away: the input, the output, both. */
export type Collapsed = null | "i" | "o" | "b";

/** Who ran what, when and where, as the server notes it. */
export interface Run {
  id: string;
  by?: { id: string; name: string };
  source_sha256?: string;
  kernel?: string;
  incarnation?: number;
  started_at?: string | null;
  ended_at?: string | null;
  status?: "running" | "ok" | "error" | "aborted" | "interrupted" | "lost";
  duration_ms?: number | null;
  waiting_for?: { id: string; name: string };
  prompt?: string;
  password?: boolean;
}

export interface KernelState {
  name?: string;
  display_name?: string;
  language?: string;
  state: "none" | "starting" | "idle" | "busy" | "restarting" | "dead";
  incarnation?: number;
  reason?: string;
}

export interface FileState {
  name?: string;
  saved_at?: string | null;
  dirty_since?: string | null;
  error?: string | null;
  error_code?: string | null;
  version?: number;
  conflicts: readonly Conflict[];
}

/** What was changed here and in the file, each in another way. */
export interface Conflict {
  id: string;
  /** Empty: it is about the notebook as a whole. */
  cell: string;
  /** `source`: the sides are texts; else they are JSON. */
  part?: string;
  /** Of the metadata. */
  key?: string;
  /** Null: it is deleted on this side. */
  ours: unknown;
  theirs: unknown;
}

export type YCell = Y.Map<unknown>;

/** The origin of edits that `z` takes back: cells made, moved, deleted. */
export const STRUCTURE = "castalia.structure";
/** The origin of edits that are no step of their own: a cell's map, before it gets its place. */
const PREPARE = "castalia.prepare";

export const cellsOf = (doc: Y.Doc): Y.Array<string> => doc.getArray<string>("cells");
export const mapsOf = (doc: Y.Doc): Y.Map<YCell> => doc.getMap<YCell>("cell");
export const nextOf = (doc: Y.Doc): Y.Map<Y.Array<string>> => doc.getMap("np_graph");
export const childrenOf = (doc: Y.Doc): Y.Map<Y.Array<string>> => doc.getMap("pc_graph");

/** The cell with this id, if there is one. */
export function cellOf(doc: Y.Doc, id: string): YCell | undefined {
  const map = mapsOf(doc).get(id);
  return map instanceof Y.Map ? map : undefined;
}

export function sourceOf(cell: YCell | undefined): Y.Text | undefined {
  const source = cell?.get("source");
  return source instanceof Y.Text ? source : undefined;
}

/** The section that a cell is the head of, or else stands in. */
export function sectionOf(doc: Y.Doc, id: string): string | undefined {
  const children = childrenOf(doc);
  if (children.has(id)) return id;
  for (const [parent, inner] of children) if (inner instanceof Y.Array && inner.toArray().includes(id)) return parent;
  return undefined;
}

export const textOf = (cell: YCell | undefined): string => sourceOf(cell)?.toString() ?? "";

export function typeOf(cell: YCell | undefined): CellType {
  const type = cell?.get("type");
  return type === "markdown" || type === "raw" ? type : "code";
}

/** Ids in the order of the file: each once, and only of cells that are there. Two people may move the same cell. */
export function orderOf(doc: Y.Doc): string[] {
  const maps = mapsOf(doc);
  const seen = new Set<string>();
  for (const id of cellsOf(doc).toArray()) if (maps.has(id)) seen.add(id);
  return [...seen];
}

/** As nbformat wants ids: 1 to 64 of letters, digits, - and _. */
export const newCellId = (): string => crypto.randomUUID().replaceAll("-", "").slice(0, 12);

interface NewCell {
  type?: CellType;
  source?: string;
  left?: number;
  top?: number;
  width?: number;
  height?: number;
}

/** Adds a cell before position `at` of the order and answers its id. */
export function addCell(doc: Y.Doc, at: number, given: NewCell = {}): string {
  const id = newCellId();
  const { type = "code", source = "", ...place } = given;
  // Its map is no step that can be taken back: what the server wrote into it would go and come with the step.
  doc.transact(() => {
    const cell: YCell = new Y.Map();
    cell.set("id", id);
    cell.set("type", type);
    cell.set("source", new Y.Text(source));
    for (const key of ["top", "left", "width", "height"] as const) cell.set(key, place[key] ?? null);
    cell.set("collapsed", null);
    cell.set("metadata", new Y.Map());
    mapsOf(doc).set(id, cell);
  }, PREPARE);
  doc.transact(() => insertId(doc, id, at), STRUCTURE);
  return id;
}

/** Puts an id before the cell that is now at `at`. */
function insertId(doc: Y.Doc, id: string, at: number): void {
  const cells = cellsOf(doc);
  const before = orderOf(doc).filter((one) => one !== id)[at];
  const index = before === undefined ? cells.length : cells.toArray().indexOf(before);
  cells.insert(Math.max(0, index), [id]);
}

function removeId(doc: Y.Doc, id: string): void {
  const cells = cellsOf(doc);
  for (let at = cells.length - 1; at >= 0; at -= 1) if (cells.get(at) === id) cells.delete(at, 1);
}

/** Takes cells out of the order. Their maps stay, so that they come back whole, outputs included. */
export function removeCells(doc: Y.Doc, ids: readonly string[]): void {
  doc.transact(() => {
    for (const id of ids) removeId(doc, id);
  }, STRUCTURE);
}

/** Moves cells, in their order, before position `at` of the order without them. */
export function moveCells(doc: Y.Doc, ids: readonly string[], at: number): void {
  const rest = orderOf(doc).filter((id) => !ids.includes(id));
  const anchor = rest[at];
  doc.transact(() => {
    for (const id of ids) removeId(doc, id);
    const cells = cellsOf(doc);
    const index = anchor === undefined ? cells.length : cells.toArray().indexOf(anchor);
    cells.insert(Math.max(0, index), [...ids]);
  }, STRUCTURE);
}

/** Puts cells somewhere on the canvas. */
export function placeCells(doc: Y.Doc, places: Readonly<Record<string, readonly [left: number, top: number]>>): void {
  doc.transact(() => {
    for (const [id, [left, top]] of Object.entries(places)) {
      const cell = cellOf(doc, id);
      cell?.set("left", left);
      cell?.set("top", top);
    }
  }, STRUCTURE);
}

/** Gives a cell a size on the canvas; null: as large as what is in it. */
export function sizeCell(doc: Y.Doc, id: string, width: number | null, height: number | null): void {
  const cell = cellOf(doc, id);
  doc.transact(() => {
    cell?.set("width", width);
    cell?.set("height", height);
  }, STRUCTURE);
}

export function setType(doc: Y.Doc, id: string, type: CellType): void {
  const cell = cellOf(doc, id);
  if (cell && typeOf(cell) !== type) doc.transact(() => cell.set("type", type), STRUCTURE);
}

/** Splits a cell in two at a position of its source and answers the new cell's id. */
export function splitCell(doc: Y.Doc, id: string, at: number): string | undefined {
  const cell = cellOf(doc, id);
  const source = sourceOf(cell);
  if (!cell || !source) return undefined;
  const text = source.toString();
  const head = text.slice(0, at).replace(/\n$/, "");
  const made = addCell(doc, orderOf(doc).indexOf(id) + 1, {
    type: typeOf(cell),
    source: text.slice(at).replace(/^\n/, ""),
  });
  doc.transact(() => source.delete(head.length, text.length - head.length), STRUCTURE);
  return made;
}

/** Joins a cell with the one below it. */
export function mergeBelow(doc: Y.Doc, id: string): void {
  const order = orderOf(doc);
  const below = order[order.indexOf(id) + 1];
  const source = sourceOf(cellOf(doc, id));
  if (!below || !source) return;
  const text = textOf(cellOf(doc, below));
  doc.transact(() => {
    source.insert(source.length, `\n${text}`);
    removeId(doc, below);
  }, STRUCTURE);
}

export function setCollapsed(doc: Y.Doc, id: string, collapsed: Collapsed): void {
  cellOf(doc, id)?.set("collapsed", collapsed);
}

/** What the clipboard of cells holds. */
export interface CellCopy {
  type: CellType;
  source: string;
}

export const copyOf = (doc: Y.Doc, id: string): CellCopy => {
  const cell = cellOf(doc, id);
  return { type: typeOf(cell), source: textOf(cell) };
};

export function kernelOf(doc: Y.Doc): KernelState {
  const kernel = doc.getMap("kernel").toJSON() as Partial<KernelState>;
  return { ...kernel, state: kernel.state ?? "none" };
}

/** The language of code cells: what the kernel says, else what the file says. */
export function languageOf(doc: Y.Doc): string {
  const metadata = doc.getMap("meta").get("metadata");
  const said = (key: string): Record<string, unknown> =>
    Object((metadata instanceof Y.Map ? metadata.get(key) : undefined) ?? {});
  const names = [kernelOf(doc).language, said("language_info").name, said("kernelspec").language];
  return names.map((name) => (typeof name === "string" ? name : "")).find((name) => name !== "") ?? "python";
}

export function fileOf(doc: Y.Doc): FileState {
  const file = doc.getMap("file").toJSON() as Partial<FileState>;
  return { ...file, conflicts: Array.isArray(file.conflicts) ? file.conflicts : [] };
}

/** Mends the whole text of a cell by the smallest change, so that cursors of others stay where they are. */
export function setSource(doc: Y.Doc, id: string, text: string): void {
  const source = sourceOf(cellOf(doc, id));
  if (!source) return;
  const before = source.toString();
  let head = 0;
  while (head < before.length && head < text.length && before[head] === text[head]) head += 1;
  let tail = 0;
  const most = Math.min(before.length, text.length) - head;
  while (tail < most && before[before.length - 1 - tail] === text[text.length - 1 - tail]) tail += 1;
  doc.transact(() => {
    source.delete(head, before.length - head - tail);
    source.insert(head, text.slice(head, text.length - tail));
  }, STRUCTURE);
}
