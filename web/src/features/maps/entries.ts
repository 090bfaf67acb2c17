// The layers of a map with all that is known of them now: their data, what is to be drawn, what is drawn.

import { useQueries } from "@tanstack/react-query";
import { useMemo } from "react";
import { paint, rangeOf, stopsOf } from "./colours";
import { numbersOf } from "./data";
import type { Drawn, Paint } from "./engine";
import type { Box, MapLayer } from "./model";
import { type Plan, planOf } from "./plan";
import type { Raster, Shapes } from "./prepare";
import { type Drawing, drawingQuery, type MapSource, sourceQuery } from "./queries";

export interface Entry {
  layer: MapLayer;
  source?: MapSource | undefined;
  plan?: Plan | undefined;
  drawing?: Drawing | undefined;
  error?: unknown;
}

export const boundsOf = (entry: Entry): Box | null =>
  (entry.drawing?.kind === "raster" ? entry.drawing.raster.bounds : entry.drawing?.shapes.bounds) ?? null;

/** Where each row is, for what can be picked. */
export const marksOf = (entry: Entry): Shapes["marks"] | null => {
  const marks = entry.drawing?.kind === "features" ? entry.drawing.shapes.marks : null;
  return marks && marks.lon.length > 0 ? marks : null;
};

/** The box around boxes. */
export function around(boxes: readonly (Box | null)[]): Box | null {
  const there = boxes.filter((box) => box !== null);
  if (there.length === 0) return null;
  const edge = (at: 0 | 1 | 2 | 3, pick: (...values: number[]) => number) => pick(...there.map((box) => box[at]));
  return [edge(0, Math.min), edge(1, Math.min), edge(2, Math.max), edge(3, Math.max)];
}

// A plan looks at every row; layers are made anew at each change of the settings.
const plans = new WeakMap<MapSource, Map<string, Plan>>();

function planFor(layer: MapLayer, source: MapSource): Plan {
  const { name: _name, visible: _visible, opacity: _opacity, scale: _scale, range: _range, ...rest } = layer;
  const key = JSON.stringify(rest);
  const known = plans.get(source) ?? new Map<string, Plan>();
  plans.set(source, known);
  const plan = known.get(key) ?? planOf(layer, source);
  if (known.size > 50) known.clear();
  known.set(key, plan);
  return plan;
}

const NOWHERE: Plan = { need: { what: "kind", text: "" }, columns: {} };

export function useEntries(layers: readonly MapLayer[]): Entry[] {
  const ids = [...new Set(layers.map(({ data }) => data))];
  const sources = useQueries({
    queries: ids.map((id) => sourceQuery(id)),
    combine: (results) => results.map(({ data, error }) => ({ data, error })),
  });
  const planned = layers.map((layer) => {
    const { data: source, error } = sources[ids.indexOf(layer.data)] ?? {};
    return { layer, source, error, plan: source && planFor(layer, source) };
  });
  const drawings = useQueries({
    queries: planned.map(({ source, plan }) => drawingQuery(source, plan ?? NOWHERE)),
    combine: (results) => results.map(({ data, error }) => ({ data, error })),
  });
  return planned.map((entry, index) => ({
    ...entry,
    drawing: entry.plan && !entry.plan.need ? drawings[index]?.data : undefined,
    error: entry.error ?? drawings[index]?.error,
  }));
}

const ranges = new WeakMap<Float64Array, [number, number] | null>();

export function spread(values: Float64Array): [number, number] | null {
  const known = ranges.get(values);
  if (known !== undefined) return known;
  const range = rangeOf(values);
  ranges.set(values, range);
  return range;
}

/** What a layer's colours mean; null when it has one colour. */
export interface LegendOf {
  name: string;
  unit: string | null;
  range: [number, number];
  stops: readonly string[];
}

export function legendOf({ layer, plan }: Entry): LegendOf | null {
  if (!plan || plan.need || !plan.legend) return null;
  const { name, unit, values } = plan.legend;
  const range = layer.range ?? spread(values);
  return range && { name, unit, range, stops: stopsOf(layer.scale, layer.reversed) };
}

const painted = new WeakMap<Raster, { key: string; pictures: { bounds: Box; canvas: HTMLCanvasElement }[] }>();

function canvases(raster: Raster, legend: LegendOf) {
  const key = JSON.stringify([legend.range, legend.stops]);
  const before = painted.get(raster);
  if (before?.key === key) return before.pictures;
  const pictures = raster.pictures.map(({ bounds, width, height, values }) => {
    const canvas = document.createElement("canvas");
    canvas.width = width;
    canvas.height = height;
    canvas
      .getContext("2d")
      ?.putImageData(new ImageData(paint(values, legend.range, legend.stops), width, height), 0, 0);
    return { bounds, canvas };
  });
  painted.set(raster, { key, pictures });
  return pictures;
}

/** What the engine is given for an entry; null while there is nothing to draw. */
export function drawnOf(entry: Entry): Drawn | null {
  const { layer, drawing, source, plan } = entry;
  if (!drawing || !source || !plan || plan.need) return null;
  const legend = legendOf(entry);
  const common = { id: layer.id, visible: layer.visible, opacity: layer.opacity };
  if (drawing.kind === "raster") {
    return legend && { ...common, kind: "raster", smooth: layer.smooth, pictures: canvases(drawing.raster, legend) };
  }
  const sizes = numbersOf(source, layer.size);
  const look: Paint = {
    stops: legend?.stops ?? null,
    range: legend?.range ?? [0, 1],
    colour: layer.colour,
    width: layer.width,
    sizes: sizes && spread(sizes),
    opacity: layer.opacity,
  };
  const kind = { points: "marks", track: "lines", shapes: "shapes", contours: "contours", grid: "shapes" } as const;
  return { ...common, kind: kind[layer.kind], features: drawing.shapes.features, paint: look };
}

/** The engine's layers, the same list while nothing of it has changed. */
export function useDrawn(entries: readonly Entry[]): readonly Drawn[] {
  const drawn = entries.flatMap((entry) => drawnOf(entry) ?? []);
  const key = JSON.stringify(
    drawn.map((layer) =>
      layer.kind === "raster" ? { ...layer, pictures: layer.pictures.length } : { ...layer, features: 0 },
    ),
  );
  const parts = drawn.map((layer) => (layer.kind === "raster" ? layer.pictures : layer.features));
  // biome-ignore lint/correctness/useExhaustiveDependencies: the key and the parts are all that it is made of
  return useMemo(() => drawn, [key, identity(parts)]);
}

const numbersById = new WeakMap<object, number>();
let lastNumber = 0;

/** A text that is equal for equal objects in equal order. */
function identity(parts: readonly object[]): string {
  return parts
    .map((part) => {
      const number = numbersById.get(part) ?? ++lastNumber;
      numbersById.set(part, number);
      return number;
    })
    .join();
}
