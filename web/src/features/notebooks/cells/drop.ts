// Cells that are dragged in the list. Where they would go is shown by a line at the cell below the pointer.

import type { DragEvent } from "react";
import type { Commands } from "../model/commands";
import { moveCells } from "../model/document";

/** What is dragged: ids of cells as JSON. */
export const CELLS = "application/x-castalia-cells";

let marked: HTMLElement | undefined;

function mark(element: HTMLElement | undefined, place: "before" | "after" | undefined) {
  if (marked && marked !== element) delete marked.dataset.drop;
  marked = element;
  if (element && place) element.dataset.drop = place;
  else if (element) delete element.dataset.drop;
}

function placeOf(event: DragEvent): { cell: HTMLElement; after: boolean } | undefined {
  const cell = (event.target as Element).closest<HTMLElement>("[data-cell]");
  if (!cell) return undefined;
  const { top, height } = cell.getBoundingClientRect();
  return { cell, after: event.clientY > top + height / 2 };
}

export function onDragOver(event: DragEvent): void {
  if (!event.dataTransfer.types.includes(CELLS)) return;
  event.preventDefault();
  event.dataTransfer.dropEffect = "move";
  const place = placeOf(event);
  if (place) mark(place.cell, place.after ? "after" : "before");
}

export const onDragEnd = (): void => mark(undefined, undefined);

export function onDrop(event: DragEvent, commands: Commands): void {
  const place = placeOf(event);
  mark(undefined, undefined);
  const text = event.dataTransfer.getData(CELLS);
  if (!place || text === "" || !commands.mayEdit) return;
  event.preventDefault();
  const { order } = commands;
  // They may come from another notebook.
  const ids = (JSON.parse(text) as string[]).filter((id) => order.includes(id));
  const target = place.cell.dataset.cell ?? "";
  if (ids.length === 0 || ids.includes(target)) return;
  const rest = order.filter((id) => !ids.includes(id));
  moveCells(commands.session.doc, ids, rest.indexOf(target) + (place.after ? 1 : 0));
}
