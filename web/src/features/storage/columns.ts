// What a dataset's writer said of its columns. Columns are names or objects with name and unit; units may also
// stand apart, as a JSON object by column or as one word for all, or in the heading itself: `co2 (ppm)`.

import type { Dataset } from "@/shared/api/types";

export interface NamedUnit {
  name: string;
  unit: string | null;
}

function unitsByName(units: string | null | undefined): { all: string | null; by: Record<string, string> } {
  if (!units) return { all: null, by: {} };
  try {
    const parsed: unknown = JSON.parse(units);
    if (typeof parsed === "object" && parsed !== null) return { all: null, by: parsed as Record<string, string> };
  } catch {
    // Not JSON: one unit for all values.
  }
  return { all: units, by: {} };
}

const HEADING = /^(.*\S)\s*[([]([^()[\]]+)[)\]]$/;

/** Name and unit of each heading of a table, with what its dataset says of them. */
export function withUnits(
  headings: readonly string[],
  dataset?: { columns?: unknown; units?: Dataset["units"] },
): NamedUnit[] {
  const declared = Array.isArray(dataset?.columns) ? (dataset.columns as unknown[]) : [];
  const units = unitsByName(dataset?.units);
  return headings.map((heading, index) => {
    const said = declared[index];
    const own = typeof said === "object" && said !== null ? (said as { unit?: string }).unit : undefined;
    const unit = own ?? units.by[heading];
    if (unit) return { name: heading, unit };
    const [, name, inHeading] = HEADING.exec(heading) ?? [];
    return name && inHeading ? { name, unit: inHeading } : { name: heading, unit: units.all };
  });
}

export function labelled({ name, unit }: NamedUnit): string {
  return unit ? `${name} (${unit})` : name;
}

/** The one unit of all values of an array, as its writer said it. */
export function unitOfAll(dataset: Pick<Dataset, "units"> | undefined): string | null {
  const { all, by } = unitsByName(dataset?.units);
  const [first, ...others] = Object.values(by);
  return all ?? (others.length === 0 && typeof first === "string" ? first : null);
}
