/** Bytes in a line. */
export const WIDTH = 16;

/** Offset, bytes, and what is printable of them. */
export function hexLine(offset: number, part: Uint8Array): string {
  const pairs = Array.from(part, (byte) => byte.toString(16).padStart(2, "0"));
  const shown = Array.from(part, (byte) => (byte >= 32 && byte < 127 ? String.fromCharCode(byte) : "."));
  return `${offset.toString(16).padStart(8, "0")}  ${pairs.join(" ").padEnd(WIDTH * 3 - 1)}  ${shown.join("")}`;
}
