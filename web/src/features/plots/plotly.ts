// Plotly behind a narrow door: it is asked to draw and to go away, and never to speak to anybody.

// First: Plotly looks for the sign while it loads.
import "./plotly-styles";

import Plotly from "plotly.js-cartesian-dist-min";

export type Trace = Record<string, unknown>;
export type Layout = Record<string, unknown>;

/** By default it offers to send the chart to the maker's servers and knows addresses of theirs. */
const config = {
  displaylogo: false,
  responsive: false,
  showSendToCloud: false,
  plotlyServerURL: "",
  topojsonURL: "",
  modeBarButtonsToRemove: ["sendDataToCloud", "select2d", "lasso2d", "autoScale2d"],
};

/** The page's colours, read where the plot stands, so that it follows light and dark. */
function themed(element: HTMLElement, layout: Layout): Layout {
  const style = getComputedStyle(element);
  // Custom properties may hold light-dark(); `color` is where the browser has decided.
  const [ink, grid] = [style.color, style.borderTopColor];
  const axis = { gridcolor: grid, zerolinecolor: grid, linecolor: grid, automargin: true };
  const axes = Object.keys(layout).filter((key) => /^[xy]axis\d*$/.test(key));
  const withAxes = Object.fromEntries(
    [...new Set(["xaxis", "yaxis", ...axes])].map((key) => [key, { ...axis, ...(layout[key] as object | undefined) }]),
  );
  return {
    margin: { l: 60, r: 24, t: layout.title ? 56 : 24, b: 48 },
    ...layout,
    ...withAxes,
    font: { family: style.fontFamily, size: 13, ...(layout.font as object | undefined), color: ink },
    template: undefined,
    width: undefined,
    height: undefined,
    autosize: true,
    paper_bgcolor: "rgba(0,0,0,0)",
    plot_bgcolor: "rgba(0,0,0,0)",
  };
}

export async function draw(element: HTMLElement, traces: Trace[], layout: Layout): Promise<void> {
  await Plotly.react(element, traces, themed(element, layout), config);
}

export const resize = (element: HTMLElement): void => Plotly.Plots.resize(element);
export const purge = (element: HTMLElement): void => Plotly.purge(element);
