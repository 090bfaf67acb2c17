// Names of uploads.

/** `a/b.csv` → `a/b (2).csv` → `a/b (3).csv`. */
export function numbered(name: string): string {
  const slash = name.lastIndexOf("/") + 1;
  const dot = name.lastIndexOf(".");
  const cut = dot > slash ? dot : name.length;
  const [stem, ending] = [name.slice(0, cut), name.slice(cut)];
  const [, before, number] = /^(.*) \((\d+)\)$/s.exec(stem) ?? [];
  return before === undefined ? `${stem} (2)${ending}` : `${before} (${Number(number) + 1})${ending}`;
}

/** The same letters may be written in two ways; a Mac gives the one, everybody else the other. */
export const plain = (name: string): string => name.normalize("NFC");
