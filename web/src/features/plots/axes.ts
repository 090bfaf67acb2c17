// Which column goes on which axis: columns of one unit share an axis, a second unit gets the axis on the right.

export interface PlotColumn {
  name: string;
  unit: string | null;
  type: "number" | "time" | "other";
}

export interface Choice {
  x: number;
  ys: number[];
}

/** What to show before anybody chose: over time or the first number, the next column of numbers. */
export function firstChoice(columns: readonly PlotColumn[]): Choice | null {
  const of = (type: PlotColumn["type"]) => columns.flatMap((column, index) => (column.type === type ? [index] : []));
  const numbers = of("number");
  const x = of("time")[0] ?? numbers[0];
  const y = numbers.find((index) => index !== x);
  return x === undefined || y === undefined ? null : { x, ys: [y] };
}

/** The unit of each axis, left first, for the chosen columns; at most two. */
export function axisUnits(columns: readonly PlotColumn[], ys: readonly number[]): (string | null)[] {
  return [...new Set(ys.map((y) => columns[y]?.unit ?? null))].slice(0, 2);
}

/** Whether a column can join those that are shown: its unit has an axis or there is room for one. */
export function fits(columns: readonly PlotColumn[], ys: readonly number[], candidate: number): boolean {
  const units = axisUnits(columns, ys);
  return units.length < 2 || units.includes(columns[candidate]?.unit ?? null);
}

/** An axis' title: the column's name when it has the axis for itself, and the unit. */
export function axisTitle(columns: readonly PlotColumn[], shown: readonly number[], unit: string | null): string {
  const own = shown.map((index) => columns[index]).filter((column) => (column?.unit ?? null) === unit);
  const name = own.length === 1 ? own[0]?.name : "";
  if (!unit) return name ?? "";
  return name ? `${name} (${unit})` : unit;
}
