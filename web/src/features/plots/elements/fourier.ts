// The amplitude spectrum of a series.

const YEAR = 365.25 * 86_400;

export interface Spectrum {
  frequency: number[];
  amplitude: number[];
}

/** In place, iterative, radix 2: lengths are powers of two. */
function transform(re: Float64Array, im: Float64Array): void {
  const n = re.length;
  for (let i = 1, j = 0; i < n; i += 1) {
    let bit = n >> 1;
    for (; j & bit; bit >>= 1) j ^= bit;
    j ^= bit;
    if (i < j) {
      [re[i], re[j]] = [re[j] as number, re[i] as number];
      [im[i], im[j]] = [im[j] as number, im[i] as number];
    }
  }
  for (let size = 2; size <= n; size *= 2) {
    const half = size / 2;
    for (let k = 0; k < half; k += 1) {
      const turn = (-2 * Math.PI * k) / size;
      const [cos, sin] = [Math.cos(turn), Math.sin(turn)];
      for (let a = k; a < n; a += size) {
        const b = a + half;
        const [x, y] = [re[b] as number, im[b] as number];
        const [tx, ty] = [x * cos - y * sin, x * sin + y * cos];
        re[b] = (re[a] as number) - tx;
        im[b] = (im[a] as number) - ty;
        re[a] = (re[a] as number) + tx;
        im[a] = (im[a] as number) + ty;
      }
    }
  }
}

/** The series at even steps, as many as it has samples, interpolated between neighbours. */
function even(x: readonly number[], y: readonly number[]): { step: number; samples: number[] } {
  const count = x.length;
  const [first, last] = [x[0] as number, x[count - 1] as number];
  const step = (last - first) / (count - 1);
  const samples: number[] = [];
  for (let i = 0, at = 0; i < count; i += 1) {
    const place = first + i * step;
    while (at < count - 2 && (x[at + 1] as number) < place) at += 1;
    const [x0, x1, y0, y1] = [x[at], x[at + 1], y[at], y[at + 1]] as [number, number, number, number];
    samples.push(x1 === x0 ? y0 : y0 + (y1 - y0) * Math.min(1, Math.max(0, (place - x0) / (x1 - x0))));
  }
  return { step, samples };
}

/** Without its straight trend (least squares). */
function level(samples: readonly number[]): number[] {
  const n = samples.length;
  const middle = (n - 1) / 2;
  const mean = samples.reduce((sum, value) => sum + value, 0) / n;
  let [above, below] = [0, 0];
  samples.forEach((value, i) => {
    above += (i - middle) * (value - mean);
    below += (i - middle) ** 2;
  });
  const slope = below === 0 ? 0 : above / below;
  return samples.map((value, i) => value - mean - slope * (i - middle));
}

/**
 * One-sided amplitudes of a series over `x` (frequencies per unit of `x`), zero left out. Without its trend; a Hann
 * window keeps strong peaks from leaking. A sine of amplitude 1 has the amplitude 1: scaled by the window's sum, and
 * padded with zeros to a power of two, which only adds frequencies between.
 */
export function amplitudes(x: readonly unknown[], y: readonly unknown[], window: "hann" | "none"): Spectrum {
  const pairs: [number, number][] = [];
  x.forEach((at, i) => {
    const value = y[i];
    if (typeof at === "number" && typeof value === "number" && Number.isFinite(at + value)) pairs.push([at, value]);
  });
  pairs.sort(([a], [b]) => a - b);
  if (pairs.length < 4 || pairs[0]?.[0] === pairs.at(-1)?.[0]) return { frequency: [], amplitude: [] };
  const { step, samples } = even(
    pairs.map(([at]) => at),
    pairs.map(([, value]) => value),
  );
  const count = samples.length;
  const size = 2 ** Math.ceil(Math.log2(count));
  const [re, im] = [new Float64Array(size), new Float64Array(size)];
  let weights = 0;
  level(samples).forEach((value, i) => {
    const weight = window === "hann" ? 0.5 - 0.5 * Math.cos((2 * Math.PI * i) / count) : 1;
    weights += weight;
    re[i] = value * weight;
  });
  transform(re, im);
  const spectrum: Spectrum = { frequency: [], amplitude: [] };
  for (let k = 1; k <= size / 2; k += 1) {
    // The highest frequency has no mirror image.
    const sides = k === size / 2 ? 1 : 2;
    spectrum.frequency.push(k / (size * step));
    spectrum.amplitude.push((sides * Math.hypot(re[k] as number, im[k] as number)) / weights);
  }
  return spectrum;
}

/** Times as numbers, in the unit in which their frequencies are best told. */
export function overTime(times: readonly unknown[]): { x: (number | null)[]; unit: string } {
  const seconds = times.map((time) => {
    const at = Date.parse(String(time));
    return Number.isNaN(at) ? null : at / 1000;
  });
  const known = seconds.filter((value) => value !== null);
  const [first, last] = [known[0] ?? 0, known.at(-1) ?? 0];
  const span = Math.abs(last - first);
  const [unit, length] = span > 2 * YEAR ? ["yr", YEAR] : span > 2 * 86_400 ? ["d", 86_400] : ["s", 1];
  return { x: seconds.map((value) => (value === null ? null : (value - first) / length)), unit };
}
