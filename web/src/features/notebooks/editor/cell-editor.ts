// A cell's editor: CodeMirror on the cell's shared text.

import { acceptCompletion, autocompletion, type CompletionSource, startCompletion } from "@codemirror/autocomplete";
import { defaultKeymap, indentLess, indentMore, insertNewlineAndIndent, toggleComment } from "@codemirror/commands";
import { pythonLanguage } from "@codemirror/lang-python";
import {
  bracketMatching,
  defineLanguageFacet,
  indentOnInput,
  indentUnit,
  Language,
  syntaxHighlighting,
} from "@codemirror/language";
import { Compartment, EditorState, type Extension, Prec, StateEffect, StateField } from "@codemirror/state";
import { drawSelection, EditorView, keymap, lineNumbers, showTooltip, type Tooltip, tooltips } from "@codemirror/view";
import { classHighlighter } from "@lezer/highlight";
import { GFM, parser } from "@lezer/markdown";
import { YSyncConfig, ySync, ySyncFacet } from "y-codemirror.next";
import type { Awareness } from "y-protocols/awareness";
import * as Y from "yjs";
import type { CellType } from "../model/document";
import { peers } from "./peers";

// Without HTML inside: its parser would be twice as large as all the rest.
const markdown = new Language(
  defineLanguageFacet({ commentTokens: { block: { open: "<!--", close: "-->" } } }),
  parser.configure(GFM),
  [],
  "markdown",
);

const isPython = (language: string) => /^(i?python|sage)/i.test(language);

/** What is known at once; other languages come with `modes.ts`. */
export function languageOf(type: CellType, language: string): Extension {
  if (type === "markdown") return [markdown, EditorView.lineWrapping];
  if (type === "raw") return EditorView.lineWrapping;
  return isPython(language) ? pythonLanguage : [];
}

/** What the keys of an editor do outside of its text. */
export interface EditorKeys {
  leave: () => void;
  run: (way: "stay" | "next" | "below") => void;
  /** The cursor leaves the text upwards or downwards; false when there is nothing. */
  go: (way: "up" | "down") => boolean;
  split: (at: number) => void;
}

export interface Asked {
  text: string;
  cursor: number;
}

interface Options {
  parent: HTMLElement;
  cell: string;
  text: Y.Text;
  awareness: Awareness;
  type: CellType;
  language: string;
  readOnly: boolean;
  numbers: boolean;
  label: string;
  keys: EditorKeys;
  onFocus: () => void;
  /** What could stand at the cursor; from and to in the text. */
  complete: (asked: Asked) => Promise<{ from: number; to: number; options: readonly string[] } | undefined>;
  /** What the name at the cursor is; an element that is shown beside it. */
  inspect: (asked: Asked) => Promise<HTMLElement | undefined>;
}

const showInfo = StateEffect.define<{ at: number; dom: HTMLElement } | null>();

const info = StateField.define<Tooltip | null>({
  create: () => null,
  update(tooltip, transaction) {
    for (const effect of transaction.effects) {
      if (!effect.is(showInfo)) continue;
      const { value } = effect;
      return value && { pos: value.at, above: true, create: () => ({ dom: value.dom }) };
    }
    return transaction.docChanged || transaction.selection ? null : tooltip;
  },
  provide: (field) => showTooltip.from(field),
});

export class CellEditor {
  readonly view: EditorView;
  readonly undo: Y.UndoManager;
  #language = new Compartment();
  #writable = new Compartment();

  constructor(options: Options) {
    const { text, awareness, keys, cell } = options;
    const sync = new YSyncConfig(text, awareness);
    this.undo = new Y.UndoManager(text, { trackedOrigins: new Set([sync]) });
    const asked = (view: EditorView): Asked => ({
      text: view.state.doc.toString(),
      cursor: view.state.selection.main.head,
    });
    const run = (way: "stay" | "next" | "below") => () => {
      keys.run(way);
      return true;
    };
    const completions: CompletionSource = async (context) => {
      if (!context.explicit) return null;
      const found = await options.complete({ text: context.state.doc.toString(), cursor: context.pos });
      if (!found) return null;
      return { from: found.from, to: found.to, options: found.options.map((label) => ({ label })) };
    };
    const edge = (way: "up" | "down") => (view: EditorView) => {
      const { main } = view.state.selection;
      const line = view.state.doc.lineAt(main.head).number;
      const last = way === "up" ? line === 1 : line === view.state.doc.lines;
      return main.empty && last && main.head === (way === "up" ? 0 : view.state.doc.length) ? keys.go(way) : false;
    };
    const code = options.type === "code";
    const own = Prec.highest(
      keymap.of([
        { key: "Shift-Enter", run: run("next") },
        { key: "Mod-Enter", run: run("stay") },
        { key: "Alt-Enter", run: run("below") },
        {
          key: "Mod-Shift--",
          run: (view) => {
            keys.split(view.state.selection.main.head);
            return true;
          },
        },
        { key: "ArrowUp", run: edge("up") },
        { key: "ArrowDown", run: edge("down") },
        { key: "Mod-z", run: () => this.undo.undo() !== undefined, preventDefault: true },
        { key: "Mod-Shift-z", run: () => this.undo.redo() !== undefined, preventDefault: true },
        { key: "Mod-y", run: () => this.undo.redo() !== undefined, preventDefault: true },
        { key: "Mod-/", run: toggleComment },
      ]),
    );
    const after = keymap.of([
      {
        key: "Escape",
        run: (view) => {
          if (view.state.field(info)) view.dispatch({ effects: showInfo.of(null) });
          else keys.leave();
          return true;
        },
      },
      { key: "Tab", run: acceptCompletion },
      {
        key: "Tab",
        run: (view) => {
          const { main } = view.state.selection;
          const before = view.state.sliceDoc(Math.max(0, main.head - 1), main.head);
          return code && main.empty && /[\w.]/.test(before) ? startCompletion(view) : false;
        },
      },
      {
        key: "Shift-Tab",
        run: (view) => {
          const { main } = view.state.selection;
          const line = view.state.doc.lineAt(main.head);
          if (!code || !main.empty || /^\s*$/.test(line.text.slice(0, main.head - line.from))) return false;
          void options.inspect(asked(view)).then((dom) => {
            if (dom && view.dom.isConnected) view.dispatch({ effects: showInfo.of({ at: main.head, dom }) });
          });
          return true;
        },
      },
      { key: "Tab", run: indentMore, shift: indentLess },
      { key: "Enter", run: insertNewlineAndIndent },
      ...defaultKeymap,
    ]);
    this.view = new EditorView({
      parent: options.parent,
      state: EditorState.create({
        doc: text.toString(),
        extensions: [
          own,
          ySyncFacet.of(sync),
          ySync,
          peers(cell, text, awareness),
          drawSelection(),
          EditorState.allowMultipleSelections.of(true),
          syntaxHighlighting(classHighlighter),
          bracketMatching(),
          indentOnInput(),
          indentUnit.of("    "),
          options.numbers ? lineNumbers() : [],
          autocompletion({ override: [completions], activateOnTyping: false, icons: false }),
          info,
          // A cell paints nothing outside of itself; the notebook does.
          tooltips({ parent: options.parent.closest<HTMLElement>("[data-notebook-link]") ?? document.body }),
          after,
          this.#language.of([]),
          this.#writable.of(writable(options.readOnly)),
          EditorView.contentAttributes.of({ "aria-label": options.label, tabindex: "0" }),
          EditorView.domEventHandlers({
            focus: () => {
              options.onFocus();
              return false;
            },
          }),
        ],
      }),
    });
    this.setLanguage(options.type, options.language);
  }

  setLanguage(type: CellType, language: string): void {
    this.view.dispatch({ effects: this.#language.reconfigure(languageOf(type, language)) });
    this.#asked = `${type} ${language}`;
    if (type === "code" && !isPython(language)) void this.#fetchLanguage(language);
  }

  #asked = "";

  async #fetchLanguage(language: string): Promise<void> {
    const asked = this.#asked;
    // Without it a text has no colours; everything else works.
    const modes = await import("./modes").catch(() => undefined);
    const found = modes?.modeOf(language);
    // The cell may be another one by now, or gone.
    if (found && asked === this.#asked) this.view.dispatch({ effects: this.#language.reconfigure(found) });
  }

  setReadOnly(readOnly: boolean): void {
    this.view.dispatch({ effects: this.#writable.reconfigure(writable(readOnly)) });
  }

  /** Takes the keys; at the beginning, the end, where it was, or where the pointer is. */
  focus(where?: "start" | "end" | { x: number; y: number }): void {
    const { view } = this;
    const at =
      where === "start"
        ? 0
        : where === "end"
          ? view.state.doc.length
          : where && (view.posAtCoords(where, false) ?? undefined);
    view.focus();
    if (at !== undefined) view.dispatch({ selection: { anchor: at }, scrollIntoView: true });
  }

  destroy(): void {
    this.#asked = "gone";
    this.undo.destroy();
    this.view.destroy();
  }
}

// A text that may not be changed can still be walked and copied by keys.
const writable = (readOnly: boolean): Extension => EditorState.readOnly.of(readOnly);
