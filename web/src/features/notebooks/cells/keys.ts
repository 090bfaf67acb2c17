// Jupyter's keys of the command mode. Two of the same letter (`d d`) within a moment are one key.

import type { Commands } from "../model/commands";
import type { Focus } from "./focus";

interface Helpers {
  commands: Commands;
  focus: Focus;
  restart: () => void;
}

/** Keys as they are told to people, for the sheet and the palette; some work on the canvas alone. */
export const keyMap: readonly [keys: string, title: string, where?: "canvas"][] = [
  ["Enter", "Write in the cell"],
  ["Escape", "Leave the text of the cell"],
  ["shift+Enter", "Run the cell and go to the next"],
  ["mod+Enter", "Run the cell"],
  ["alt+Enter", "Run the cell and add one below"],
  ["a", "Add a cell above"],
  ["b", "Add a cell below"],
  ["d d", "Delete the cell"],
  ["z", "Take back the deletion or move of a cell"],
  ["m", "Make it a Markdown cell"],
  ["y", "Make it a code cell"],
  ["r", "Make it a raw cell"],
  ["c", "Copy the cell"],
  ["x", "Cut the cell"],
  ["v", "Paste below"],
  ["shift+v", "Paste above"],
  ["shift+m", "Join with the cell below"],
  ["j", "Go to the cell below"],
  ["k", "Go to the cell above"],
  ["alt+ArrowDown", "Move the cell down"],
  ["alt+ArrowUp", "Move the cell up"],
  ["o", "Fold the output away or show it"],
  ["shift+o", "Fold the input away or show it"],
  ["e", "Draw an edge to another cell (canvas)", "canvas"],
  ["shift+alt+ArrowRight", "Make the cell wider; other arrows likewise (canvas)", "canvas"],
  ["i i", "Interrupt the kernel"],
  ["0 0", "Restart the kernel"],
];

/** Presses the keys of one line of the map, such as `d d` or `shift+Enter`: the palette does what they do. */
export function pressAll(keys: CommandKeys, line: string): void {
  for (const stroke of line.split(" ")) {
    const parts = stroke.split("+");
    const held = (name: string) => parts.slice(0, -1).includes(name);
    const [altKey, ctrlKey, shiftKey] = [held("alt"), held("mod"), held("shift")];
    keys.press({ key: parts.at(-1) ?? "", altKey, ctrlKey, shiftKey, metaKey: false });
  }
}

const PATIENCE = 1000;

export class CommandKeys {
  #begun = "";
  #at = 0;

  constructor(readonly helpers: Helpers) {}

  /** Whether the key was one of ours. */
  press(event: Pick<KeyboardEvent, "key" | "ctrlKey" | "metaKey" | "altKey" | "shiftKey">, now = Date.now()): boolean {
    const { commands, focus, restart } = this.helpers;
    const mod = event.ctrlKey || event.metaKey;
    if (event.key === "Enter") {
      if (mod) commands.run("stay");
      else if (event.shiftKey) commands.run("next");
      else if (event.altKey) commands.run("below");
      else if (focus.active !== undefined) focus.go(focus.active, "edit");
      return true;
    }
    if (mod) {
      const letter = event.key.toLowerCase();
      if (letter === "z") event.shiftKey ? commands.redo() : commands.undo();
      else if (letter === "y") commands.redo();
      else return false;
      return true;
    }
    if (event.altKey) {
      if (event.key !== "ArrowUp" && event.key !== "ArrowDown") return false;
      commands.move(event.key === "ArrowUp" ? "up" : "down");
      return true;
    }
    const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    const pair = this.#begun === key && now - this.#at < PATIENCE;
    this.#begun = "";
    if (!event.shiftKey && (key === "d" || key === "i" || key === "0")) {
      if (!pair) {
        this.#begun = key;
        this.#at = now;
      } else if (key === "d") commands.remove();
      else if (key === "i") void commands.interrupt();
      else restart();
      return true;
    }
    const deed = event.shiftKey ? this.#shifted[key] : this.#plain[key];
    deed?.();
    return deed !== undefined;
  }

  get #plain(): Record<string, () => void> {
    const { commands } = this.helpers;
    return {
      a: () => commands.add("above"),
      b: () => commands.add("below"),
      z: () => commands.undo(),
      m: () => commands.change("markdown"),
      y: () => commands.change("code"),
      r: () => commands.change("raw"),
      c: () => commands.copy(),
      x: () => commands.cut(),
      v: () => commands.paste("below"),
      o: () => commands.fold("o"),
      j: () => commands.walk("down"),
      k: () => commands.walk("up"),
      ArrowDown: () => commands.walk("down"),
      ArrowUp: () => commands.walk("up"),
      Delete: () => commands.remove(),
    };
  }

  get #shifted(): Record<string, () => void> {
    const { commands } = this.helpers;
    return {
      m: () => commands.merge(),
      v: () => commands.paste("above"),
      o: () => commands.fold("i"),
      j: () => commands.walk("down", true),
      k: () => commands.walk("up", true),
      ArrowDown: () => commands.walk("down", true),
      ArrowUp: () => commands.walk("up", true),
    };
  }
}
