// Keys of actions: `mod+k`, `shift+alt+ArrowRight`, `g p` (one after the other), `?`. `mod` is Ctrl, or Command on a Mac.

import { type Action, current } from "./actions";

/** How long the second key of a sequence may take. */
const PATIENCE = 1500;

const isMac = typeof navigator !== "undefined" && /Mac|iPhone|iPad/.test(navigator.userAgent);

type Press = Pick<KeyboardEvent, "key" | "ctrlKey" | "metaKey" | "altKey" | "shiftKey">;

/** One key press as it is written in `keys`; undefined for a modifier alone. */
export function stroke(press: Press, mac = isMac): string | undefined {
  if (["Control", "Meta", "Alt", "Shift", "AltGraph", "Dead"].includes(press.key)) return undefined;
  const letter = /^[a-z]$/i.test(press.key);
  const long = press.key.length > 1 || press.key === " ";
  const parts = [
    (mac ? press.metaKey : press.ctrlKey) && "mod",
    mac && press.ctrlKey && "ctrl",
    press.altKey && "alt",
    // `?` and `A` are what Shift makes of a key; with another modifier, or for a key that has no character, it is told.
    press.shiftKey && (long || letter) && "shift",
    press.key === " " ? "Space" : letter ? press.key.toLowerCase() : press.key,
  ];
  return parts.filter(Boolean).join("+");
}

const symbols: Record<string, string> = {
  ArrowLeft: "←",
  ArrowRight: "→",
  ArrowUp: "↑",
  ArrowDown: "↓",
  Escape: "Esc",
};

/** Each key of `keys` as it stands on the keyboard, for `<kbd>`. */
export function keyNames(keys: string, mac = isMac): string[] {
  const name = (key: string) =>
    key === "mod"
      ? mac
        ? "⌘"
        : "Ctrl"
      : (symbols[key] ?? (key.length === 1 ? key.toUpperCase() : key.charAt(0).toUpperCase() + key.slice(1)));
  return keys.split(" ").map((one) =>
    one === "+"
      ? one
      : one
          .split("+")
          .map(name)
          .join(mac ? "" : "+"),
  );
}

/** `keys` in a sentence or a tooltip: `Ctrl+K`, `G then P`. */
export const keysText = (keys: string, mac = isMac): string => keyNames(keys, mac).join(" then ");

/** As `aria-keyshortcuts` wants it; sequences can't be said there. */
export function ariaKeys(keys: string, mac = isMac): string | undefined {
  if (keys.includes(" ")) return undefined;
  return keys
    .replace("mod", mac ? "Meta" : "Control")
    .replace("shift", "Shift")
    .replace("alt", "Alt");
}

const SINGLE = "castalia.single-keys";

/** Whether keys without a modifier work: they get in the way of those who speak to their computer. */
export function singleKeys(): boolean {
  try {
    return localStorage.getItem(SINGLE) !== "off";
  } catch {
    return true;
  }
}

export function setSingleKeys(on: boolean): void {
  if (on) localStorage.removeItem(SINGLE);
  else localStorage.setItem(SINGLE, "off");
}

/** Where keys are text. */
function writes(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  if (target.isContentEditable || target.closest("[contenteditable=true]")) return true;
  if (target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement) return true;
  return target instanceof HTMLInputElement && !/^(button|checkbox|radio|range|submit|color)$/.test(target.type);
}

/** What a field does by itself with the modifier held. */
const fieldOwn = /^(mod\+(shift\+)?[zyacvx]|(mod\+|alt\+)?(shift\+)?(Arrow\w+|Home|End|Backspace|Delete))$/;

/** Runs the actions whose keys are pressed; keeps the state of a sequence. */
export class KeyLayer {
  #begun = "";
  #at = 0;
  readonly #actions: () => readonly Action[];
  readonly #now: () => number;

  constructor(actions = current, now: () => number = Date.now) {
    this.#actions = actions;
    this.#now = now;
  }

  /** For the capture phase: the second key of a sequence is ours, whatever has the focus makes of it. */
  onKeyDownFirst = (event: KeyboardEvent): void => {
    if (this.#begun === "" || this.#now() - this.#at >= PATIENCE) return;
    this.onKeyDown(event);
    if (event.defaultPrevented) event.stopPropagation();
  };

  onKeyDown = (event: KeyboardEvent): void => {
    if (event.defaultPrevented || event.isComposing) return;
    const key = stroke(event);
    if (!key) return;
    const modified = /^(mod|alt)\+/.test(key);
    if (!modified && !singleKeys()) return;
    if (writes(event.target) && (!modified || fieldOwn.test(key))) return;
    // Behind a modal dialog nothing is done; the menus of a panel have their own keys.
    if (document.querySelector("dialog:modal, [role=menu]")) return;
    const begun = this.#now() - this.#at < PATIENCE ? this.#begun : "";
    this.#begun = "";
    const actions = this.#actions().filter(({ keys, local, disabled }) => keys && !local && !disabled);
    const wanted = begun ? [`${begun} ${key}`, key] : [key];
    for (const want of wanted) {
      const found = actions.find(({ keys }) => keys === want);
      if (found) {
        event.preventDefault();
        found.run();
        return;
      }
      if (actions.some(({ keys }) => keys?.startsWith(`${want} `))) {
        event.preventDefault();
        this.#begun = want;
        this.#at = this.#now();
        return;
      }
    }
  };
}
