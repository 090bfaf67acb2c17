// Colours of terminals in log lines (ECMA-48 SGR, with the common 256 and 24-bit extensions), as runs of text
// with classes. No HTML is made, so nothing in a log can become an element.

export interface Run {
  text: string;
  className: string;
  /** Of the 256 and 24-bit palettes. */
  color?: string;
  background?: string;
  /** It is part of what was searched for. */
  hit?: true;
}

type Rgb = readonly [number, number, number];
/** A name of the 16 colours, or red, green and blue. */
type Colour = string | Rgb;

interface Style {
  color: Colour | undefined;
  background: Colour | undefined;
  bold: boolean;
  dim: boolean;
  italic: boolean;
  underline: boolean;
  strike: boolean;
  reverse: boolean;
  hidden: boolean;
}

const plain: Style = {
  color: undefined,
  background: undefined,
  bold: false,
  dim: false,
  italic: false,
  underline: false,
  strike: false,
  reverse: false,
  hidden: false,
};
const names = ["black", "red", "green", "yellow", "blue", "magenta", "cyan", "white"];
// biome-ignore lint/suspicious/noControlCharactersInRegex: the escape character is what this is about
const SEQUENCE = /\u001b(?:\[([0-9;:?]*)([A-Za-z])|\][^\u0007\u001b]*(?:\u0007|\u001b\\)|[@-Z\\-_])/g;

const byte = (value: number | undefined) => Math.max(0, Math.min(255, value || 0));

function indexed(n: number): Colour | undefined {
  if (n < 16) return names[n % 8];
  if (n >= 232) {
    const grey = 8 + (Math.min(n, 255) - 232) * 10;
    return [grey, grey, grey];
  }
  const level = (value: number) => (value === 0 ? 0 : 55 + value * 40);
  const at = n - 16;
  return [level(Math.floor(at / 36)), level(Math.floor(at / 6) % 6), level(at % 6)];
}

const switches: Record<number, Partial<Style>> = {
  1: { bold: true },
  2: { dim: true },
  3: { italic: true },
  4: { underline: true },
  7: { reverse: true },
  8: { hidden: true },
  9: { strike: true },
  21: { underline: true },
  22: { bold: false, dim: false },
  23: { italic: false },
  24: { underline: false },
  27: { reverse: false },
  28: { hidden: false },
  29: { strike: false },
  39: { color: undefined },
  49: { background: undefined },
};

function select(style: Style, codes: number[]): Style {
  let next = { ...style };
  for (let at = 0; at < codes.length; at += 1) {
    const code = codes[at] || 0;
    if (code === 0) next = { ...plain };
    else if (switches[code]) next = { ...next, ...switches[code] };
    else if (code >= 30 && code <= 37) next.color = names[code - 30];
    else if (code >= 40 && code <= 47) next.background = names[code - 40];
    else if (code >= 90 && code <= 97) next.color = names[code - 90];
    else if (code >= 100 && code <= 107) next.background = names[code - 100];
    else if (code === 38 || code === 48) {
      const short = codes[at + 1] === 5;
      const [first, green, blue] = codes.slice(at + 2);
      const colour: Colour | undefined = short ? indexed(byte(first)) : [byte(first), byte(green), byte(blue)];
      if (code === 38) next.color = colour;
      else next.background = colour;
      at += short ? 2 : 4;
    }
  }
  return next;
}

const css = ([red, green, blue]: Rgb) => `rgb(${red} ${green} ${blue})`;
const light = ([red, green, blue]: Rgb) => 0.2126 * red + 0.7152 * green + 0.0722 * blue > 110;

function run(text: string, style: Style): Run {
  let { color, background } = style;
  // Text in the ground's own colour is what is meant by dark text on a colour.
  if (style.reverse) [color, background] = [background ?? "black", color ?? "white"];
  const classes = [
    style.bold && "font-bold",
    style.dim && "opacity-70",
    style.italic && "italic",
    style.underline && style.strike
      ? "ansi-under-through"
      : style.underline
        ? "underline"
        : style.strike && "line-through",
    style.hidden && "ansi-hidden",
  ];
  const made: Run = { text, className: "" };
  if (typeof background === "string") {
    // On a named colour, dark text makes the colour bright, and any other makes it deep: both can be read.
    classes.unshift(`${color === "black" ? "ansi-on" : "ansi-bg"}-${background}`);
  } else if (background) {
    made.background = css(background);
    if (color === undefined || color === "black") classes.unshift(light(background) ? "ansi-dark" : "ansi-light");
  }
  if (typeof color === "string" && !(background !== undefined && color === "black")) classes.unshift(`ansi-${color}`);
  else if (typeof color === "object") made.color = css(color);
  made.className = classes.filter(Boolean).join(" ");
  return made;
}

/** What a terminal shows of a line: after a carriage return the line begins anew. */
function visible(line: string): string {
  return line.includes("\r") ? line.slice(line.replace(/\r+$/, "").lastIndexOf("\r") + 1).replace(/\r+$/, "") : line;
}

/** A line as a terminal shows it. */
export function runs(line: string): Run[] {
  const text = visible(line);
  const result: Run[] = [];
  let style = plain;
  let at = 0;
  for (const match of text.matchAll(SEQUENCE)) {
    if (match.index > at) result.push(run(text.slice(at, match.index), style));
    at = match.index + match[0].length;
    if (match[2] === "m") style = select(style, (match[1] ?? "").split(/[;:]/).map(Number));
  }
  if (at < text.length) result.push(run(text.slice(at), style));
  return result;
}

/** The text alone, for search and for copying. */
export function stripped(line: string): string {
  return line.includes("\u001b") ? line.replace(SEQUENCE, "") : line;
}

/** The text that is shown, for copying. */
export const shownText = (line: string): string => stripped(visible(line));

/** The same runs, cut where the needle (in lower case) begins and ends. */
export function withHits(parts: readonly Run[], needle: string): Run[] {
  if (needle === "") return [...parts];
  const text = parts
    .map((part) => part.text)
    .join("")
    .toLowerCase();
  const cuts = new Set<number>();
  const hits: [number, number][] = [];
  for (let at = text.indexOf(needle); at >= 0; at = text.indexOf(needle, at + needle.length)) {
    hits.push([at, at + needle.length]);
    cuts.add(at).add(at + needle.length);
  }
  const result: Run[] = [];
  let begin = 0;
  for (const part of parts) {
    const inside = [...cuts].filter((cut) => cut > begin && cut < begin + part.text.length).sort((a, b) => a - b);
    let from = begin;
    for (const to of [...inside, begin + part.text.length]) {
      const start = from;
      const hit = hits.some(([a, b]) => start >= a && start < b);
      result.push({ ...part, text: part.text.slice(start - begin, to - begin), ...(hit && { hit: true as const }) });
      from = to;
    }
    begin += part.text.length;
  }
  return result;
}
