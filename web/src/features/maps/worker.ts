// One worker for all maps of a window, made when it is first asked.

import type { Answer, Question, Work } from "./work";

type Asked<Name extends keyof Work> = ReturnType<Work[Name]>;

let worker: Worker | undefined;
let last = 0;
const waiting = new Map<number, { resolve: (value: unknown) => void; reject: (error: Error) => void }>();

function started(): Worker {
  if (worker) return worker;
  worker = new Worker(new URL("./work.worker.ts", import.meta.url), { type: "module" });
  worker.onmessage = ({ data }: MessageEvent<Answer>) => {
    const asked = waiting.get(data.id);
    waiting.delete(data.id);
    if ("error" in data) asked?.reject(new Error(data.error));
    else asked?.resolve(data.value);
  };
  worker.onerror = (event) => {
    for (const { reject } of waiting.values())
      reject(new Error(event.message || "the map's worker could not be started"));
    waiting.clear();
    worker?.terminate();
    worker = undefined;
  };
  return worker;
}

export function inWorker<Name extends keyof Work>(ask: Name, ...args: Parameters<Work[Name]>): Promise<Asked<Name>> {
  return new Promise((resolve, reject) => {
    const id = ++last;
    waiting.set(id, { resolve: resolve as (value: unknown) => void, reject });
    started().postMessage({ id, ask, args } satisfies Question);
  });
}
