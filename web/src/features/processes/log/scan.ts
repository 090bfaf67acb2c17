// Looks through all lines of a log for those that match, a page at a time and in the breaks between frames; then it
// goes on with what is new. Only the places are kept.

import { PAGE, type Pages } from "./pages";

/** Whether a line counts; `index` from 0, in rising order. */
export type Test = (text: string, kind: number, index: number) => boolean;

/** Milliseconds of work before others have their turn. */
const TURN = 12;
/** Pages that are asked for before they are needed. */
const AHEAD = 2;

const pause = () => new Promise<void>((resolve) => setTimeout(resolve));

export class Scan {
  #places = new Uint32Array(1024);
  #length = 0;
  #at = 0;
  #ended = false;
  #busy = false;
  #leave: () => void;

  constructor(
    private readonly pages: Pages,
    private readonly test: Test,
    private readonly onError: (error: unknown) => void = () => {},
  ) {
    this.#leave = pages.watch(() => void this.#run());
    void this.#run();
  }

  /** How many were found so far. */
  get length(): number {
    return this.#length;
  }

  /** How many lines were looked at. */
  get looked(): number {
    return this.#at;
  }

  /** Whether all that is there was looked at. */
  get done(): boolean {
    return this.#at >= this.pages.total;
  }

  /** The index of the nth line that was found. */
  place(n: number): number {
    return this.#places[n] ?? 0;
  }

  /** How many of those found stand before line `index`. */
  before(index: number): number {
    let [low, high] = [0, this.#length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#places[middle] as number) < index) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** Looks no further. */
  end(): void {
    this.#ended = true;
    this.#leave();
  }

  async #run(): Promise<void> {
    if (this.#busy || this.#ended || this.done) return;
    this.#busy = true;
    try {
      let begun = performance.now();
      while (!this.#ended && !this.done) {
        const number = Math.floor(this.#at / PAGE);
        for (let next = number + 1; next <= number + AHEAD && (next + 1) * PAGE <= this.pages.total; next += 1) {
          this.pages.page(next).catch(() => {});
        }
        const page = await this.pages.page(number);
        if (this.#ended) return;
        const lines = page.text.split("\n");
        for (let row = this.#at - number * PAGE; row < page.kinds.length; row += 1) {
          const index = number * PAGE + row;
          if (this.test(lines[row] ?? "", page.kinds[row] ?? 0, index)) this.#push(index);
          this.#at = index + 1;
        }
        if (performance.now() - begun > TURN) {
          this.pages.touch();
          await pause();
          begun = performance.now();
        }
      }
    } catch (error) {
      this.#ended = true;
      this.onError(error);
    } finally {
      this.#busy = false;
      this.pages.touch();
    }
  }

  #push(index: number): void {
    if (this.#length === this.#places.length) {
      const larger = new Uint32Array(this.#length * 2);
      larger.set(this.#places);
      this.#places = larger;
    }
    this.#places[this.#length] = index;
    this.#length += 1;
  }
}
