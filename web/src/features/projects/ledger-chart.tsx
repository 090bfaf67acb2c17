import { useEffect, useRef } from "react";
import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";
import type { Point } from "./spending";

interface Props {
  points: readonly Point[];
  /** What the picture shows, in words. */
  label: string;
}

const HEIGHT = 220;
/** In seconds. */
const DAY = 86_400;
const amount = new Intl.NumberFormat(undefined, { maximumSignificantDigits: 3 });

/** Balance as a line over time, and what each day cost as bars. */
export default function LedgerChart({ points, label }: Props) {
  const ref = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const element = ref.current;
    if (!element) return;
    const theme = matchMedia("(prefers-color-scheme: dark)");
    let chart: uPlot | undefined;
    const draw = () => {
      chart?.destroy();
      chart = make(element, points);
      element.dataset.drawn = "true";
    };
    draw();
    theme.addEventListener("change", draw);
    const observer = new ResizeObserver(() => chart?.setSize({ width: element.clientWidth, height: HEIGHT }));
    observer.observe(element);
    return () => {
      theme.removeEventListener("change", draw);
      observer.disconnect();
      chart?.destroy();
    };
  }, [points]);
  return <figure ref={ref} aria-label={label} className="h-60 w-full overflow-hidden" />;
}

function make(element: HTMLElement, points: readonly Point[]): uPlot {
  // A canvas knows no variables: what the theme says now is written down.
  const probe = document.createElement("span");
  element.append(probe);
  const colour = (name: string) => {
    probe.style.color = `var(--color-${name})`;
    return getComputedStyle(probe).color;
  };
  const [ink, line, accent, spent] = [colour("muted"), colour("line"), colour("accent"), colour("running")];
  probe.remove();
  const font = `12px ${getComputedStyle(element).fontFamily}`;
  const axis = {
    stroke: ink,
    grid: { stroke: line, width: 1 },
    ticks: { stroke: line, width: 1 },
    font,
    values: (_: uPlot, values: number[]) => values.map((value) => amount.format(value)),
  };
  const [first, last] = [points[0]?.time ?? 0, points.at(-1)?.time ?? 0];
  const bars = uPlot.paths.bars?.({ size: [0.6, 24] });
  const steps = uPlot.paths.stepped?.({ align: 1 });
  return new uPlot(
    {
      width: element.clientWidth,
      height: HEIGHT,
      cursor: { drag: { x: false, y: false } },
      axes: [
        { stroke: ink, grid: axis.grid, ticks: axis.ticks, font },
        { ...axis, label: "Balance", labelFont: font, size: 62 },
        { ...axis, scale: "spent", side: 1, label: "Spent in a day", labelFont: font, size: 62, grid: { show: false } },
      ],
      // A week at least: a single day would otherwise stand amid years.
      scales: {
        x: { range: [Math.min(first, last - 6 * DAY) - DAY / 2, last + DAY / 2] },
        spent: { range: (_, __, most) => [0, Math.max(most, 1e-6)] },
      },
      series: [
        { label: "Day" },
        { label: "Balance (credits)", stroke: accent, width: 2, ...(steps && { paths: steps }) },
        { label: "Spent (credits)", scale: "spent", stroke: spent, fill: spent, ...(bars && { paths: bars }) },
      ],
    },
    [points.map(({ time }) => time), points.map(({ balance }) => balance), points.map(({ spent }) => spent)],
    element,
  );
}
