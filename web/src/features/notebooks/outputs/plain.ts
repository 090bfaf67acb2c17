// Text of programs: colours of terminals, and lines that were written over.

import { type Run, runs } from "@/features/processes/log/ansi";

export type Parts = readonly Run[];

/** What a terminal shows after backspaces: each takes one character of its line away. */
export function backspaced(text: string): string {
  if (!text.includes("\b")) return text;
  const made: string[] = [];
  for (const letter of text) {
    if (letter !== "\b") made.push(letter);
    else if (made.length > 0 && made.at(-1) !== "\n") made.pop();
  }
  return made.join("");
}

/** Lines as runs of text with classes. A colour goes on over the end of a line. */
export function plainText(text: string): Parts[] {
  const lines = backspaced(text).replaceAll("\r\n", "\n").split("\n");
  if (lines.at(-1) === "") lines.pop();
  let open = "";
  return lines.map((line) => {
    const whole = open + line;
    // biome-ignore lint/suspicious/noControlCharactersInRegex: the escape character is what this is about
    const codes = whole.match(/\u001b\[[0-9;:]*m/g) ?? [];
    const reset = codes.findLastIndex((code) => /\[0*m$/.test(code));
    open = codes.slice(reset + 1).join("");
    return runs(whole);
  });
}
