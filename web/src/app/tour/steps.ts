// What the tour points at. A step whose place is not on screen is told without pointing.

export interface Step {
  title: string;
  text: string;
  /** Which `data-tour` it points at; the first that is on screen. */
  at: readonly string[];
  /** The page it needs. */
  page?: "bench";
}

export const steps: readonly Step[] = [
  {
    title: "Your projects",
    text: "A project holds data, processes, people and credit. Here you go from one to another.",
    at: ["projects"],
  },
  {
    title: "The workbench",
    text: "Everything you look at while you work stands here side by side. Drag a tab to arrange it; it is saved under your name and comes back as you left it.",
    at: ["nav-Workbench"],
  },
  {
    title: "Processes",
    text: "A process is a piece of work on your data: choose what to do, fill in the form, see the cost, run it. Click one in the graph and every panel follows.",
    at: ["tab-FlowView", "tab-ProcessEditor", "nav-Processes"],
    page: "bench",
  },
  {
    title: "The log",
    text: "What a process writes stands here while it runs. Search it, filter it, jump to the next error.",
    at: ["tab-ProcessLog"],
    page: "bench",
  },
  {
    title: "Plots",
    text: "Outputs become plots: choose datasets, and axes are assigned by their units. What you pick here is marked in the map.",
    at: ["tab-PlotView"],
    page: "bench",
  },
  {
    title: "The map, and everything else",
    text: "Data with places is drawn on a map that needs no internet. Whatever you look for, Ctrl+K finds it; ? shows the keys.",
    at: ["tab-MapView", "search"],
    page: "bench",
  },
];
