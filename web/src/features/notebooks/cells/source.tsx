// The text of a cell: an editor when it is near the window, the bare text when it is far away, so that a thousand cells
// cost as much as those that one sees.

import { useEffect, useRef } from "react";
import { Problem } from "@/shared/api/problem";
import { toast } from "@/shared/ui/toast";
import { useOpen } from "../context";
import { useEditor } from "../editor/load";
import { type CellType, cellOf, sourceOf, textOf } from "../model/document";
import { useCell, useLanguage } from "../model/store";
import { type Parts, plainText } from "../outputs/plain";
import type { Where } from "./focus";

interface Props {
  id: string;
  type: CellType;
  label: string;
  near: boolean;
  /** Hears how to put the focus into the text. */
  onReady: (write: ((where: Where) => void) | undefined) => void;
}

export function Source({ id, type, label, near, onReady }: Props) {
  const { session, focus, commands, mayEdit } = useOpen();
  const module = useEditor();
  const host = useRef<HTMLDivElement>(null);
  const language = useLanguage(session.store);
  const editor = useRef<InstanceType<NonNullable<typeof module>["CellEditor"]>>(undefined);
  const settings = useRef({ type, language, mayEdit, label });
  settings.current = { type, language, mayEdit, label };
  const shown = near && module !== undefined;

  useEffect(() => {
    const text = sourceOf(cellOf(session.doc, id));
    if (!shown || !module || !host.current || !text) return;
    const { type, language, mayEdit, label } = settings.current;
    const made = new module.CellEditor({
      parent: host.current,
      cell: id,
      text,
      awareness: session.provider.awareness,
      type,
      language,
      readOnly: !mayEdit,
      numbers: false,
      label,
      keys: {
        leave: () => focus.go(id),
        run: (way) => {
          focus.note(id, "edit");
          commands.run(way);
        },
        go: (way) => {
          const { order } = commands;
          const next = order[order.indexOf(id) + (way === "up" ? -1 : 1)];
          if (next === undefined) return false;
          focus.go(next, "edit", way === "up" ? "end" : "start");
          return true;
        },
        split: (at) => commands.split(id, at),
      },
      onFocus: () => focus.note(id, "edit"),
      async complete({ text, cursor }) {
        const found = await session.comms
          .ask<{ matches?: string[]; cursor_start?: number; cursor_end?: number }>("kernel", "complete", {
            code: text,
            cursor: codePoints(text, cursor),
          })
          .catch(quiet);
        if (!found?.matches?.length) return undefined;
        return {
          from: codeUnits(text, found.cursor_start ?? 0),
          to: codeUnits(text, found.cursor_end ?? codePoints(text, cursor)),
          options: found.matches,
        };
      },
      async inspect({ text, cursor }) {
        const found = await session.comms
          .ask<{ found?: boolean; data?: Record<string, string> }>("kernel", "inspect", {
            code: text,
            cursor: codePoints(text, cursor),
            detail: 0,
          })
          .catch(quiet);
        const about = found?.data?.["text/plain"];
        return about ? card(plainText(about)) : undefined;
      },
    });
    editor.current = made;
    onReady((where) => made.focus(where));
    return () => {
      editor.current = undefined;
      onReady(undefined);
      made.destroy();
    };
  }, [shown, module, session, focus, commands, id, onReady]);

  useEffect(() => editor.current?.setLanguage(type, language), [type, language]);
  useEffect(() => editor.current?.setReadOnly(!mayEdit), [mayEdit]);
  return shown ? <div ref={host} className="nb-editor" /> : <Far id={id} />;
}

function Far({ id }: { id: string }) {
  const { session } = useOpen();
  const text = useCell(session.store, id, "text", textOf);
  return <pre className="nb-far">{text || " "}</pre>;
}

/** A kernel that is away has nothing to offer; anything else is told. */
function quiet(error: unknown): undefined {
  if (!(error instanceof Problem)) toast.error(error);
  return undefined;
}

/** Jupyter counts characters as Python does, the page counts UTF-16 units. */
export const codePoints = (text: string, units: number): number => [...text.slice(0, units)].length;
export const codeUnits = (text: string, points: number): number => [...text].slice(0, points).join("").length;

function card(lines: readonly Parts[]): HTMLElement {
  const box = document.createElement("div");
  box.className = "nb-info terminal";
  for (const line of lines) {
    const row = document.createElement("div");
    for (const { text, className } of line) {
      const span = document.createElement("span");
      if (className) span.className = className;
      span.textContent = text;
      row.append(span);
    }
    if (line.length === 0) row.append("\u00a0");
    box.append(row);
  }
  return box;
}
