// How full a quota is, and which cells fill it.

import type { Usage } from "../queries";

/** Cells that are listed one by one. */
const LISTED = 8;
/** From here on it is said that little is left. */
const NEARLY = 0.9;

export interface Fill {
  /** From 0 to 100, never 0 when something is stored, and 100 only when nothing more fits. */
  percent: number;
  level: "fine" | "nearly" | "full";
}

export function fillOf(bytes: number, quota: number): Fill {
  if (bytes >= quota) return { percent: 100, level: "full" };
  if (bytes <= 0) return { percent: 0, level: "fine" };
  const share = bytes / quota;
  return { percent: Math.min(99, Math.max(1, Math.round(share * 100))), level: share >= NEARLY ? "nearly" : "fine" };
}

export interface Largest {
  cells: Usage["cells"];
  /** How many more cells there are, and what they store together. */
  more: number;
  rest: number;
}

/** The cells that store most, the largest first. */
export function largestOf({ cells }: Pick<Usage, "cells">): Largest {
  const sorted = cells.filter(({ bytes }) => bytes > 0).toSorted((a, b) => b.bytes - a.bytes);
  // One that is left alone takes no more room than the line that would stand for it.
  const listed = sorted.length === LISTED + 1 ? sorted.length : LISTED;
  const others = sorted.slice(listed);
  return {
    cells: sorted.slice(0, listed),
    more: others.length,
    rest: others.reduce((sum, { bytes }) => sum + bytes, 0),
  };
}

/** What the other notebooks of the project store. */
export const besideOf = ({ notebook, project }: Pick<Usage, "notebook" | "project">): number =>
  Math.max(0, project.bytes - notebook.bytes);

/** A name for a cell: its first line that says something. */
export function lineOf(source: string): string {
  const line = source.split("\n").find((one) => one.trim() !== "");
  return line === undefined ? "An empty cell" : line.trim().slice(0, 80);
}
