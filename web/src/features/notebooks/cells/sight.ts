// Which cells of the list are drawn in full. Of a thousand cells only those around the window are; the others are their
// bare text in a box of the height that they had, or probably will have.

import { createContext, type RefObject, useContext, useEffect, useState } from "react";
import * as Y from "yjs";
import type { YCell } from "../model/document";
import { sourceOf, typeOf } from "../model/document";

/** `far`: the bare text. `drawn`: all of it. `near`: with an editor besides. */
export type Sight = "far" | "drawn" | "near";

/** Lengths beside the window, in pixels: what comes into sight soon is there already. */
const NEAR = 600;
const DRAWN = 1600;
/** An editor is worth its while once one stops here: while one scrolls, cells have their texts without. */
const STILL = 120;
/** So many cells stay drawn after they have left: a page in an output begins anew when its cell is drawn again. */
const KEPT = 40;

type Told = (sight: Sight) => void;

/** Whoever decides how much of a cell is drawn. */
export interface Looker {
  watch(element: Element, told: Told): () => void;
}

/** For the canvas, which draws what is in sight: an editor comes once the plane stands still. */
export class WhenStill implements Looker {
  #moving: ReturnType<typeof setTimeout> | undefined;
  #waiting = new Set<Told>();

  watch(_element: Element, told: Told): () => void {
    if (this.#moving === undefined) told("near");
    else this.#waiting.add(told);
    return () => this.#waiting.delete(told);
  }

  moved = (): void => {
    clearTimeout(this.#moving);
    this.#moving = setTimeout(() => {
      this.#moving = undefined;
      for (const told of this.#waiting) told("near");
      this.#waiting.clear();
    }, STILL);
  };

  close(): void {
    clearTimeout(this.#moving);
    this.#moving = undefined;
  }
}

/** Looks after all cells of one scrolling box. */
export class Sights implements Looker {
  #told = new Map<Element, Told>();
  #within = new Map<Element, { near: boolean; drawn: boolean }>();
  /** Those that left, the latest last. */
  #left = new Set<Element>();
  #observers: readonly IntersectionObserver[];
  #scrolling: ReturnType<typeof setTimeout> | undefined;
  #waiting = new Set<Element>();

  constructor(readonly root: Element) {
    root.addEventListener("scroll", this.#onScroll, { passive: true });
    const observer = (key: "near" | "drawn", margin: number) =>
      new IntersectionObserver(
        (entries) => {
          for (const { target, isIntersecting } of entries) this.#note(target, key, isIntersecting);
          this.#forget();
        },
        { root, rootMargin: `${margin}px 0px` },
      );
    this.#observers = [observer("near", NEAR), observer("drawn", DRAWN)];
  }

  watch(element: Element, told: Told): () => void {
    this.#told.set(element, told);
    for (const observer of this.#observers) observer.observe(element);
    return () => {
      for (const observer of this.#observers) observer.unobserve(element);
      this.#told.delete(element);
      this.#within.delete(element);
      this.#left.delete(element);
      this.#waiting.delete(element);
    };
  }

  close(): void {
    clearTimeout(this.#scrolling);
    this.root.removeEventListener("scroll", this.#onScroll);
    for (const observer of this.#observers) observer.disconnect();
  }

  #note(element: Element, key: "near" | "drawn", inside: boolean) {
    const before = this.#within.get(element);
    const now = { near: false, drawn: false, ...before, [key]: inside };
    this.#within.set(element, now);
    if (now.near || now.drawn) this.#left.delete(element);
    else if (before?.drawn || before?.near) this.#left.add(element);
    else return;
    this.#waiting.delete(element);
    // One that has its editor keeps it.
    const later = now.near && !before?.near && this.#scrolling !== undefined;
    if (later) this.#waiting.add(element);
    this.#told.get(element)?.(now.near && !later ? "near" : "drawn");
  }

  #onScroll = () => {
    clearTimeout(this.#scrolling);
    this.#scrolling = setTimeout(() => {
      this.#scrolling = undefined;
      for (const element of this.#waiting) this.#told.get(element)?.("near");
      this.#waiting.clear();
    }, STILL);
  };

  #forget() {
    for (const element of this.#left) {
      if (this.#left.size <= KEPT) return;
      // Somebody is in one of its outputs.
      if (element.contains(document.activeElement)) continue;
      this.#left.delete(element);
      this.#told.get(element)?.("far");
    }
  }
}

export const SightsContext = createContext<Looker | undefined>(undefined);

/** How much of a cell is to be drawn; all of it where nobody looks after that. */
export function useSight(element: RefObject<HTMLElement | null>, first: Sight): Sight {
  const sights = useContext(SightsContext);
  const [sight, setSight] = useState(first);
  useEffect(() => {
    if (element.current && sights) return sights.watch(element.current, setSight);
  }, [element, sights]);
  return sight;
}

const LINE = 20;
const HIGHEST_TEXT = 512;

/** How high a cell that was never drawn probably is, in pixels. */
export function probableHeight(cell: YCell | undefined): number {
  const source = sourceOf(cell)?.toString() ?? "";
  let height = 24 + LINE * source.split("\n").length;
  const outputs = cell?.get("outputs");
  if (typeOf(cell) !== "code" || !(outputs instanceof Y.Array)) return height;
  for (const output of outputs) height += output instanceof Y.Map ? outputHeight(output) : 2 * LINE;
  return height;
}

function outputHeight(output: Y.Map<unknown>): number {
  const text = output.get("text");
  if (text instanceof Y.Text) return Math.min(HIGHEST_TEXT, LINE * Math.ceil(1 + text.length / 80));
  const has = (type: string) => [output.get("data"), output.get("stored")].some((bundle) => type in Object(bundle));
  if (has("image/png") || has("image/svg+xml") || has("application/vnd.plotly.v1+json")) return 420;
  return has("text/html") ? 240 : 3 * LINE;
}
