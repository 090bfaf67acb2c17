// Colour scales and what a legend says of them. The scales are readable without seeing red from green, except where
// the name says rainbow.

export interface Scale {
  title: string;
  stops: readonly string[];
}

export const scales = {
  viridis: {
    title: "Viridis",
    stops: ["#440154", "#472d7b", "#3b528b", "#2c728e", "#21918c", "#28ae80", "#5ec962", "#addc30", "#fde725"],
  },
  cividis: {
    title: "Cividis",
    stops: ["#00224e", "#123570", "#3b496c", "#575d6d", "#707173", "#8a8678", "#a59c74", "#c3b369", "#fee838"],
  },
  inferno: {
    title: "Inferno",
    stops: ["#000004", "#210c4a", "#57106e", "#8a226a", "#bc3754", "#e45a31", "#f98e09", "#f9cb35", "#fcffa4"],
  },
  balance: {
    title: "Blue, white, red",
    stops: ["#053061", "#2166ac", "#4393c3", "#92c5de", "#f7f7f7", "#f4a582", "#d6604d", "#b2182b", "#67001f"],
  },
  rainbow: {
    title: "Rainbow",
    stops: ["#30123b", "#4662d7", "#36aaf9", "#1ae4b6", "#72fe5e", "#c7ef34", "#faba39", "#f66b19", "#7a0403"],
  },
  greys: {
    title: "Greys",
    stops: ["#111111", "#303030", "#4f4f4f", "#6e6e6e", "#8d8d8d", "#acacac", "#cbcbcb", "#e2e2e2", "#f7f7f7"],
  },
} satisfies Record<string, Scale>;

export type ScaleName = keyof typeof scales;
export const isScale = (name: unknown): name is ScaleName => typeof name === "string" && name in scales;

export function stopsOf(name: ScaleName, reversed: boolean): readonly string[] {
  const { stops } = scales[name];
  return reversed ? [...stops].reverse() : stops;
}

const channels = (hex: string) =>
  [1, 3, 5].map((at) => Number.parseInt(hex.slice(at, at + 2), 16)) as [number, number, number];

/** The scale as 256 colours, three bytes each. */
export function table(stops: readonly string[]): Uint8ClampedArray {
  const colours = new Uint8ClampedArray(768);
  const parts = stops.map(channels);
  for (let index = 0; index < 256; index += 1) {
    const at = (index / 255) * (parts.length - 1);
    const low = Math.min(parts.length - 2, Math.floor(at));
    const [one, other] = [parts[low], parts[low + 1]] as [number[], number[]];
    for (let channel = 0; channel < 3; channel += 1) {
      const [from, to] = [one[channel] as number, other[channel] as number];
      colours[3 * index + channel] = from + (to - from) * (at - low);
    }
  }
  return colours;
}

/** Pixels of a grid's values: opaque where there is one, clear where there is none. */
export function paint(
  values: ArrayLike<number>,
  [low, high]: readonly [number, number],
  stops: readonly string[],
): Uint8ClampedArray<ArrayBuffer> {
  const colours = table(stops);
  const pixels = new Uint8ClampedArray(values.length * 4);
  const factor = high > low ? 255 / (high - low) : 0;
  for (let at = 0; at < values.length; at += 1) {
    const value = values[at] as number;
    if (Number.isNaN(value)) continue;
    const index = 3 * Math.round(Math.min(255, Math.max(0, (value - low) * factor)));
    pixels[4 * at] = colours[index] as number;
    pixels[4 * at + 1] = colours[index + 1] as number;
    pixels[4 * at + 2] = colours[index + 2] as number;
    pixels[4 * at + 3] = 255;
  }
  return pixels;
}

/** A value's colour, as the map draws it. */
export function colourOf(value: number, [low, high]: readonly [number, number], stops: readonly string[]): string {
  const colours = table(stops);
  const index = 3 * Math.round(Math.min(255, Math.max(0, high > low ? ((value - low) / (high - low)) * 255 : 0)));
  return `rgb(${colours[index]}, ${colours[index + 1]}, ${colours[index + 2]})`;
}

/** The smallest and the largest number; null when there is none. */
export function rangeOf(values: ArrayLike<number>): [number, number] | null {
  let [low, high] = [Infinity, -Infinity];
  for (let at = 0; at < values.length; at += 1) {
    const value = values[at] as number;
    if (value < low) low = value;
    if (value > high) high = value;
  }
  return low <= high ? [low, high] : null;
}
