import { Popover as Pop } from "radix-ui";
import { type ReactElement, type ReactNode, useCallback, useState } from "react";
import { containerOf, surface } from "./menu-surface";

interface PopoverProps {
  trigger: ReactElement;
  /** Its accessible name. */
  title: string;
  align?: "start" | "end";
  children: ReactNode | ((close: () => void) => ReactNode);
}

/** A button that opens a small panel of controls. */
export function Popover({ trigger, title, align = "start", children }: PopoverProps) {
  const [container, setContainer] = useState<HTMLElement>();
  const ref = useCallback((button: Element | null) => setContainer(containerOf(button)), []);
  const [open, setOpen] = useState(false);
  return (
    <Pop.Root open={open} onOpenChange={setOpen}>
      <Pop.Trigger asChild ref={ref}>
        {trigger}
      </Pop.Trigger>
      <Pop.Portal container={container}>
        <Pop.Content aria-label={title} className={`${surface} p-3`} align={align} sideOffset={4} collisionPadding={8}>
          {typeof children === "function" ? children(() => setOpen(false)) : children}
        </Pop.Content>
      </Pop.Portal>
    </Pop.Root>
  );
}
