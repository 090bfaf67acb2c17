// Menus, popovers and tooltips on Radix, dressed like the rest. None is modal: Radix locks scrolling by an injected
// <style>, which the content security policy refuses. Positions are set through CSSOM, which it allows.

import { Check, ChevronRight } from "lucide-react";
import { ContextMenu as Context, DropdownMenu as Dropdown, Popover as Pop, Tooltip as Tip } from "radix-ui";
import { type ReactElement, type ReactNode, useRef, useState } from "react";
import { ariaKeys, keysText } from "@/shared/actions/keys";
import type { MenuItem } from "@/shared/panels/panel";
import { Kbd } from "./kbd";

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

const surface =
  "z-50 max-h-(--radix-popper-available-height) min-w-52 max-w-sm overflow-auto rounded-lg border border-line bg-surface p-1 text-sm text-ink shadow-lg";
const item =
  "flex min-h-8 items-center gap-2 rounded px-2 py-1 outline-none select-none data-disabled:opacity-50 data-highlighted:bg-hover data-[state=open]:bg-hover";

/** Above a native dialog only what is inside it can be seen. */
function containerOf(element: Element | null): HTMLElement | undefined {
  return element?.closest("dialog") ?? undefined;
}

interface MenuProps {
  /** A button. */
  trigger: ReactElement;
  items: readonly MenuPart[];
  align?: "start" | "end";
  /** Given when something else opens it as well. */
  open?: boolean;
  /** Told when it opens and closes. */
  onOpen?: (open: boolean) => void;
}

/** A button that opens a menu. */
export function Menu({ trigger, items, align = "start", open, onOpen }: MenuProps) {
  const ref = useRef<HTMLButtonElement>(null);
  return (
    <Dropdown.Root modal={false} {...(open !== undefined && { open })} {...(onOpen && { onOpenChange: onOpen })}>
      <Dropdown.Trigger asChild ref={ref}>
        {trigger}
      </Dropdown.Trigger>
      <Dropdown.Portal container={containerOf(ref.current)}>
        <Dropdown.Content className={surface} align={align} sideOffset={4} collisionPadding={8} loop>
          <Parts items={items} kit={Dropdown} />
        </Dropdown.Content>
      </Dropdown.Portal>
    </Dropdown.Root>
  );
}

/** The same menu by the right mouse button, a long touch, or the keyboard's menu key. Offer the items elsewhere, too. */
export function ContextMenu({ items, children }: { items: readonly MenuPart[]; children: ReactElement }) {
  return (
    <Context.Root modal={false}>
      <Context.Trigger asChild>{children}</Context.Trigger>
      <Context.Portal>
        <Context.Content className={surface} collisionPadding={8} loop>
          <Parts items={items} kit={Context} />
        </Context.Content>
      </Context.Portal>
    </Context.Root>
  );
}

/** Both kinds of menu have the same parts. */
function Parts({ items, kit }: { items: readonly MenuPart[]; kit: typeof Dropdown | typeof Context }) {
  const Kit = kit as typeof Dropdown;
  return items.map((part, at) => {
    // biome-ignore lint/suspicious/noArrayIndexKey: a line is where it stands
    if (part === "line") return <Kit.Separator key={at} className="my-1 h-px bg-line" />;
    if ("heading" in part) {
      return (
        <Kit.Label key={part.heading} className="px-2 pt-1.5 pb-1 text-xs font-medium text-muted">
          {part.heading}
        </Kit.Label>
      );
    }
    const Icon = part.icon;
    if ("items" in part) {
      return (
        <Kit.Sub key={part.id}>
          <Kit.SubTrigger className={item}>
            {Icon && <Icon aria-hidden className="size-4 shrink-0 text-muted" />}
            <span className="flex-1">{part.label}</span>
            <ChevronRight aria-hidden className="size-4 text-muted" />
          </Kit.SubTrigger>
          <Kit.Portal>
            <Kit.SubContent className={surface} collisionPadding={8} loop>
              <Parts items={part.items} kit={kit} />
            </Kit.SubContent>
          </Kit.Portal>
        </Kit.Sub>
      );
    }
    const inside = (
      <>
        <span className="min-w-0 flex-1">
          <span className="block truncate">{part.label}</span>
          {part.about && <span className="block text-xs text-muted">{part.about}</span>}
        </span>
        {part.keys && <Kbd keys={part.keys} />}
      </>
    );
    const common = {
      className: `${item} ${part.danger ? "text-danger" : ""}`,
      disabled: part.disabled ?? false,
      onSelect: part.run,
      ...(part.keys && { "aria-keyshortcuts": ariaKeys(part.keys) }),
    };
    if (part.checked !== undefined) {
      return (
        <Kit.CheckboxItem key={part.id} checked={part.checked} {...common}>
          <Check aria-hidden className={`size-4 shrink-0 ${part.checked ? "" : "invisible"}`} />
          {inside}
        </Kit.CheckboxItem>
      );
    }
    return (
      <Kit.Item key={part.id} {...common}>
        {Icon && <Icon aria-hidden className={`size-4 shrink-0 ${part.danger ? "" : "text-muted"}`} />}
        {inside}
      </Kit.Item>
    );
  });
}

interface PopoverProps {
  trigger: ReactElement;
  /** Its accessible name. */
  title: string;
  align?: "start" | "end";
  children: ReactNode | ((close: () => void) => ReactNode);
}

/** A button that opens a small panel of controls. */
export function Popover({ trigger, title, align = "start", children }: PopoverProps) {
  const ref = useRef<HTMLButtonElement>(null);
  const [open, setOpen] = useState(false);
  return (
    <Pop.Root open={open} onOpenChange={setOpen}>
      <Pop.Trigger asChild ref={ref}>
        {trigger}
      </Pop.Trigger>
      <Pop.Portal container={containerOf(ref.current)}>
        <Pop.Content aria-label={title} className={`${surface} p-3`} align={align} sideOffset={4} collisionPadding={8}>
          {typeof children === "function" ? children(() => setOpen(false)) : children}
        </Pop.Content>
      </Pop.Portal>
    </Pop.Root>
  );
}

/** Says what a button is, with its keys. The button keeps its own accessible name. */
export function Tooltip({ text, keys, children }: { text: string; keys?: string; children: ReactElement }) {
  return (
    <Tip.Provider delayDuration={500}>
      <Tip.Root>
        <Tip.Trigger asChild {...(keys && { "aria-keyshortcuts": ariaKeys(keys) })}>
          {children}
        </Tip.Trigger>
        <Tip.Portal>
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
