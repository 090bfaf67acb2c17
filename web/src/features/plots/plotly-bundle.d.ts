// The bundle has no types of its own; this is what we use of it.
declare module "plotly.js-cartesian-dist-min" {
  const Plotly: {
    react(element: HTMLElement, data: object[], layout: object, config: object): Promise<unknown>;
    purge(element: HTMLElement): void;
    Plots: { resize(element: HTMLElement): void };
  };
  export default Plotly;
}
