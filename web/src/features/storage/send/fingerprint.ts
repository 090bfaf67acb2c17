// Whether two files are the same one, without reading all of it: for going on with an upload after the page was left.
// It guards against mistakes, not against malice, and works without a secure context, unlike crypto.subtle.

export interface Fingerprint {
  name: string;
  size: number;
  lastModified: number;
  /** Hash of the first megabyte. */
  head: string;
}

const HEAD = 1 << 20;

/** FNV-1a, 64 bits as two halves. */
export function hash(bytes: Uint8Array): string {
  let a = 0x811c9dc5;
  let b = 0xc9dc5118;
  for (const byte of bytes) {
    a = Math.imul(a ^ byte, 0x01000193);
    b = Math.imul(b ^ byte ^ (a >>> 24), 0x01000193);
  }
  return [a, b].map((half) => (half >>> 0).toString(16).padStart(8, "0")).join("");
}

export async function fingerprint(file: File): Promise<Fingerprint> {
  const head = new Uint8Array(await file.slice(0, HEAD).arrayBuffer());
  return { name: file.name, size: file.size, lastModified: file.lastModified, head: hash(head) };
}

/** Why it is another file, or undefined when it is the same. */
export function difference(known: Fingerprint, other: Fingerprint): string | undefined {
  if (known.name !== other.name) return `that one is called ${other.name}, not ${known.name}`;
  if (known.size !== other.size) return `it has ${other.size} bytes, the one that was begun has ${known.size}`;
  if (known.lastModified !== other.lastModified) return "it was changed since the upload began";
  if (known.head !== other.head) return "its content is another one";
  return undefined;
}
