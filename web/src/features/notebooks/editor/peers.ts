// Cursors and selections of others in an editor, with their names. Colours are classes: a style attribute would be
// refused by the content security policy.

import { Annotation, type Extension, type Range, RangeSet } from "@codemirror/state";
import {
  Decoration,
  type DecorationSet,
  type EditorView,
  ViewPlugin,
  type ViewUpdate,
  WidgetType,
} from "@codemirror/view";
import type { Awareness } from "y-protocols/awareness";
import * as Y from "yjs";
import { colourOf } from "../model/session";

const moved = Annotation.define<true>();

class Caret extends WidgetType {
  constructor(
    readonly name: string,
    readonly colour: number,
  ) {
    super();
  }

  override toDOM() {
    const caret = document.createElement("span");
    caret.className = `nb-caret nb-peer-${this.colour}`;
    const name = document.createElement("span");
    name.className = "nb-caret-name";
    name.textContent = this.name;
    // The zero-width characters keep the line's height and the text from being cut here.
    caret.append("\u2060", name, "\u2060");
    return caret;
  }

  override eq(other: Caret) {
    return other.name === this.name && other.colour === this.colour;
  }

  override ignoreEvent() {
    return true;
  }
}

interface CursorState {
  cell: string;
  anchor: unknown;
  head: unknown;
}

/** Shows where others are in `text`, and tells them where this person is. */
export function peers(cell: string, text: Y.Text, awareness: Awareness): Extension {
  return ViewPlugin.fromClass(
    class {
      decorations: DecorationSet = RangeSet.empty;
      readonly view: EditorView;
      #said = "";

      constructor(view: EditorView) {
        this.view = view;
        awareness.on("change", this.listen);
        this.decorations = this.draw();
      }

      listen = (change: Record<string, number[]>) => {
        const clients = [...(change.added ?? []), ...(change.updated ?? []), ...(change.removed ?? [])];
        if (clients.every((client) => client === awareness.clientID)) return;
        this.view.dispatch({ annotations: moved.of(true) });
      };

      update(update: ViewUpdate) {
        if (update.selectionSet || update.focusChanged || update.docChanged) this.tell(update);
        if (update.docChanged || update.transactions.some((one) => one.annotation(moved))) {
          this.decorations = this.draw();
        }
      }

      tell({ view, state }: ViewUpdate) {
        if (!view.hasFocus) {
          if (this.#said === "") return;
          this.#said = "";
          queueMicrotask(() => {
            const now = awareness.getLocalState()?.cursor as CursorState | null | undefined;
            if (now?.cell === cell) awareness.setLocalStateField("cursor", null);
          });
          return;
        }
        const { anchor, head } = state.selection.main;
        const at = (index: number) => Y.relativePositionToJSON(Y.createRelativePositionFromTypeIndex(text, index));
        const cursor: CursorState = { cell, anchor: at(anchor), head: at(head) };
        const said = JSON.stringify(cursor);
        if (said === this.#said) return;
        this.#said = said;
        // Not in the middle of an update of the editor: others' cursors are drawn by one.
        queueMicrotask(() => awareness.setLocalStateField("cursor", cursor));
      }

      draw(): DecorationSet {
        const ranges: Range<Decoration>[] = [];
        const { doc } = this.view.state;
        for (const [client, state] of awareness.getStates()) {
          if (client === awareness.clientID) continue;
          const cursor = state.cursor as CursorState | null | undefined;
          if (cursor?.cell !== cell || !text.doc) continue;
          const anchor = position(text, cursor.anchor);
          const head = position(text, cursor.head);
          if (anchor === undefined || head === undefined) continue;
          const user = (state.user ?? {}) as { id?: string; name?: string };
          const colour = colourOf(String(user.id ?? client));
          const [from, to] = [Math.min(anchor, head), Math.min(doc.length, Math.max(anchor, head))];
          if (to > from) ranges.push(Decoration.mark({ class: `nb-selected nb-peer-${colour}` }).range(from, to));
          const caret = Decoration.widget({ widget: new Caret(String(user.name ?? "Somebody"), colour), side: 1 });
          ranges.push(caret.range(Math.min(head, doc.length)));
        }
        return Decoration.set(ranges, true);
      }

      destroy() {
        awareness.off("change", this.listen);
      }
    },
    { decorations: (plugin) => plugin.decorations },
  );
}

/** What another client says may be anything. */
function position(text: Y.Text, said: unknown): number | undefined {
  try {
    const at = Y.createAbsolutePositionFromRelativePosition(Y.createRelativePositionFromJSON(said), text.doc as Y.Doc);
    return at?.type === text ? at.index : undefined;
  } catch {
    return undefined;
  }
}
