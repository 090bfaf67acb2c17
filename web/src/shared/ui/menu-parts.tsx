// The parts of Radix's menus in our dress: the part of menus that is loaded when the first one is opened.

import { Check, ChevronRight } from "lucide-react";
import { ContextMenu as Context, DropdownMenu as Dropdown } from "radix-ui";
import type { ReactElement } from "react";
import { ariaKeys } from "@/shared/actions/keys";
import { Kbd } from "./kbd";
import type { MenuPart, MenuProps } from "./menu";
import { containerOf, surface } from "./menu-surface";

const item =
  "flex min-h-8 items-center gap-2 rounded px-2 py-1 outline-none select-none data-disabled:opacity-50 data-highlighted:bg-hover data-[state=open]:bg-hover";

interface Props extends MenuProps {
  open: boolean;
  container: HTMLElement | undefined;
}

/** A menu that is open from its beginning, on its button. */
export default function OpenableMenu({ trigger, items, align = "start", open, onOpen, container }: Props) {
  return (
    <Dropdown.Root modal={false} open={open} {...(onOpen && { onOpenChange: onOpen })}>
      <Dropdown.Trigger asChild>{trigger}</Dropdown.Trigger>
      <Dropdown.Portal container={container}>
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
      <Context.Portal container={containerOf(null)}>
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
        {part.keys && (
          <span aria-hidden>
            <Kbd keys={part.keys} />
          </span>
        )}
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
