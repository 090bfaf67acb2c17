// Our layout tree as FlexLayout's model, and back. There, rows change direction with each level; here, a split says its
// direction, so a row with one child disappears and a split within one of its own direction is taken apart.

import type { IJsonModel, IJsonRowNode, IJsonTabNode, IJsonTabSetNode } from "flexlayout-react";
import type { Settings } from "@/shared/panels/panel";
import { type Layout, type LayoutNode, newId, type WindowPlace } from "./tree";

/** What we keep in a tab's `config`. */
export interface TabConfig {
  settings: Settings;
  /** The name a person gave; else the tab is named by its panel. */
  name?: string;
}

const SMALLEST = 120;

const global: IJsonModel["global"] = {
  tabEnableRename: true,
  tabEnablePopout: false,
  tabEnableScrollbars: false,
  tabSetMinWidth: SMALLEST,
  tabSetMinHeight: 80,
  enableEdgeDock: true,
};

const vertical = (node: LayoutNode) => node.widget === "VerticalSplit";

/** @param titleOf names the tab of a panel without a name of its own */
export function toModel(layout: Layout, titleOf: (widget: string) => string): IJsonModel {
  const upright = vertical(layout.root);
  const layoutRow = row(layout.root, upright, titleOf);
  return { global: { ...global, rootOrientationVertical: upright }, layout: layoutRow };
}

/** A row of this direction that shows `node`. */
function row(node: LayoutNode, upright: boolean, titleOf: (widget: string) => string): IJsonRowNode {
  const split = node.widget === "HorizontalSplit" || node.widget === "VerticalSplit";
  const children = split && vertical(node) === upright ? flat(node, upright) : [node];
  return {
    type: "row",
    ...(split && { id: node.id }),
    ...(node.weight !== undefined && { weight: node.weight }),
    children: children.map((child) =>
      child.widget === "TabSet" || child.widget === "Empty"
        ? tabSet(child, titleOf)
        : child.children
          ? row(child, !upright, titleOf)
          : tabSet({ id: newId(), widget: "TabSet", children: [child], ...weightOf(child) }, titleOf),
    ),
  };
}

const weightOf = ({ weight }: LayoutNode) => (weight === undefined ? {} : { weight });

/** The children of a split, those of splits of the same direction among them in their place. */
function flat(node: LayoutNode, upright: boolean): LayoutNode[] {
  return (node.children ?? []).flatMap((child) => {
    if (!child.children || child.widget === "TabSet" || vertical(child) !== upright) return [child];
    const inner = flat(child, upright);
    const total = inner.reduce((sum, { weight = 100 }) => sum + weight, 0);
    return inner.map((one) => ({ ...one, weight: ((child.weight ?? 100) * (one.weight ?? 100)) / total }));
  });
}

function tabSet(node: LayoutNode, titleOf: (widget: string) => string): IJsonTabSetNode {
  return {
    type: "tabset",
    id: node.id,
    ...weightOf(node),
    ...(node.maximised && { maximized: true }),
    selected: node.children?.length ? (node.selected ?? 0) : -1,
    // An empty place stays until somebody closes it.
    ...(node.widget === "Empty" && { enableDeleteWhenEmpty: false }),
    children: (node.children ?? []).map((panel) => tab(panel, titleOf)),
  };
}

/** A panel as a tab. */
export function tab(panel: LayoutNode, titleOf: (widget: string) => string): IJsonTabNode {
  const config: TabConfig = { settings: panel.settings ?? {}, ...(panel.name && { name: panel.name }) };
  return {
    type: "tab",
    id: panel.id,
    component: panel.widget,
    name: panel.name ?? titleOf(panel.widget),
    config,
  };
}

export function fromModel(model: IJsonModel, windows: WindowPlace[]): Layout {
  const upright = model.global?.rootOrientationVertical === true;
  return { v: 1, root: fromRow(model.layout, upright), windows };
}

function fromRow(row: IJsonRowNode, upright: boolean): LayoutNode {
  const children = (row.children ?? []).map((child) =>
    child.type === "row" ? fromRow(child as IJsonRowNode, !upright) : fromTabSet(child as IJsonTabSetNode),
  );
  const [only] = children;
  if (!only) return { id: row.id ?? newId(), widget: "Empty", ...weightOfJson(row) };
  if (children.length === 1) {
    const { weight: _, ...rest } = only;
    return { ...rest, ...weightOfJson(row) };
  }
  return {
    id: row.id ?? newId(),
    widget: upright ? "VerticalSplit" : "HorizontalSplit",
    ...weightOfJson(row),
    children,
  };
}

/** The model leaves the usual weight out. */
const weightOfJson = ({ weight }: { weight?: number }) =>
  weight === undefined ? {} : { weight: Math.round(weight * 1000) / 1000 };

function fromTabSet(set: IJsonTabSetNode): LayoutNode {
  const tabs = (set.children ?? []) as IJsonTabNode[];
  const base = { id: set.id ?? newId(), ...weightOfJson(set) };
  if (tabs.length === 0) return { ...base, widget: "Empty" };
  return {
    ...base,
    widget: "TabSet",
    selected: Math.max(set.selected ?? 0, 0),
    ...(set.maximized && { maximised: true }),
    children: tabs.map((tab) => {
      const { settings = {}, name } = (tab.config ?? {}) as Partial<TabConfig>;
      return {
        id: tab.id ?? newId(),
        widget: tab.component ?? "Unknown",
        ...(Object.keys(settings).length > 0 && { settings }),
        ...(name && { name }),
      };
    }),
  };
}
