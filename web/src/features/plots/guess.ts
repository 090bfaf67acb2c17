// What to draw of data before anybody chose.

import { isFrequency } from "@/shared/units/units";
import type { Field, Structure } from "./data/structure";
import { elementOf } from "./elements";
import type { PlotElement } from "./elements/element";
import type { ElementSpec, Source } from "./spec";

/** Columns for an element's roles: over time or the first number, then further columns in their order. */
export function guessColumns(kind: PlotElement, fields: readonly Field[]): Record<string, string> {
  const chosen: Record<string, string> = {};
  const free = (types: readonly string[]) =>
    fields.filter(({ name, type }) => types.includes(type) && !Object.values(chosen).includes(name));
  const across = kind.roles.find(({ id }) => id === "x");
  if (across && (across.rows || !across.optional)) {
    const times = across.types.includes("time") ? free(["time"]) : [];
    const first = times[0] ?? free(["number"])[0];
    const others = fields.filter(({ type }) => type === "number").length;
    // One column of numbers alone is drawn over its rows.
    if (first && (first.type !== "number" || others > 1 || !across.optional)) chosen.x = first.name;
  }
  for (const role of kind.roles) {
    if (role.optional || chosen[role.id]) continue;
    const unit = fields.find(({ name }) => name === chosen.y)?.unit;
    const fitting = free(role.types);
    // A further column on the same axis rather is of the same unit.
    const next = (unit && role.on === "y" && fitting.find((field) => field.unit === unit)) || fitting[0];
    if (next) chosen[role.id] = next.name;
  }
  return chosen;
}

export function guessKind({ kind, fields }: Structure): string {
  if (kind === "grid") return "heat-map";
  const across = guessColumns(elementOf("line") as PlotElement, fields).x;
  const unit = fields.find(({ name }) => name === across)?.unit ?? null;
  return isFrequency(unit) ? "spectrum" : "line";
}

/** A first element of these data. */
export function guessElement(structure: Structure, source: Source, id: string, color: number): ElementSpec {
  const kind = guessKind(structure);
  const columns = structure.kind === "grid" ? {} : guessColumns(elementOf(kind) as PlotElement, structure.fields);
  return { id, kind, source, columns, settings: {}, color };
}

/** The same element of another kind: columns stay where a role of the same name takes them. */
export function asKind(element: ElementSpec, kind: PlotElement, fields: readonly Field[]): ElementSpec {
  const guessed = guessColumns(kind, fields);
  const columns: Record<string, string> = {};
  for (const role of kind.roles) {
    const old = element.columns[role.id];
    const fits = fields.some(({ name, type }) => name === old && role.types.includes(type));
    const name = fits ? old : role.optional && !role.rows ? undefined : guessed[role.id];
    if (name) columns[role.id] = name;
  }
  return { ...element, kind: kind.id, columns, settings: {} };
}
