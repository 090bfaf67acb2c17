// Notices with an Undo button, and deletions that wait for it.

import { Button } from "@/shared/ui/button";
import { toast } from "@/shared/ui/toast";
import { type Change, undo } from "./undo";

/** Notes a change and says it, with a button that takes it back. */
export function didWithNotice(text: string, change: Change): void {
  undo.did(change);
  toast.done(text, (dismiss) => (
    <Button
      onClick={() => {
        dismiss();
        void undo.undoThis(change);
      }}
    >
      Undo
    </Button>
  ));
}

/** As long as the notice stands. */
const GRACE = 6000;

interface Removal {
  /** Past tense, for the notice: "The layout “Survey” was deleted". */
  text: string;
  /** For the undo menu: "Deletion of Survey". */
  title: string;
  /** Takes it out of sight; it is called again when the deletion is repeated. */
  hide: () => void;
  /** Shows it again: nothing has been deleted yet. */
  show: () => void;
  /** Deletes it at last. `leaving` when the page goes: use `fetch` with `keepalive`. Its failure shows it again. */
  commit: (leaving: boolean) => Promise<unknown>;
}

const waiting = new Map<object, (leaving: boolean) => void>();

/** Deletes after a grace time in which Undo (the button or Ctrl+Z) calls it off; at once when the page is left. */
export function removeWithUndo({ text, title, hide, show, commit }: Removal): void {
  const key = {};
  const begin = () => {
    hide();
    const timer = setTimeout(() => end(false), GRACE);
    const end = (leaving: boolean) => {
      clearTimeout(timer);
      waiting.delete(key);
      undo.forget((change) => change === removal);
      commit(leaving).catch((error) => {
        show();
        toast.error(error, `${title} failed`);
      });
    };
    waiting.set(key, (leaving) => end(leaving));
    callOff = () => {
      clearTimeout(timer);
      waiting.delete(key);
      show();
    };
  };
  let callOff = () => {};
  const removal: Change = { title, undo: () => callOff(), redo: () => begin() };
  begin();
  didWithNotice(text, removal);
}

/** Carries out all deletions that wait. */
export function flushRemovals(leaving = false): void {
  for (const end of [...waiting.values()]) end(leaving);
}

if (typeof window !== "undefined") window.addEventListener("pagehide", () => flushRemovals(true));
