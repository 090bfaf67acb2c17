// `@name` in a comment: who could be meant while it is written.

export interface Named {
  name: string;
  display_name: string;
}

/** The `@` and what follows it before the cursor, if somebody is being named there. */
export function beingNamed(text: string, cursor: number): { from: number; needle: string } | undefined {
  const found = /(?:^|[^\p{L}\p{N}_.-])@([\p{L}\p{N}_.-]*)$/u.exec(text.slice(0, cursor));
  return found ? { from: cursor - (found[1] ?? "").length - 1, needle: found[1] ?? "" } : undefined;
}

const MOST = 6;

/** Those whose names begin so, then those who have it in them. */
export function whoCouldBe<Person extends Named>(people: readonly Person[], needle: string): Person[] {
  const wanted = needle.toLowerCase();
  const rank = ({ name, display_name }: Named) => {
    const names = [name, ...display_name.split(/\s+/)].map((word) => word.toLowerCase());
    if (names.some((word) => word.startsWith(wanted))) return 0;
    return names.some((word) => word.includes(wanted)) ? 1 : 2;
  };
  return people
    .filter((one) => rank(one) < 2)
    .sort((a, b) => rank(a) - rank(b) || a.name.localeCompare(b.name))
    .slice(0, MOST);
}
