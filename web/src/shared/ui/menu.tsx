// Menus on Radix, dressed like the rest (popovers: `popover.tsx`, tooltips: `tooltip.tsx`). None is modal: Radix locks scrolling by an injected
// <style>, which the content security policy refuses. Positions are set through CSSOM, which it allows.

import { cloneElement, lazy, type MouseEvent, type ReactElement, Suspense, useState } from "react";
import type { MenuItem } from "@/shared/panels/panel";

import { containerOf } from "./menu-surface";

export interface MenuEntry extends MenuItem {
  /** Shown behind the label; as in `Action.keys`. */
  keys?: string | undefined;
  /** A second line. */
  about?: string | undefined;
  danger?: boolean;
}

/** A group under a heading that opens beside the menu. */
export interface SubMenu {
  id: string;
  label: string;
  icon?: MenuItem["icon"];
  items: readonly MenuPart[];
}

/** `"line"` separates groups; `{heading}` names the group below it. */
export type MenuPart = MenuEntry | SubMenu | { heading: string } | "line";

export interface MenuProps {
  /** A button. */
  trigger: ReactElement<{ onClick?: (event: MouseEvent) => void }>;
  items: readonly MenuPart[];
  align?: "start" | "end";
  /** Given when something else opens it as well. */
  open?: boolean;
  /** Told when it opens and closes. */
  onOpen?: (open: boolean) => void;
}

const load = () => import("./menu-parts");
const OpenableMenu = lazy(load);

/** A button that opens a menu. The menu's code is fetched when one points at the button, at the latest. */
export function Menu({ trigger, items, align, open: told, onOpen }: MenuProps) {
  const [own, setOwn] = useState(false);
  const open = told ?? own;
  const [used, setUsed] = useState(open);
  // Once it has been opened the button stays the same element, so that the focus comes back to it.
  if (open && !used) setUsed(true);
  const [container, setContainer] = useState(() => containerOf(null));
  const set = (next: boolean) => {
    setOwn(next);
    onOpen?.(next);
  };
  const plain = cloneElement(trigger as ReactElement<Record<string, unknown>>, {
    "aria-haspopup": "menu",
    "aria-expanded": false,
    onPointerEnter: load,
    onFocus: load,
    onClick: (event: MouseEvent) => {
      setContainer(containerOf(event.currentTarget));
      set(true);
    },
  });
  if (!used) return plain;
  return (
    <Suspense fallback={plain}>
      <OpenableMenu
        container={container}
        trigger={trigger}
        items={items}
        open={open}
        onOpen={set}
        {...(align && { align })}
      />
    </Suspense>
  );
}
