// A plot as it is saved, exported and kept in a layout: what is drawn of which data, never the data itself.

import { elementOf } from "./elements";

/** Data by its id, or always the newest that a process wrote under a name. */
export type Source = { data: string } | { process: string; output: string };

export interface ElementSpec {
  /** Unique in its plot. */
  id: string;
  /** Which element of the registry. */
  kind: string;
  source: Source | null;
  /** Names of columns by role. */
  columns: Readonly<Record<string, string>>;
  settings: Readonly<Record<string, unknown>>;
  /** Instead of what it would be called by itself. */
  name?: string;
  /** Place in the palette, from 0. */
  color?: number;
  /** The axis it was put on by hand. */
  axis?: YSlot;
  hidden?: boolean;
}

export const xSlots = ["x", "x2"] as const;
export const ySlots = ["y", "y2", "y3"] as const;
export type XSlot = (typeof xSlots)[number];
export type YSlot = (typeof ySlots)[number];
export type Slot = XSlot | YSlot;

export interface AxisSpec {
  title?: string;
  /** Convertible into what its data have; otherwise it is passed over. */
  unit?: string;
  scale?: "linear" | "log";
  reversed?: boolean;
  range?: [number | string, number | string];
}

export interface PlotSpec {
  v: 1;
  title?: string;
  elements: readonly ElementSpec[];
  axes: Readonly<Partial<Record<Slot, AxisSpec>>>;
  legend: boolean;
}

export const emptySpec: PlotSpec = { v: 1, elements: [], axes: {}, legend: true };

type Loose = Record<string, unknown>;
const isRecord = (value: unknown): value is Loose =>
  typeof value === "object" && value !== null && !Array.isArray(value);
const text = (value: unknown): string | undefined => (typeof value === "string" && value !== "" ? value : undefined);

function sourceOf(value: unknown): Source | null {
  if (!isRecord(value)) return null;
  const [data, process, output] = [text(value.data), text(value.process), text(value.output)];
  if (data) return { data };
  return process && output ? { process, output } : null;
}

function elementFrom(value: unknown, index: number): ElementSpec[] {
  if (!isRecord(value) || !elementOf(text(value.kind) ?? "")) return [];
  const columns = isRecord(value.columns) ? value.columns : {};
  const axis = ySlots.find((slot) => slot === value.axis);
  const color = Number.isInteger(value.color) && Number(value.color) >= 0 ? Number(value.color) : undefined;
  const name = text(value.name);
  return [
    {
      id: text(value.id) ?? `e${index + 1}`,
      kind: value.kind as string,
      source: sourceOf(value.source),
      columns: Object.fromEntries(
        Object.entries(columns).filter((entry): entry is [string, string] => !!text(entry[1])),
      ),
      settings: isRecord(value.settings) ? value.settings : {},
      ...(name && { name }),
      ...(color !== undefined && { color }),
      ...(axis && { axis }),
      ...(value.hidden === true && { hidden: true }),
    },
  ];
}

function axisFrom(value: unknown): AxisSpec | undefined {
  if (!isRecord(value)) return undefined;
  const [title, unit] = [text(value.title), text(value.unit)];
  const end = (bound: unknown) => typeof bound === "string" || (typeof bound === "number" && Number.isFinite(bound));
  const range = Array.isArray(value.range) && value.range.length === 2 && value.range.every(end) && value.range;
  return {
    ...(title && { title }),
    ...(unit && { unit }),
    ...((value.scale === "log" || value.scale === "linear") && { scale: value.scale }),
    ...(value.reversed === true && { reversed: true }),
    ...(range && { range: range as [number | string, number | string] }),
  };
}

/** Foreign input as a plot; what is not understood is left out, and null says that it is no plot at all. */
export function parseSpec(value: unknown): PlotSpec | null {
  if (!isRecord(value) || value.v !== 1 || !Array.isArray(value.elements)) return null;
  const seen = new Set<string>();
  const elements = value.elements.flatMap(elementFrom).map((element) => {
    const id = seen.has(element.id) ? freshId([...seen]) : element.id;
    seen.add(id);
    return { ...element, id };
  });
  const axes = isRecord(value.axes) ? value.axes : {};
  const title = text(value.title);
  return {
    v: 1,
    ...(title && { title }),
    elements,
    axes: Object.fromEntries(
      [...xSlots, ...ySlots].flatMap((slot) => {
        const axis = axisFrom(axes[slot]);
        return axis && Object.keys(axis).length > 0 ? [[slot, axis]] : [];
      }),
    ),
    legend: value.legend !== false,
  };
}

/** `e1`, `e2`… whichever is free. */
export function freshId(taken: readonly string[]): string {
  let number = taken.length + 1;
  while (taken.includes(`e${number}`)) number += 1;
  return `e${number}`;
}

export const sourceKey = (source: Source): string =>
  "data" in source ? source.data : `${source.process} ${source.output}`;

/** The palette place that is used least. */
export function freeColor(spec: PlotSpec, places: number): number {
  const used = spec.elements.map(({ color }, index) => (color ?? index) % places);
  const times = Array.from({ length: places }, (_, place) => used.filter((other) => other === place).length);
  return times.indexOf(Math.min(...times));
}
