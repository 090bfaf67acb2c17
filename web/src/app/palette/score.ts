// How well an entry of the palette answers what was typed.

export interface Entry {
  title: string;
  /** Further words to be found by. */
  words?: string | undefined;
}

/** 0 when a word of the needle is nowhere; more when the title begins with it, or one of its words does. */
export function score({ title, words = "" }: Entry, needle: string): number {
  const typed = needle.toLowerCase().split(/\s+/).filter(Boolean);
  if (typed.length === 0) return 1;
  const name = title.toLowerCase();
  const rest = words.toLowerCase();
  let total = 0;
  for (const word of typed) {
    const at = name.indexOf(word);
    const begins = at === 0 || (at > 0 && /[^\p{L}\p{N}]/u.test(name[at - 1] ?? ""));
    const own =
      at === 0 ? 8 : begins ? 6 : at > 0 ? 3 : initials(name).startsWith(word) ? 4 : rest.includes(word) ? 1 : 0;
    if (own === 0) return 0;
    total += own;
  }
  // Of equals, the shorter says less that was not asked for.
  return total / typed.length - Math.min(name.length, 100) / 1000;
}

const initials = (name: string) =>
  name
    .split(/[^\p{L}\p{N}]+/u)
    .map((word) => word.charAt(0))
    .join("");
