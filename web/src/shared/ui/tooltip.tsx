import { Tooltip as Tip } from "radix-ui";
import type { ReactElement } from "react";
import { ariaKeys, keysText } from "@/shared/actions/keys";
import { containerOf } from "./menu-surface";

/** Says what a button is, with its keys. The button keeps its own accessible name. */
export function Tooltip({ text, keys, children }: { text: string; keys?: string; children: ReactElement }) {
  return (
    <Tip.Provider delayDuration={500}>
      <Tip.Root>
        <Tip.Trigger asChild {...(keys && { "aria-keyshortcuts": ariaKeys(keys) })}>
          {children}
        </Tip.Trigger>
        <Tip.Portal container={containerOf(null)}>
          <Tip.Content
            sideOffset={4}
            collisionPadding={8}
            aria-label={keys ? `${text} (${keysText(keys)})` : text}
            className="z-50 flex items-center gap-2 rounded bg-ink px-2 py-1 text-xs text-page shadow-lg"
          >
            {text}
            {keys && <span className="opacity-75">{keysText(keys)}</span>}
          </Tip.Content>
        </Tip.Portal>
      </Tip.Root>
    </Tip.Provider>
  );
}
