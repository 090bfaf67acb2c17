// The bundle has no types of its own; this is what we use of it.
declare module "plotly.js-cartesian-dist-min" {
  const Plotly: {
    react(element: HTMLElement, data: object[], layout: object, config: object): Promise<unknown>;
    purge(element: HTMLElement): void;
    toImage(
      figure: { data: object[]; layout: object; config: object },
      options: { format: string; width: number; height: number; scale: number },
    ): Promise<string>;
    Plots: { resize(element: HTMLElement): void };
  };
  export default Plotly;
}
