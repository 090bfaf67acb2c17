// What a plot element is: a way to draw data. One file each in this folder and one line in `index.ts`.

import type { LucideIcon } from "lucide-react";
import type { Theme } from "../theme";

export type ColumnType = "number" | "time" | "other";

/** Values with a meaning: one column of a table, or the values of a grid, row by row. */
export interface Column {
  name: string;
  unit: string | null;
  type: ColumnType;
  values: readonly unknown[];
}

/** Columns by the role they play in an element. */
export type Columns = Readonly<Record<string, Column | undefined>>;

export interface Role {
  id: string;
  title: string;
  types: readonly ColumnType[];
  optional?: boolean;
  /** Row numbers when nothing is chosen. */
  rows?: boolean;
  /** The axis on which its values lie, so that they are converted to that axis' unit. */
  on?: "x" | "y";
  /** A difference, not a place: 1 °C of error is 1 K, not 274 K. */
  delta?: boolean;
}

export type Setting = { id: string; title: string } & (
  | { kind: "choice"; options: readonly (readonly [value: string, title: string])[]; fallback: string }
  | { kind: "number"; least: number; most: number; step: number; fallback: number }
  | { kind: "switch"; fallback: boolean }
);

export type Values = Readonly<Record<string, string | number | boolean>>;

export type Trace = Record<string, unknown>;

export interface Drawing {
  /** In the units of the axes. */
  columns: Columns;
  settings: Values;
  name: string;
  color: string;
  theme: Theme;
}

export interface PlotElement {
  /** As it stands in saved figures; never changes. */
  id: string;
  title: string;
  /** One sentence for the menu. */
  about: string;
  icon: LucideIcon;
  /** Columns of a table by their roles, or also data that is a grid by itself. */
  reads: "table" | "table or grid";
  /** It computes something of all rows, so they must not be thinned. */
  whole?: boolean;
  roles: readonly Role[];
  settings: readonly Setting[];
  /** Computes what is drawn (under the roles `x` and `y`) of what was read. */
  prepare?: (columns: Columns, settings: Values) => Columns;
  /** Axes that begin logarithmic. */
  logarithmic?: (columns: Columns, settings: Values) => { x?: boolean; y?: boolean };
  /** Plotly's traces, without name, axes and legend, which are the same for all. */
  toTraces: (drawing: Drawing) => Trace[];
}

export const numberish: readonly ColumnType[] = ["number", "time"];
export const anything: readonly ColumnType[] = ["number", "time", "other"];
export const numbers: readonly ColumnType[] = ["number"];

/** Over which the values are drawn; row numbers when nothing is chosen. */
export const over: Role = { id: "x", title: "Over (X)", types: anything, optional: true, rows: true, on: "x" };
export const values: Role = { id: "y", title: "Values (Y)", types: numbers, on: "y" };

/** An element's settings with what is missing or of a wrong kind replaced. */
export function settled(element: Pick<PlotElement, "settings">, given: Readonly<Record<string, unknown>>): Values {
  return Object.fromEntries(
    element.settings.map((setting) => {
      const value = given[setting.id];
      if (setting.kind === "number") {
        const fits = typeof value === "number" && Number.isFinite(value);
        return [setting.id, fits ? Math.min(setting.most, Math.max(setting.least, value)) : setting.fallback];
      }
      if (setting.kind === "switch") return [setting.id, typeof value === "boolean" ? value : setting.fallback];
      return [setting.id, setting.options.some(([option]) => option === value) ? (value as string) : setting.fallback];
    }),
  );
}

export const valuesOf = (columns: Columns, role: string): readonly unknown[] => columns[role]?.values ?? [];

/** The finite numbers among values. */
export const finite = (list: readonly unknown[]): number[] =>
  list.filter((value): value is number => typeof value === "number" && Number.isFinite(value));
