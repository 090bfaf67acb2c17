// What is arranged in the workbench, and everything that can be done to it, by mouse, menu or key alike. FlexLayout's
// model is what is shown; our tree is what is kept. Each change that can be taken back goes to the undo list.

import { Actions, DockLocation, Model, Orientation, RowNode, TabNode, TabSetNode } from "flexlayout-react";
import type { MenuItem, Settings } from "@/shared/panels/panel";
import { didWithNotice } from "@/shared/undo/notice";
import { type Change, undo } from "@/shared/undo/undo";
import { fromModel, type TabConfig, tab, toModel } from "./adapter";
import { type Layout, newId, type Rect, sameLayout, type WindowPlace, withSettingsOf } from "./tree";

export type Axis = "width" | "height";

interface Options {
  /** Names a kind of panel. */
  titleOf: (widget: string) => string;
  /** Called after each change by this person. */
  onChange: (layout: Layout) => void;
}

/** Why the next change of the model happens, for the undo list. */
interface Why {
  title: string;
  /** Said in a notice with an Undo button. */
  notice?: string;
  merge?: string;
}

const LESS = 1 / 1.25;
const MORE = 1.25;

/** What FlexLayout does by itself, in words. */
const ownActions: Record<string, string> = {
  [Actions.MOVE_NODE]: "Move of a panel",
  [Actions.ADJUST_WEIGHTS]: "Change of size",
  [Actions.DELETE_TABSET]: "Closing of panels",
};

/** Always the same, so that nothing seems to have changed. */
const noSettings: Settings = {};

export class Dock {
  #model!: Model;
  #layout!: Layout;
  #options: Options;
  #why: Why | undefined;
  #watchers = new Set<() => void>();
  #mine = new WeakSet<Change>();
  /** What panels contribute while they are shown, by the id of their tab. */
  #menus = new Map<string, readonly MenuItem[]>();
  #titles = new Map<string, string>();
  /** Grows with everything that must be drawn again around the panels. */
  version = 0;

  constructor(layout: Layout, options: Options) {
    this.#options = options;
    this.show(layout);
  }

  get model(): Model {
    return this.#model;
  }

  get layout(): Layout {
    return this.#layout;
  }

  watch = (watcher: () => void): (() => void) => {
    this.#watchers.add(watcher);
    return () => this.#watchers.delete(watcher);
  };

  /** Shows another arrangement; panels that are in both stay as they are. */
  show(layout: Layout): void {
    this.#model = Model.fromJson(toModel(layout, this.#options.titleOf), this.#model);
    this.#layout = fromModel(this.#model.toJson(), layout.windows);
    this.#model.addChangeListener({ onAfterAction: (action) => this.#changed(action.type, action.data) });
    this.#tell();
  }

  /** Shows another arrangement as a change of this person. */
  replace(layout: Layout, title: string): void {
    const before = this.#layout;
    this.show(layout);
    this.#note(before, { title });
  }

  /** Forgets what can be taken back. */
  dispose(): void {
    undo.forget((change) => this.#mine.has(change));
  }

  /** All tab sets, from left to right and top to bottom. */
  sets(): TabSetNode[] {
    const sets: TabSetNode[] = [];
    this.#model.visitNodes((node) => {
      if (node instanceof TabSetNode) sets.push(node);
    });
    return sets;
  }

  activeSet(): TabSetNode | undefined {
    return this.#model.getMaximizedTabset() ?? this.#model.getActiveTabset() ?? this.#model.getFirstTabSet();
  }

  activePanel(): TabNode | undefined {
    return this.activeSet()?.getSelectedNode();
  }

  find(id: string): TabNode | undefined {
    const node = this.#model.getNodeById(id);
    return node instanceof TabNode ? node : undefined;
  }

  /** The name that a person gave a panel. */
  nameOf(node: TabNode): string | undefined {
    return (node.getConfig() as TabConfig | undefined)?.name;
  }

  titleOf(node: TabNode): string {
    return this.nameOf(node) ?? this.#titles.get(node.getId()) ?? this.#options.titleOf(node.getComponent() ?? "");
  }

  settingsOf(node: TabNode): Settings {
    return (node.getConfig() as TabConfig | undefined)?.settings ?? noSettings;
  }

  menuOf(id: string): readonly MenuItem[] {
    return this.#menus.get(id) ?? [];
  }

  setMenu(id: string, items: readonly MenuItem[]): void {
    if (items.length === 0 && !this.#menus.has(id)) return;
    if (items.length > 0) this.#menus.set(id, items);
    else this.#menus.delete(id);
    this.#tell();
  }

  setTitle(id: string, title: string | undefined): void {
    if (this.#titles.get(id) === title) return;
    if (title) this.#titles.set(id, title);
    else this.#titles.delete(id);
    this.#tell();
  }

  setSettings(id: string, settings: Settings): void {
    const node = this.find(id);
    if (!node) return;
    const config = { ...(node.getConfig() as TabConfig), settings };
    this.#model.doAction(Actions.updateNodeAttributes(id, { config }));
  }

  /** Adds a panel; it comes to the front. Answers its id. */
  add(widget: string, settings: Settings = {}, set = this.activeSet()): string {
    const id = newId();
    const title = this.#options.titleOf(widget);
    this.#do(
      { title: `New panel ${title}` },
      Actions.addTab(
        tab({ id, widget, settings }, this.#options.titleOf),
        set?.getId() ?? this.#model.getRootRow()?.getId() ?? "",
        DockLocation.CENTER,
        -1,
        true,
      ),
    );
    return id;
  }

  /** Brings a panel with these very settings to the front, or adds it. Answers its id. */
  reveal(widget: string, settings: Settings): string {
    const wanted = JSON.stringify(settings);
    const tabs = this.sets().flatMap((set) => set.getTabNodes());
    const known = tabs.find(
      (node) => node.getComponent() === widget && JSON.stringify(this.settingsOf(node)) === wanted,
    );
    if (!known) return this.add(widget, settings);
    this.select(known.getId());
    this.activate(known.getId());
    return known.getId();
  }

  /** Makes the place of a panel the one that keys act on. */
  activate(id: string): void {
    const set = this.find(id)?.getParent();
    if (set instanceof TabSetNode && !set.isActive()) this.#model.doAction(Actions.setActiveTabset(set.getId()));
  }

  close(id: string): void {
    const node = this.find(id);
    if (!node) return;
    const title = this.titleOf(node);
    this.#do({ title: `Closing of ${title}`, notice: `${title} was closed.` }, Actions.deleteTab(id));
  }

  /** Closes a place with all its panels. */
  closeSet(id: string): void {
    const set = this.#model.getNodeById(id);
    if (!(set instanceof TabSetNode)) return;
    const names = set.getTabNodes().map((node) => this.titleOf(node));
    const why = names.length > 0 ? `${names.join(", ")} closed.` : undefined;
    this.#do({ title: "Closing of panels", ...(why && { notice: why }) }, Actions.deleteTabset(id));
  }

  /** An empty name gives the panel's own name back. */
  rename(id: string, name: string): void {
    const node = this.find(id);
    if (!node) return;
    const own = name.trim().slice(0, 120);
    const config: TabConfig = { settings: this.settingsOf(node), ...(own && { name: own }) };
    const shown = own || this.#options.titleOf(node.getComponent() ?? "");
    this.#do({ title: "New name of a panel" }, Actions.updateNodeAttributes(id, { name: shown, config }));
  }

  select(id: string): void {
    this.#model.doAction(Actions.selectTab(id));
  }

  /** Puts a panel beside or below the others of its set; one that is alone gets an empty place there. */
  split(id: string, where: "right" | "down"): void {
    const node = this.find(id);
    const set = node?.getParent();
    if (!(set instanceof TabSetNode)) return;
    const location = where === "right" ? DockLocation.RIGHT : DockLocation.BOTTOM;
    if (set.getTabNodes().length > 1) {
      this.#do({ title: "Split" }, Actions.moveNode(id, set.getId(), location, -1));
      return;
    }
    const widget = where === "right" ? "HorizontalSplit" : "VerticalSplit";
    const beside = (at: Layout["root"]): Layout["root"] => {
      if (at.id === set.getId()) {
        const { weight, ...rest } = at;
        const children = [rest, { id: newId(), widget: "Empty" }];
        return { id: newId(), widget, children, ...(weight !== undefined && { weight }) };
      }
      return at.children ? { ...at, children: at.children.map(beside) } : at;
    };
    this.replace({ ...this.#layout, root: beside(this.#layout.root) }, "Split");
  }

  /** Moves a panel into the next (1) or the previous (-1) set. */
  move(id: string, by: 1 | -1): void {
    const sets = this.sets();
    const at = sets.findIndex((set) => set.getTabNodes().some((node) => node.getId() === id));
    const target = sets[(at + by + sets.length) % sets.length];
    if (at < 0 || !target || target === sets[at]) return;
    this.#do({ title: "Move of a panel" }, Actions.moveNode(id, target.getId(), DockLocation.CENTER, -1, true));
  }

  /** Moves a panel among the tabs of its set. */
  shift(id: string, by: 1 | -1): void {
    const set = this.find(id)?.getParent();
    if (!(set instanceof TabSetNode)) return;
    const tabs = set.getTabNodes();
    const from = tabs.findIndex((node) => node.getId() === id);
    const to = from + by;
    if (to < 0 || to >= tabs.length) return;
    // The index is counted with the tab still in its place.
    const index = by > 0 ? to + 1 : to;
    this.#do({ title: "Move of a panel" }, Actions.moveNode(id, set.getId(), DockLocation.CENTER, index, true));
  }

  /** Makes the place of a panel larger or smaller, at the cost of its neighbours. Answers whether it could. */
  resize(id: string, axis: Axis, by: 1 | -1): boolean {
    const wanted = axis === "width" ? Orientation.HORZ : Orientation.VERT;
    let child = this.find(id)?.getParent();
    let row = child?.getParent();
    while (row && !(row instanceof RowNode && row.getOrientation() === wanted && row.getChildren().length > 1)) {
      child = row;
      row = row.getParent();
    }
    if (!(row instanceof RowNode)) return false;
    const weights = row.getChildren().map((node) => {
      const weight = (node as RowNode | TabSetNode).getWeight();
      return node === child ? weight * (by > 0 ? MORE : LESS) : weight;
    });
    this.#do({ title: "Change of size", merge: `size ${row.getId()}` }, Actions.adjustWeights(row.getId(), weights));
    return true;
  }

  toggleMaximised(id: string): void {
    const set = this.find(id)?.getParent();
    if (set instanceof TabSetNode) this.#model.doAction(Actions.maximizeToggle(set.getId()));
  }

  /** Takes a panel out of the dock into the list of windows. */
  popOut(id: string, rect: Rect): WindowPlace | undefined {
    const node = this.find(id);
    if (!node) return undefined;
    const { settings, name } = node.getConfig() as TabConfig;
    const window: WindowPlace = { id, widget: node.getComponent() ?? "", rect, settings, ...(name && { name }) };
    this.#layout = { ...this.#layout, windows: [...this.#layout.windows, window] };
    this.#do({ title: `Window for ${this.titleOf(node)}` }, Actions.deleteTab(id));
    return window;
  }

  /** Puts a panel from the list of windows back into the dock. */
  dockBack(id: string): void {
    const window = this.#layout.windows.find((one) => one.id === id);
    if (!window) return;
    this.#layout = { ...this.#layout, windows: this.#layout.windows.filter((one) => one.id !== id) };
    const set = this.activeSet()?.getId() ?? this.#model.getRootRow()?.getId() ?? "";
    const json = tab(window, this.#options.titleOf);
    this.#do({ title: "Window back into the workbench" }, Actions.addTab(json, set, DockLocation.CENTER, -1, true));
  }

  /** What a window says of itself. */
  setWindow(id: string, change: Partial<Pick<WindowPlace, "rect" | "settings">>): void {
    const windows = this.#layout.windows.map((one) => (one.id === id ? { ...one, ...change } : one));
    this.#keep({ ...this.#layout, windows });
  }

  forgetWindow(id: string): void {
    const before = this.#layout;
    const window = before.windows.find((one) => one.id === id);
    if (!window) return;
    const title = window.name ?? this.#options.titleOf(window.widget);
    this.show({ ...before, windows: before.windows.filter((one) => one.id !== id) });
    this.#note(before, { title: `Removal of ${title}`, notice: `The window ${title} was removed.` });
  }

  #do(why: Why, action: Parameters<Model["doAction"]>[0]): void {
    this.#why = why;
    try {
      this.#model.doAction(action);
    } finally {
      this.#why = undefined;
    }
  }

  /** After each action on the model, whoever caused it. */
  #changed(type: string, data: Record<string, unknown>): void {
    const before = this.#shown;
    this.#layout = fromModel(this.#model.toJson(), this.#layout.windows);
    const own = ownActions[type];
    const why = this.#why ?? (own ? { title: own, merge: `${type} ${data.nodeId ?? ""}` } : undefined);
    // A move is never one with the next; only sizes are changed in many steps.
    if (why && type !== Actions.ADJUST_WEIGHTS) delete why.merge;
    this.#note(before, why);
    this.#tell();
  }

  /** The layout as it was last told. */
  #shown!: Layout;

  #note(before: Layout, why: Why | undefined): void {
    const after = this.#layout;
    if (sameLayout(before, after)) return;
    if (why) {
      const change: Change = {
        title: why.title,
        undo: () => this.#restore(before),
        redo: () => this.#restore(after),
        ...(why.merge && { merge: why.merge }),
      };
      this.#mine.add(change);
      if (why.notice) didWithNotice(why.notice, change);
      else undo.did(change);
    }
    this.#shown = after;
    this.#options.onChange(after);
  }

  #restore(layout: Layout): void {
    this.show(withSettingsOf(layout, this.#layout));
    this.#options.onChange(this.#layout);
  }

  #keep(layout: Layout): void {
    const before = this.#layout;
    if (sameLayout(before, layout)) return;
    this.#layout = layout;
    this.#tell();
    this.#options.onChange(layout);
  }

  #tell(): void {
    this.#shown = this.#layout;
    this.version += 1;
    for (const watcher of this.#watchers) watcher();
  }
}
