// What a column is like, over the rows that were read.

export interface Statistics {
  minimum?: string;
  maximum?: string;
  mean?: string;
  empty: number;
}

/** Six digits; very large and very small ones by their power of ten. */
export function shortNumber(value: number): string {
  const size = Math.abs(value);
  if (value !== 0 && (size >= 1e9 || size < 1e-4)) return value.toExponential(5).replace(/\.?0+e/, "e");
  return value.toLocaleString(undefined, { maximumSignificantDigits: 6 });
}

/** Of one column of the first `length` rows, the first of which is the heading. */
export function ofColumn(
  rows: readonly (readonly string[])[],
  length: number,
  column: number,
  numbers: boolean,
): Statistics {
  let empty = 0;
  let count = 0;
  let sum = 0;
  let [minimum, maximum] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (let at = 1; at < length; at += 1) {
    const cell = rows[at]?.[column] ?? "";
    if (cell === "") {
      empty += 1;
      continue;
    }
    if (!numbers) continue;
    const value = Number(cell);
    if (!Number.isFinite(value)) continue;
    count += 1;
    sum += value;
    if (value < minimum) minimum = value;
    if (value > maximum) maximum = value;
  }
  if (count === 0) return { empty };
  return { minimum: shortNumber(minimum), maximum: shortNumber(maximum), mean: shortNumber(sum / count), empty };
}
