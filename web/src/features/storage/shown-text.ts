// Foreign text as it can be shown safely: characters that steer rather than show (terminal escapes, writing-direction
// overrides, zero-width ones) can make a text look like another one, so they are made visible.

/** C0 without tab and line ends, DEL and C1, soft hyphen, zero-width and direction marks, BOM, tags. */
const STEERING =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u00ad\u061c\u115f\u1160\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]|[\u{e0000}-\u{e007f}]/gu;

export interface Piece {
  text: string;
  /** The character that stands here, as `U+202E`. */
  steering?: string;
}

const codeOf = (character: string) =>
  `U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0")}`;

/** The text in pieces: what shows as it is, and each steering character by its code. */
export function pieces(text: string): Piece[] {
  const found: Piece[] = [];
  let from = 0;
  for (const match of text.matchAll(STEERING)) {
    if (match.index > from) found.push({ text: text.slice(from, match.index) });
    found.push({ text: match[0], steering: codeOf(match[0]) });
    from = match.index + match[0].length;
  }
  if (from < text.length || found.length === 0) found.push({ text: text.slice(from) });
  return found;
}

/** The same as one text, for names and titles. */
export function shownName(text: string): string {
  return text.replace(STEERING, (character) => `⟨${codeOf(character)}⟩`).replace(/[\r\n\t]+/g, " ");
}
