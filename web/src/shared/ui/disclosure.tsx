import { type ReactNode, useId, useRef, useState } from "react";
import { buttonClass } from "./button";

interface Props {
  label: ReactNode;
  /** For screen readers, when the label alone says too little. */
  name?: string;
  align?: "left" | "right";
  children: (close: () => void) => ReactNode;
}

/** A button that opens a small panel of links and buttons; Escape, a choice or leaving it closes it. */
export function Disclosure({ label, name, align = "left", children }: Props) {
  const [open, setOpen] = useState(false);
  const button = useRef<HTMLButtonElement>(null);
  const id = useId();
  const close = () => setOpen(false);
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: it only hears what happens to its own controls
    <div
      className="relative"
      onKeyDown={(event) => {
        if (event.key !== "Escape" || !open) return;
        close();
        button.current?.focus();
      }}
      onBlur={(event) => {
        if (!event.currentTarget.contains(event.relatedTarget)) close();
      }}
    >
      <button
        ref={button}
        type="button"
        className={buttonClass("quiet")}
        aria-expanded={open}
        aria-controls={id}
        aria-label={name}
        onClick={() => setOpen(!open)}
      >
        {label}
      </button>
      <div
        id={id}
        hidden={!open}
        // Without it a click beside the controls would count as leaving.
        tabIndex={-1}
        className={`card absolute top-full z-40 mt-1 min-w-56 p-1.5 shadow-lg ${align === "right" ? "right-0" : "left-0"}`}
      >
        {open && children(close)}
      </div>
    </div>
  );
}

export const menuItemClass =
  "flex w-full items-center gap-2 rounded px-2.5 py-1.5 text-left text-sm hover:bg-hover aria-[current]:font-semibold";
