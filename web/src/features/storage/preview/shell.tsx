// What the previews have in common.

import type { ReactNode } from "react";
import { bytes } from "@/shared/lib/format";
import { Failure } from "@/shared/ui/failure";
import { pieces } from "../shown-text";
import type { Sequence } from "./sequence";

/** Foreign text; what steers rather than shows stands there by its code. */
export function Foreign({ text }: { text: string }) {
  const parts = pieces(text);
  if (parts.length === 1 && !parts[0]?.steering) return text;
  return parts.map(({ text, steering }, at) =>
    steering ? (
      <span
        // biome-ignore lint/suspicious/noArrayIndexKey: pieces of a text never move
        key={at}
        className="mx-px rounded bg-warn-soft px-0.5 text-xs text-warn"
        title="A character that can't be seen"
      >
        {steering}
      </span>
    ) : (
      text
    ),
  );
}

/** Controls above a preview. */
export function Bar({ children }: { children: ReactNode }) {
  return <div className="flex flex-wrap items-center gap-x-3 gap-y-1 text-sm">{children}</div>;
}

/** How much was read, and what is the matter when it is not all. */
export function ReadSoFar<T>({ sequence, size }: { sequence: Sequence<T>; size: number }) {
  if (sequence.error) return <Failure error={sequence.error} retry={sequence.more} />;
  if (sequence.stopped) {
    return (
      <p className="text-sm text-muted">
        These are the first {bytes(sequence.read)} of {bytes(size)}. Download it to see the rest.
      </p>
    );
  }
  return null;
}

/** The height of what scrolls. */
export const tall = "h-[min(32rem,70vh)]";
