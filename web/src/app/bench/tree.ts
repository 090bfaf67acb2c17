// The layout of a workbench: a tree of our own, so that what is saved outlives the library that shows it.
//
// A split has children side by side (`HorizontalSplit`) or one above the other (`VerticalSplit`), a `TabSet` has
// panels behind tabs, `Empty` is a place for them. Every other widget is a kind of panel. Weights are relative to the
// other children of a split. `windows` are panels in windows of their own.

import type { Settings } from "@/shared/panels/panel";

export interface LayoutNode {
  id: string;
  widget: string;
  children?: LayoutNode[];
  weight?: number;
  /** Of a panel: what it remembers, and the name that a person gave its tab. */
  settings?: Settings;
  name?: string;
  /** Of a tab set: the tab in front, and whether it fills the workbench. */
  selected?: number;
  maximised?: boolean;
}

export interface Rect {
  x: number;
  y: number;
  width: number;
  height: number;
}

export interface WindowPlace {
  id: string;
  widget: string;
  rect: Rect;
  settings: Settings;
  name?: string;
}

export interface Layout {
  v: 1;
  root: LayoutNode;
  windows: WindowPlace[];
}

/** Why something is no layout. */
export class BadLayout extends Error {
  override readonly name = "BadLayout";
}

const DEPTH = 16;
const NODES = 300;

export const isSplit = (widget: string) => widget === "HorizontalSplit" || widget === "VerticalSplit";
export const isPanel = (widget: string) => !isSplit(widget) && widget !== "TabSet" && widget !== "Empty";

export const newId = () => crypto.randomUUID().slice(0, 8);

/** Reads what claims to be a layout: from the server, an older release, or a person's editor. */
export function readLayout(value: unknown): Layout {
  if (!isObject(value)) throw new BadLayout("it is no object");
  if (value.v !== 1)
    throw new BadLayout(`its version is ${JSON.stringify(value.v) ?? "missing"}, and this release reads 1`);
  const ids = new Set<string>();
  const id = (given: unknown) => {
    // Two equal ids would be one panel; the second gets a new one.
    const own = typeof given === "string" && given !== "" && !ids.has(given) ? given : newId();
    ids.add(own);
    if (ids.size > NODES) throw new BadLayout(`it has more than ${NODES} parts`);
    return own;
  };
  const root = readNode(value.root, 0, id);
  const windows = value.windows ?? [];
  if (!Array.isArray(windows)) throw new BadLayout("its windows are no list");
  return {
    v: 1,
    root: root.widget === "Empty" || root.widget === "TabSet" || isSplit(root.widget) ? root : inTabs(root),
    windows: windows.map((window) => readWindow(window, id)),
  };
}

function readNode(value: unknown, depth: number, id: (given: unknown) => string): LayoutNode {
  if (!isObject(value)) throw new BadLayout("a part of it is no object");
  if (depth > DEPTH) throw new BadLayout(`it is nested deeper than ${DEPTH} levels`);
  const { widget, children, weight, settings, name, selected } = value;
  if (typeof widget !== "string" || !/^[A-Za-z][A-Za-z0-9]{0,63}$/.test(widget)) {
    throw new BadLayout("a part of it does not say which widget it is");
  }
  const node: LayoutNode = { id: id(value.id), widget };
  if (typeof weight === "number" && Number.isFinite(weight) && weight > 0) node.weight = weight;
  if (isPanel(widget)) {
    if (children !== undefined) throw new BadLayout(`the panel ${widget} has children`);
    if (isObject(settings)) node.settings = settings;
    if (typeof name === "string" && name.trim() !== "") node.name = name.slice(0, 120);
    return node;
  }
  if (widget === "Empty") return node;
  if (!Array.isArray(children)) throw new BadLayout(`${widget} has no children`);
  node.children = children.map((child) => readNode(child, depth + 1, id));
  if (widget === "TabSet") {
    if (node.children.some((child) => !isPanel(child.widget)))
      throw new BadLayout("a tab set has something but panels");
    const last = node.children.length - 1;
    node.selected = Math.min(Math.max(Number.isInteger(selected) ? Number(selected) : 0, 0), Math.max(last, 0));
    if (value.maximised === true) node.maximised = true;
  } else if (node.children.length === 0) throw new BadLayout("a split has no children");
  return node;
}

function readWindow(value: unknown, id: (given: unknown) => string): WindowPlace {
  if (!isObject(value)) throw new BadLayout("a window of it is no object");
  const { widget, rect, settings, name } = value;
  if (typeof widget !== "string" || !isPanel(widget)) throw new BadLayout("a window of it shows no panel");
  return {
    id: id(value.id),
    widget,
    rect: readRect(rect),
    settings: isObject(settings) ? settings : {},
    ...(typeof name === "string" && name !== "" && { name }),
  };
}

/** Windows from other screens: at least large enough to be seen and used. */
function readRect(value: unknown): Rect {
  const number = (given: unknown, usual: number) => (Number.isFinite(given) ? Math.round(Number(given)) : usual);
  const rect = isObject(value) ? value : {};
  return {
    x: number(rect.x, 80),
    y: number(rect.y, 80),
    width: Math.max(number(rect.width, 800), 240),
    height: Math.max(number(rect.height, 600), 160),
  };
}

/** A panel alone stands in a tab set of its own. */
export function inTabs(panel: LayoutNode): LayoutNode {
  const { weight, ...rest } = panel;
  return { id: newId(), widget: "TabSet", children: [rest], selected: 0, ...(weight !== undefined && { weight }) };
}

/** All panels, from left to right and top to bottom. */
export function panelsOf(node: LayoutNode): LayoutNode[] {
  return isPanel(node.widget) ? [node] : (node.children ?? []).flatMap(panelsOf);
}

/** `node` with each panel changed by `change`. */
export function mapPanels(node: LayoutNode, change: (panel: LayoutNode) => LayoutNode): LayoutNode {
  if (isPanel(node.widget)) return change(node);
  return node.children ? { ...node, children: node.children.map((child) => mapPanels(child, change)) } : node;
}

/** An earlier arrangement with what the panels remember now: taking back a move does not take back their settings. */
export function withSettingsOf(earlier: Layout, now: Layout): Layout {
  const settings = new Map([...panelsOf(now.root), ...now.windows].map((panel) => [panel.id, panel.settings] as const));
  const current = <P extends { id: string; settings?: Settings }>(panel: P): P => {
    const own = settings.get(panel.id);
    return own ? { ...panel, settings: own } : panel;
  };
  return { ...earlier, root: mapPanels(earlier.root, current), windows: earlier.windows.map(current) };
}

/** Equal arrangement: the same text when written. */
export const sameLayout = (a: Layout, b: Layout) => JSON.stringify(a) === JSON.stringify(b);

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
