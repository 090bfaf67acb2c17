// Units of quantities: which can be converted into which, and how. A unit is a text as people write it (`km/s`,
// `m s^-1`, `cycles per year`, `1/yr`, `degC`, `mGal`); it is read into powers of base quantities and a factor.
// What can't be read is no error: such a unit is only the same as itself.
//
// Sources of the factors: the SI brochure (9th edition) with its table of non-SI units; a year is the Julian year of
// 365.25 days, a month a twelfth of it. Deliberately absent: logarithmic units (dB, magnitudes), currencies.

import { prefixed, symbols } from "./symbols";

export interface Unit {
  /** Powers of the base quantities as one text; equal texts can be converted. */
  dimension: string;
  /** What one of it is in base units. */
  factor: number;
  /** Added after the factor: only temperatures have it. */
  offset: number;
}

type Powers = Map<string, number>;

const superscripts: Record<string, string> = { "⁻": "-", "¹": "1", "²": "2", "³": "3", "⁴": "4" };

/** One way of writing: `m*s^-1` for `m·s⁻¹`, `m s**-1` and `meters per second`. */
function plain(text: string): string {
  return text
    .trim()
    .replace(/[⁻¹²³⁴]+/g, (power) => `^${[...power].map((sign) => superscripts[sign]).join("")}`)
    .replace(/[µμ]/g, "u")
    .replace(/Ω|Ω/g, "ohm")
    .replace(/\*\*/g, "^")
    .replace(/\s+per\s+/gi, "/")
    .replace(/\s*([/*·^])\s*/g, "$1")
    .replace(/[·\s]+/g, "*");
}

const FACTOR = /^(.*?)(?:\^?([+-]?\d+))?$/;

/** A symbol with its prefix: factor, offset and powers, or null when nobody knows it. */
function lookUp(name: string) {
  const exact = symbols.get(name) ?? prefixed(name);
  if (exact || name.length < 4) return exact;
  // Words may be in capitals and in the plural; symbols may not: `ms` is not many metres.
  const word = name.toLowerCase();
  return symbols.get(word) ?? symbols.get(word.replace(/s$/, "")) ?? null;
}

function read(text: string): Unit | null {
  const powers: Powers = new Map();
  let factor = 1;
  let offset = 0;
  // `a/b*c` is read from left to right: the slash concerns what stands after it alone.
  const parts = plain(text).split(/(?=[/*])/);
  for (const part of parts) {
    const sign = part.startsWith("/") ? -1 : 1;
    const bare = part.replace(/^[/*]/, "");
    if (bare === "1" || bare === "") continue;
    const [, name = "", exponent] = FACTOR.exec(bare) ?? [];
    const found = lookUp(name);
    if (!found) return null;
    const power = sign * (exponent ? Number(exponent) : 1);
    factor *= found.factor ** power;
    // A temperature per something is a difference: only `degC` alone begins at another zero.
    if (parts.length === 1 && power === 1) offset = found.offset;
    for (const [base, own] of Object.entries(found.powers)) powers.set(base, (powers.get(base) ?? 0) + own * power);
  }
  const dimension = [...powers]
    .filter(([, power]) => power !== 0)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([base, power]) => `${base}${power}`)
    .join(" ");
  return { dimension, factor, offset };
}

const known = new Map<string, Unit | null>();

/** Reads a unit; null when it is not understood. */
export function unitOf(text: string | null | undefined): Unit | null {
  if (!text) return null;
  let unit = known.get(text);
  if (unit === undefined) {
    unit = read(text);
    known.set(text, unit);
  }
  return unit;
}

/** What quantities must have in common to share an axis; an unknown unit only equals itself. */
export function dimensionOf(text: string | null | undefined): string {
  if (!text) return "none";
  return unitOf(text)?.dimension ?? `unknown ${text.trim()}`;
}

export const convertible = (from: string | null, to: string | null): boolean => dimensionOf(from) === dimensionOf(to);

export const isFrequency = (text: string | null): boolean => dimensionOf(text) === "time-1";

/** The conversion from one unit to another; null when it changes nothing. Ask `convertible` first. */
export function converter(from: string | null, to: string | null): ((value: number) => number) | null {
  const [a, b] = [unitOf(from), unitOf(to)];
  if (!a || !b || a.dimension !== b.dimension || (a.factor === b.factor && a.offset === b.offset)) return null;
  const scale = a.factor / b.factor;
  const shift = (a.offset - b.offset) / b.factor;
  return (value) => value * scale + shift;
}

export function convert(value: number, from: string | null, to: string | null): number {
  return converter(from, to)?.(value) ?? value;
}

const families: readonly (readonly string[])[] = [
  ["mm", "cm", "m", "km", "ft", "mi", "nmi"],
  ["us", "ms", "s", "min", "h", "d", "yr"],
  ["mHz", "Hz", "kHz", "MHz", "1/d", "1/yr"],
  ["mm/yr", "m/s", "km/s", "km/h", "kn", "ft/s"],
  ["degC", "K", "degF"],
  ["1", "%", "ppm", "ppb"],
  ["Pa", "hPa", "kPa", "MPa", "GPa", "bar"],
  ["pT", "nT", "uT", "T"],
  ["mGal", "uGal", "m/s^2"],
  ["g", "kg", "t"],
  ["kg/m^3", "g/cm^3"],
  ["deg", "rad"],
  ["mV", "V"],
  ["J", "kJ", "kWh", "eV"],
  ["W", "kW", "MW"],
  ["s/km", "s/m"],
  ["m^2", "km^2"],
  ["m^3", "l"],
];

/** The unit and the usual ones into which it can be converted. */
export function alternatives(unit: string | null): string[] {
  if (!unit) return [];
  const family = families.find((members) => convertible(members[0] ?? null, unit)) ?? [];
  return [...new Set([unit, ...family])];
}

/** The inverse of a unit, for what is counted per it: frequencies of a series over time or distance. */
export function inverse(unit: string | null): string | null {
  if (!unit) return null;
  if (unit === "s") return "Hz";
  const [, above, below] = /^([^/]+)\/([^/]+)$/.exec(unit) ?? [];
  if (above && below) return above === "1" ? below : `${below}/${above}`;
  return /^[\w%°]+$/.test(unit) ? `1/${unit}` : `1/(${unit})`;
}
