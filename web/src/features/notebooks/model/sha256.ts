// SHA-256 (FIPS 180-4) of a text, at once: the browser's own answers later, and only on pages that came over TLS.

const first = (count: number, root: number) => {
  const found: number[] = [];
  for (let n = 2; found.length < count; n += 1) {
    let prime = true;
    for (let by = 2; by * by <= n; by += 1) if (n % by === 0) prime = false;
    if (prime) found.push(((n ** (1 / root) % 1) * 2 ** 32) | 0);
  }
  return found;
};
const K = first(64, 3);
const START = first(8, 2);
const turn = (value: number, by: number) => (value >>> by) | (value << (32 - by));
const at = (list: ArrayLike<number>, index: number): number => list[index] ?? 0;

export function sha256(text: string): string {
  const bytes = new TextEncoder().encode(text);
  const length = ((bytes.length + 8) >> 6) * 16 + 16;
  const words = new Int32Array(length);
  bytes.forEach((byte, index) => {
    words[index >> 2] = at(words, index >> 2) | (byte << (24 - (index % 4) * 8));
  });
  words[bytes.length >> 2] = at(words, bytes.length >> 2) | (0x80 << (24 - (bytes.length % 4) * 8));
  words[length - 2] = Math.floor(bytes.length / 2 ** 29);
  words[length - 1] = bytes.length << 3;
  const hash = [...START];
  const w = new Int32Array(64);
  for (let block = 0; block < length; block += 16) {
    for (let t = 0; t < 64; t += 1) {
      if (t < 16) w[t] = at(words, block + t);
      else {
        const [x, y] = [at(w, t - 15), at(w, t - 2)];
        const s0 = turn(x, 7) ^ turn(x, 18) ^ (x >>> 3);
        const s1 = turn(y, 17) ^ turn(y, 19) ^ (y >>> 10);
        w[t] = (at(w, t - 16) + s0 + at(w, t - 7) + s1) | 0;
      }
    }
    let [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0, g = 0, h = 0] = hash;
    for (let t = 0; t < 64; t += 1) {
      const one = turn(e, 6) ^ turn(e, 11) ^ turn(e, 25);
      const t1 = (h + one + ((e & f) ^ (~e & g)) + at(K, t) + at(w, t)) | 0;
      const zero = turn(a, 2) ^ turn(a, 13) ^ turn(a, 22);
      const t2 = (zero + ((a & b) ^ (a & c) ^ (b & c))) | 0;
      [h, g, f, e, d, c, b, a] = [g, f, e, (d + t1) | 0, c, b, a, (t1 + t2) | 0];
    }
    [a, b, c, d, e, f, g, h].forEach((value, index) => {
      hash[index] = (at(hash, index) + value) | 0;
    });
  }
  return hash.map((value) => (value >>> 0).toString(16).padStart(8, "0")).join("");
}
