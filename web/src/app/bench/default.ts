// The workbench of somebody who has arranged nothing: the graph over the log, the editor over plot and map.

import type { PanelKind } from "@/shared/panels/panel";
import type { Layout, LayoutNode } from "./tree";

const plan = {
  left: [["FlowView", "DatasetBrowser"], ["ProcessLog"]],
  right: [["ProcessEditor"], ["PlotView", "MapView"]],
} as const;

/** Only with panels that there are and that may be seen. */
export function defaultLayout(kinds: readonly PanelKind[]): Layout {
  const has = (id: string) => kinds.some((kind) => kind.id === id);
  const column = (name: "left" | "right"): LayoutNode | undefined => {
    const sets = plan[name].flatMap((wanted, at): LayoutNode[] => {
      const children = wanted.filter(has).map((widget) => ({ id: `default-${widget}`, widget }));
      return children.length === 0 ? [] : [{ id: `default-${name}-${at}`, widget: "TabSet", selected: 0, children }];
    });
    return sets.length < 2 ? sets[0] : { id: `default-${name}`, widget: "VerticalSplit", children: sets };
  };
  const columns = [column("left"), column("right")].filter((one) => one !== undefined);
  const root = columns.length < 2 ? columns[0] : { id: "default", widget: "HorizontalSplit", children: columns };
  return { v: 1, root: root ?? { id: "default", widget: "Empty" }, windows: [] };
}
