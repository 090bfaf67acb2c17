// How fast something goes, over the last seconds.

const WINDOW = 5000;

export class Speed {
  #samples: { at: number; sent: number }[] = [];

  begin(sent: number, at = performance.now()) {
    this.#samples = [{ at, sent }];
  }

  /** Bytes per second, once there is enough to tell. */
  at(sent: number, at = performance.now()): number | undefined {
    this.#samples.push({ at, sent });
    while (this.#samples.length > 2 && at - (this.#samples[1]?.at ?? at) > WINDOW) this.#samples.shift();
    const first = this.#samples[0];
    const took = at - (first?.at ?? at);
    return first && took > 300 ? ((sent - first.sent) / took) * 1000 : undefined;
  }
}
