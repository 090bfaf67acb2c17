// The symbols and words of units, each as powers of base quantities and a factor.

export interface Symbol {
  factor: number;
  offset: number;
  powers: Record<string, number>;
}

const prefixes: Record<string, number> = {
  f: 1e-15,
  p: 1e-12,
  n: 1e-9,
  u: 1e-6,
  m: 1e-3,
  c: 1e-2,
  d: 1e-1,
  h: 1e2,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
};

const words: Record<string, number> = {
  nano: 1e-9,
  micro: 1e-6,
  milli: 1e-3,
  centi: 1e-2,
  hecto: 1e2,
  kilo: 1e3,
  mega: 1e6,
  giga: 1e9,
};

const length = { length: 1 };
const time = { time: 1 };
const frequency = { time: -1 };
const speed = { length: 1, time: -1 };
const acceleration = { length: 1, time: -2 };
const mass = { mass: 1 };
const temperature = { temperature: 1 };
const angle = { angle: 1 };
const pressure = { mass: 1, length: -1, time: -2 };
const energy = { mass: 1, length: 2, time: -2 };
const power = { mass: 1, length: 2, time: -3 };
const volume = { length: 3 };
const voltage = { ...power, current: -1 };
const field = { mass: 1, time: -2, current: -1 };

const YEAR = 365.25 * 86_400;
const DEGREE = Math.PI / 180;

type Row = [names: string, factor: number, powers: Record<string, number>, offset?: number];

/** Those that take prefixes. */
const scaled: Row[] = [
  ["m metre meter", 1, length],
  ["s sec second", 1, time],
  ["g gram gramme", 1e-3, mass],
  ["K kelvin", 1, temperature],
  ["A ampere amp", 1, { current: 1 }],
  ["mol mole", 1, { substance: 1 }],
  ["cd candela", 1, { light: 1 }],
  ["rad radian", 1, angle],
  ["Hz hertz", 1, frequency],
  ["Bq becquerel", 1, frequency],
  ["N newton", 1, { mass: 1, length: 1, time: -2 }],
  ["Pa pascal", 1, pressure],
  ["bar", 1e5, pressure],
  ["J joule", 1, energy],
  ["Wh", 3600, energy],
  ["eV", 1.602176634e-19, energy],
  ["W watt", 1, power],
  ["V volt", 1, voltage],
  ["ohm", 1, { ...voltage, current: -2 }],
  ["S siemens", 1, { mass: -1, length: -2, time: 3, current: 2 }],
  ["C coulomb", 1, { current: 1, time: 1 }],
  ["F farad", 1, { mass: -1, length: -2, time: 4, current: 2 }],
  ["T tesla", 1, field],
  ["Gal", 1e-2, acceleration],
  ["l L litre liter", 1e-3, volume],
];

const fixed: Row[] = [
  ["min minute", 60, time],
  ["h hr hour", 3600, time],
  ["d day", 86_400, time],
  ["wk week", 7 * 86_400, time],
  ["month", YEAR / 12, time],
  ["yr y year a annum", YEAR, time],
  ["kyr ka", 1e3 * YEAR, time],
  ["Myr Ma", 1e6 * YEAR, time],
  ["Gyr Ga", 1e9 * YEAR, time],
  ["in inch", 0.0254, length],
  ["ft foot feet", 0.3048, length],
  ["mi mile", 1609.344, length],
  ["nmi", 1852, length],
  ["kn knot kt", 1852 / 3600, speed],
  ["mph", 1609.344 / 3600, speed],
  ["kph", 1 / 3.6, speed],
  ["degC celsius °C", 1, temperature, 273.15],
  ["degF fahrenheit °F", 5 / 9, temperature, 459.67 * (5 / 9)],
  ["deg degree °", DEGREE, angle],
  ["arcmin", DEGREE / 60, angle],
  ["arcsec", DEGREE / 3600, angle],
  ["atm", 101_325, pressure],
  ["mmHg", 133.322387415, pressure],
  ["psi", 6894.757293168, pressure],
  ["t tonne", 1e3, mass],
  ["lb", 0.45359237, mass],
  ["gamma", 1e-9, field],
  ["ha", 1e4, { length: 2 }],
  // A cycle counts as one, so that cycles per second are hertz. A sample is something of its own.
  ["cycle cycles", 1, {}],
  ["sample", 1, { sample: 1 }],
  ["count", 1, { count: 1 }],
  ["px pixel", 1, { pixel: 1 }],
  ["B byte", 1, { data: 1 }],
  ["% percent", 1e-2, {}],
  ["‰ permil", 1e-3, {}],
  ["ppm", 1e-6, {}],
  ["ppb", 1e-9, {}],
  ["ppt", 1e-12, {}],
];

function table(rows: readonly Row[]): Map<string, Symbol> {
  const found = new Map<string, Symbol>();
  for (const [names, factor, powers, offset = 0] of rows) {
    for (const name of names.split(" ")) found.set(name, { factor, powers, offset });
  }
  return found;
}

const scalable = table(scaled);

export const symbols: ReadonlyMap<string, Symbol> = new Map([...scalable, ...table(fixed)]);

/** `km`, `nT`, `kilometers`: a prefix before a symbol that takes one. */
export function prefixed(name: string): Symbol | null {
  const lower = name.toLowerCase();
  for (const [word, size] of Object.entries(words)) {
    if (!lower.startsWith(word)) continue;
    const rest = lower.slice(word.length);
    const base = scalable.get(rest) ?? scalable.get(rest.replace(/s$/, ""));
    if (base && rest.length > 2) return { ...base, factor: base.factor * size };
  }
  const size = prefixes[name.charAt(0)];
  const base = scalable.get(name.slice(1));
  return size && base && name.length > 1 ? { ...base, factor: base.factor * size } : null;
}
