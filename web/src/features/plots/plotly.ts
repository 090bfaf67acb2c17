// Plotly behind a narrow door: it is asked to draw, to make a picture and to go away, and never to speak to anybody.

// First: Plotly looks for the sign while it loads.
import "./plotly-styles";

import Plotly from "plotly.js-cartesian-dist-min";
import type { Trace } from "./elements/element";
import type { Theme } from "./theme";

export type Layout = Record<string, unknown>;

/** By default it offers to send the chart to the maker's servers and knows addresses of theirs. */
const config = {
  displaylogo: false,
  responsive: false,
  showSendToCloud: false,
  plotlyServerURL: "",
  topojsonURL: "",
  scrollZoom: false,
  showTips: false,
  // Export is ours; the others need what our own buttons offer by keyboard as well.
  modeBarButtonsToRemove: ["sendDataToCloud", "toImage", "autoScale2d"],
};

/** What the bundle lacks, by what draws the same. */
function known(trace: Trace): Trace {
  return trace.type === "scattergl" ? { ...trace, type: "scatter" } : trace;
}

/** The page's colours, so that a plot follows light and dark. */
function themed(theme: Theme, layout: Layout): Layout {
  const { ink, grid } = theme;
  const axis = { gridcolor: grid, zerolinecolor: grid, linecolor: grid, automargin: true };
  const axes = Object.keys(layout).filter((key) => /^[xy]axis\d*$/.test(key));
  const withAxes = Object.fromEntries(
    [...new Set(["xaxis", "yaxis", ...axes])].map((key) => [key, { ...axis, ...(layout[key] as object | undefined) }]),
  );
  return {
    margin: { l: 60, r: 24, t: layout.title ? 76 : 28, b: 48 },
    colorway: theme.series,
    ...layout,
    ...withAxes,
    font: { family: theme.font, size: 13, ...(layout.font as object | undefined), color: ink },
    modebar: { bgcolor: "rgba(0,0,0,0)", color: theme.muted, activecolor: ink },
    hoverlabel: { bgcolor: theme.surface, bordercolor: theme.muted, font: { color: ink } },
    newselection: { line: { color: theme.muted, width: 1.5, dash: "dot" } },
    template: undefined,
    width: undefined,
    height: undefined,
    autosize: true,
    paper_bgcolor: "rgba(0,0,0,0)",
    plot_bgcolor: "rgba(0,0,0,0)",
  };
}

export interface Drawable {
  traces: readonly Trace[];
  layout: Layout;
}

interface Graph extends HTMLElement {
  on?: (event: string, listener: (data: unknown) => void) => void;
}

export async function draw(
  element: HTMLElement,
  { traces, layout }: Drawable,
  theme: Theme,
  listeners: Readonly<Record<string, (data: unknown) => void>> = {},
): Promise<void> {
  const fresh = !(element as Graph).on;
  // Whoever hears of areas offers by itself what dragging does.
  const taken = listeners.plotly_selected ? ["zoom2d", "pan2d", "select2d", "lasso2d"] : [];
  const buttons = { ...config, modeBarButtonsToRemove: [...config.modeBarButtonsToRemove, ...taken] };
  await Plotly.react(element, traces.map(known), themed(theme, layout), buttons);
  if (!fresh) return;
  for (const [event, listener] of Object.entries(listeners)) (element as Graph).on?.(event, listener);
}

export interface PictureSize {
  width: number;
  height: number;
  /** Pixels of a bitmap for each of the drawing. */
  scale: number;
}

/** A picture as a data address. */
export function picture(
  { traces, layout }: Drawable,
  theme: Theme,
  format: "png" | "svg",
  { width, height, scale }: PictureSize,
): Promise<string> {
  const paper = { paper_bgcolor: theme.surface, plot_bgcolor: theme.surface };
  return Plotly.toImage(
    { data: traces.map(known), layout: { ...themed(theme, layout), ...paper, width, height }, config },
    { format, width, height, scale },
  );
}

export const resize = (element: HTMLElement): void => Plotly.Plots.resize(element);
export const purge = (element: HTMLElement): void => Plotly.purge(element);
