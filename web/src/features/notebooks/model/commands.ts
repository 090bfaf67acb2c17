// What keys, buttons and the palette do with cells. Each goes on with the cell that one would go on with by hand.

import { toast } from "@/shared/ui/toast";
import type { Focus } from "../cells/focus";
import type { RunWhat } from "../queries";
import {
  addCell,
  type CellCopy,
  type CellType,
  type Collapsed,
  cellOf,
  copyOf,
  kernelOf,
  mergeBelow,
  moveCells,
  orderOf,
  removeCells,
  sectionOf,
  setCollapsed,
  setType,
  splitCell,
  textOf,
  typeOf,
} from "./document";
import type { NotebookSession } from "./session";

let clipboard: readonly CellCopy[] = [];
/** A run waits for the person's last edits to be with the server, so that it runs what they see. */
const SAVED_WITHIN = 4000;

export class Commands {
  constructor(
    readonly session: NotebookSession,
    readonly focus: Focus,
  ) {}

  get mayEdit(): boolean {
    return this.session.may.edit;
  }

  get mayRun(): boolean {
    return this.session.may.run;
  }

  get order(): string[] {
    return orderOf(this.session.doc);
  }

  /** The cells that are chosen, in order. */
  get chosen(): string[] {
    const { active, other } = this.focus;
    const { order } = this;
    if (active === undefined || !order.includes(active)) return [];
    if (other === undefined) return [active];
    const [from, to] = [order.indexOf(active), order.indexOf(other)].sort((a, b) => a - b);
    return order.slice(from, (to ?? 0) + 1);
  }

  add(way: "above" | "below" | "end", type: CellType = "code", edit = false): void {
    if (!this.mayEdit) return;
    const { order, chosen } = this;
    const base = way === "above" ? chosen[0] : chosen.at(-1);
    const at = way === "end" || base === undefined ? order.length : order.indexOf(base) + (way === "below" ? 1 : 0);
    this.focus.go(addCell(this.session.doc, at, { type }), edit ? "edit" : "command");
  }

  /** Adds a cell at a place of the canvas, last in the file. */
  addAt(left: number, top: number): void {
    if (this.mayEdit) this.focus.go(addCell(this.session.doc, this.order.length, { left, top }), "edit");
  }

  remove(ids = this.chosen): void {
    if (!this.mayEdit || ids.length === 0) return;
    const { order } = this;
    const rest = order.filter((id) => !ids.includes(id));
    const after = order.slice(order.indexOf(ids.at(-1) ?? "") + 1).find((id) => rest.includes(id)) ?? rest.at(-1);
    removeCells(this.session.doc, ids);
    if (after !== undefined) this.focus.go(after);
  }

  move(way: "up" | "down", ids = this.chosen): void {
    if (!this.mayEdit || ids.length === 0) return;
    const { order } = this;
    const rest = order.filter((id) => !ids.includes(id));
    const first = order.indexOf(ids[0] ?? "");
    const at = way === "up" ? first - 1 : first + 1;
    if (at < 0 || at > rest.length) return;
    moveCells(this.session.doc, ids, at);
    const [active] = ids;
    if (active !== undefined) requestAnimationFrame(() => this.focus.go(active));
  }

  change(type: CellType): void {
    if (!this.mayEdit) return;
    for (const id of this.chosen) setType(this.session.doc, id, type);
  }

  copy(): void {
    clipboard = this.chosen.map((id) => copyOf(this.session.doc, id));
  }

  cut(): void {
    if (!this.mayEdit) return;
    this.copy();
    this.remove();
  }

  paste(way: "above" | "below"): void {
    if (!this.mayEdit || clipboard.length === 0) return;
    const { order, chosen } = this;
    const base = way === "above" ? chosen[0] : chosen.at(-1);
    let at = base === undefined ? order.length : order.indexOf(base) + (way === "below" ? 1 : 0);
    let last = "";
    for (const cell of clipboard) last = addCell(this.session.doc, at++, cell);
    this.focus.go(last);
  }

  merge(): void {
    if (!this.mayEdit) return;
    const { chosen } = this;
    const [first] = chosen;
    if (first === undefined) return;
    for (let left = Math.max(1, chosen.length - 1); left > 0; left -= 1) mergeBelow(this.session.doc, first);
    this.focus.go(first);
  }

  split(id: string, at: number): void {
    if (!this.mayEdit) return;
    const made = splitCell(this.session.doc, id, at);
    if (made) this.focus.go(made, "edit", "start");
  }

  undo(): void {
    if (this.mayEdit) this.session.undo.undo();
  }

  redo(): void {
    if (this.mayEdit) this.session.undo.redo();
  }

  /** Folds the input or the output of cells away, or shows it. */
  fold(part: "i" | "o", ids = this.chosen): void {
    if (!this.mayEdit) return;
    for (const id of ids) {
      const cell = cellOf(this.session.doc, id);
      const now = String(cell?.get("collapsed") ?? "");
      const has = (one: string) => now === one || now === "b";
      const input = part === "i" ? !has("i") : has("i");
      const output = part === "o" ? !has("o") : has("o");
      const next: Collapsed = input && output ? "b" : input ? "i" : output ? "o" : null;
      setCollapsed(this.session.doc, id, next);
    }
  }

  walk(way: "up" | "down", extend = false): void {
    const { order } = this;
    const from = (extend ? this.focus.other : undefined) ?? this.focus.active;
    const at = from === undefined ? -1 : order.indexOf(from);
    const next = order[way === "up" ? at - 1 : at + 1];
    if (next === undefined) return;
    if (extend) this.extendTo(next);
    else this.focus.go(next);
  }

  /** Chooses all from the active cell to another one. */
  extendTo(id: string): void {
    const { order } = this;
    const [from = 0, to = 0] = [order.indexOf(this.focus.active ?? id), order.indexOf(id)].sort((a, b) => a - b);
    this.focus.extend(id, order.slice(from, to + 1));
  }

  /** Runs cells, and goes on where one would. A Markdown cell is drawn. */
  run(way: "stay" | "next" | "below"): void {
    const { chosen, order } = this;
    const last = chosen.at(-1);
    if (last === undefined) return;
    const code = chosen.filter((id) => typeOf(cellOf(this.session.doc, id)) === "code");
    if (code.length > 0) void this.runCells(code);
    const next = order[order.indexOf(last) + 1];
    if (way === "stay" || !(this.mayEdit || next)) this.focus.go(last);
    else if (way === "below" || next === undefined) {
      if (this.mayEdit) this.focus.go(addCell(this.session.doc, order.indexOf(last) + 1), "edit");
      else this.focus.go(last);
    } else this.focus.go(next);
  }

  async runCells(ids: readonly string[]): Promise<void> {
    for (const cell of ids) {
      if (textOf(cellOf(this.session.doc, cell)).trim() !== "") await this.runWhat("cell", cell);
    }
  }

  /** Asks the server to run cells; a cell for those that begin or end somewhere. */
  async runWhat(what: RunWhat, cell?: string): Promise<void> {
    if (!this.mayRun) {
      toast.warn("You may read this notebook, but not run it.");
      return;
    }
    if (this.session.provider.state.link !== "open") {
      toast.warn("The server can't be reached: it runs nothing until you are back online.");
      return;
    }
    const at = what === "tissue" && cell ? sectionOf(this.session.doc, cell) : cell;
    if (cell && !at) {
      toast.warn("This cell stands in no section: no heading is above it.");
      return;
    }
    await this.session.saved(SAVED_WITHIN);
    await this.ask("notebook", "run", { what, ...(at && { cell: at }) });
  }

  interrupt = (): Promise<void> => this.ask("notebook", "interrupt_kernel");
  restart = (): Promise<void> => this.ask("kernel", "restart_kernel");
  shutdown = (): Promise<void> => this.ask("kernel", "shutdown");
  /** Starts a kernel; one of another kind that runs goes before. */
  startKernel = async (name: string): Promise<void> => {
    const { state } = kernelOf(this.session.doc);
    if (state !== "none" && state !== "dead") await this.shutdown();
    await this.ask("kernel", "start", { name });
  };

  /** Takes a cell that waits out of the queue. */
  cancel = (cell: string): Promise<void> => this.ask("notebook", "cancel", { cell });

  async ask(channel: string, method: string, message: unknown = {}): Promise<void> {
    try {
      await this.session.comms.ask(channel, method, message);
    } catch (error) {
      toast.error(error);
    }
  }
}
