// A JSON value as a tree that is asked for level by level, so that only what is seen leaves the worker it lives in.
// Nothing here recurses: a document may be nested ten thousand deep. Names such as `__proto__` are names like others:
// JSON.parse makes own properties of them, and nothing is ever assigned by a name out of the document.

export type Kind = "object" | "array" | "string" | "number" | "boolean" | "null";

export interface NodeInfo {
  /** The name or number under which it stands in its parent. */
  name: string;
  kind: Kind;
  /** How many it holds. */
  size: number;
  /** What a leaf says, shortened. */
  text: string;
}

/** Which child of which child, from the root. */
export type Path = readonly number[];

const SHOWN = 500;

export function kindOfValue(value: unknown): Kind {
  if (value === null) return "null";
  if (Array.isArray(value)) return "array";
  return typeof value as Kind;
}

export class JsonModel {
  /** Names of objects, which are in order only once they are listed. */
  #names = new WeakMap<object, readonly string[]>();

  constructor(readonly root: unknown) {}

  #namesOf(value: object): readonly string[] {
    let names = this.#names.get(value);
    if (!names) {
      names = Object.keys(value);
      this.#names.set(value, names);
    }
    return names;
  }

  #sizeOf(value: unknown): number {
    if (Array.isArray(value)) return value.length;
    return typeof value === "object" && value !== null ? this.#namesOf(value).length : 0;
  }

  #child(value: unknown, at: number): { name: string; value: unknown } {
    if (Array.isArray(value)) return { name: String(at), value: value[at] };
    const name = this.#namesOf(value as object)[at] ?? "";
    return { name, value: (value as Record<string, unknown>)[name] };
  }

  #info(name: string, value: unknown): NodeInfo {
    const kind = kindOfValue(value);
    const text =
      kind === "string" ? quoted(value as string) : kind === "object" || kind === "array" ? "" : String(value);
    return { name, kind, size: this.#sizeOf(value), text };
  }

  at(path: Path): unknown {
    let value = this.root;
    for (const index of path) value = this.#child(value, index).value;
    return value;
  }

  top(): NodeInfo {
    return this.#info("", this.root);
  }

  children(path: Path, from: number, count: number): NodeInfo[] {
    const value = this.at(path);
    const end = Math.min(this.#sizeOf(value), from + count);
    const found: NodeInfo[] = [];
    for (let at = from; at < end; at += 1) {
      const child = this.#child(value, at);
      found.push(this.#info(child.name, child.value));
    }
    return found;
  }

  /** Where a name or a leaf holds the text, in the order of the document. */
  search(text: string, most: number): { paths: Path[]; more: boolean } {
    const wanted = text.toLowerCase();
    const paths: Path[] = [];
    // Each entry is a value whose children are being walked, and the next of them.
    const open: { value: unknown; next: number; size: number }[] = [
      { value: this.root, next: 0, size: this.#sizeOf(this.root) },
    ];
    while (open.length > 0) {
      const top = open[open.length - 1] as (typeof open)[number];
      if (top.next >= top.size) {
        open.pop();
        continue;
      }
      const at = top.next;
      top.next += 1;
      const { name, value } = this.#child(top.value, at);
      const leaf = typeof value !== "object" || value === null;
      const named = !Array.isArray(top.value) && name.toLowerCase().includes(wanted);
      if (named || (leaf && String(value).toLowerCase().includes(wanted))) {
        if (paths.length >= most) return { paths, more: true };
        paths.push(open.map(({ next }) => next - 1));
      }
      if (!leaf) open.push({ value, next: 0, size: this.#sizeOf(value) });
    }
    return { paths, more: false };
  }
}

function quoted(text: string): string {
  return text.length > SHOWN
    ? `${JSON.stringify(text.slice(0, SHOWN))} … (${text.length} characters)`
    : JSON.stringify(text);
}
