// Colours of terminals in log lines (ECMA-48 SGR, with the common 256 and 24-bit extensions), as runs of text
// with classes. No HTML is made, so nothing in a log can become an element.

export interface Run {
  text: string;
  className: string;
  /** Of the 256 and 24-bit palettes. */
  color?: string;
}

interface Style {
  color: string;
  rgb: string | undefined;
  bold: boolean;
  dim: boolean;
  italic: boolean;
  underline: boolean;
}

const plain: Style = { color: "", rgb: undefined, bold: false, dim: false, italic: false, underline: false };
const names = ["black", "red", "green", "yellow", "blue", "magenta", "cyan", "white"];
// biome-ignore lint/suspicious/noControlCharactersInRegex: the escape character is what this is about
const SEQUENCE = /\u001b(?:\[([0-9;:]*)([A-Za-z])|\][^\u0007\u001b]*(?:\u0007|\u001b\\)|[@-Z\\-_])/g;

function cube(n: number): string {
  if (n < 16) return "";
  if (n >= 232) {
    const grey = 8 + (n - 232) * 10;
    return `rgb(${grey} ${grey} ${grey})`;
  }
  const level = (value: number) => (value === 0 ? 0 : 55 + value * 40);
  const at = n - 16;
  return `rgb(${level(Math.floor(at / 36))} ${level(Math.floor(at / 6) % 6)} ${level(at % 6)})`;
}

function select(style: Style, codes: number[]): Style {
  let next = { ...style };
  for (let at = 0; at < codes.length; at += 1) {
    const code = codes[at] ?? 0;
    if (code === 0) next = { ...plain };
    else if (code === 1) next.bold = true;
    else if (code === 2) next.dim = true;
    else if (code === 3) next.italic = true;
    else if (code === 4) next.underline = true;
    else if (code === 22) next = { ...next, bold: false, dim: false };
    else if (code === 23) next.italic = false;
    else if (code === 24) next.underline = false;
    else if (code === 39) next = { ...next, color: "", rgb: undefined };
    else if (code >= 30 && code <= 37) next = { ...next, color: names[code - 30] ?? "", rgb: undefined };
    else if (code >= 90 && code <= 97) next = { ...next, color: names[code - 90] ?? "", rgb: undefined };
    else if (code === 38 || code === 48) {
      const indexed = codes[at + 1] === 5;
      const [first = 0, green = 0, blue = 0] = codes.slice(at + 2);
      if (code === 38 && indexed && first < 16) next = { ...next, color: names[first % 8] ?? "", rgb: undefined };
      else if (code === 38)
        next = { ...next, color: "", rgb: indexed ? cube(first) : `rgb(${first} ${green} ${blue})` };
      at += indexed ? 2 : 4;
    }
  }
  return next;
}

function run(text: string, style: Style): Run {
  const classes = [
    style.color && `ansi-${style.color}`,
    style.bold && "font-bold",
    style.dim && "opacity-70",
    style.italic && "italic",
    style.underline && "underline",
  ];
  return { text, className: classes.filter(Boolean).join(" "), ...(style.rgb && { color: style.rgb }) };
}

/** A line as a terminal shows it: after a carriage return the line begins anew. */
export function runs(line: string): Run[] {
  const visible = line.slice(line.replace(/\r+$/, "").lastIndexOf("\r") + 1).replace(/\r+$/, "");
  const result: Run[] = [];
  let style = plain;
  let at = 0;
  for (const match of visible.matchAll(SEQUENCE)) {
    if (match.index > at) result.push(run(visible.slice(at, match.index), style));
    at = match.index + match[0].length;
    if (match[2] === "m") style = select(style, (match[1] ?? "").split(/[;:]/).map(Number));
  }
  if (at < visible.length) result.push(run(visible.slice(at), style));
  return result;
}

/** The text alone, for search and for copying. */
export function stripped(line: string): string {
  return line.includes("\u001b") ? line.replace(SEQUENCE, "") : line;
}
