import { useId, useRef, useState } from "react";
import { ago, bytes } from "@/shared/lib/format";
import { inputClass } from "@/shared/ui/field";
import { type Choice, found } from "./choices";

interface Props {
  id: string;
  value: string;
  choices: readonly Choice[];
  disabled: boolean;
  required: boolean;
  "aria-invalid": true | undefined;
  "aria-describedby": string | undefined;
  onChoose: (reference: string | undefined) => void;
}

/** More would be scrolled through, not read. */
const SHOWN = 100;

/** A field that is typed into to find one of many: arrows, Enter and Escape as everywhere. */
export function DataCombobox({ id, value, choices, disabled, required, onChoose, ...aria }: Props) {
  const [needle, setNeedle] = useState<string>();
  const [at, setAt] = useState(0);
  const list = useId();
  const box = useRef<HTMLDivElement>(null);
  const open = needle !== undefined;
  const chosen = choices.find(({ reference }) => reference === value);
  const hits = open ? found(choices, needle).slice(0, SHOWN) : [];
  const active = hits[Math.min(at, hits.length - 1)];

  function choose(choice: Choice | undefined) {
    onChoose(choice?.reference);
    setNeedle(undefined);
  }

  function step(by: number) {
    if (!open) {
      setNeedle("");
      setAt(0);
      return;
    }
    const next = Math.max(0, Math.min(hits.length - 1, at + by));
    setAt(next);
    box.current?.querySelectorAll("[role=option]")[next]?.scrollIntoView({ block: "nearest" });
  }

  function onKeyDown(event: React.KeyboardEvent) {
    const steps: Record<string, number> = { ArrowDown: 1, ArrowUp: -1, PageDown: 10, PageUp: -10 };
    const by = steps[event.key];
    if (by !== undefined) step(by);
    else if (event.key === "Enter" && open && active) choose(active);
    else if (event.key === "Escape" && open) setNeedle(undefined);
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  return (
    <div ref={box} className="relative">
      <input
        {...aria}
        id={id}
        type="text"
        role="combobox"
        aria-expanded={open}
        aria-controls={list}
        aria-autocomplete="list"
        aria-activedescendant={open && active ? `${list}-${active.id}` : undefined}
        autoComplete="off"
        spellCheck={false}
        className={inputClass}
        disabled={disabled}
        required={required}
        placeholder={`Search ${choices.length} that fit…`}
        value={needle ?? chosen?.name ?? value}
        onChange={({ target }) => {
          setNeedle(target.value);
          setAt(0);
          if (target.value === "") onChoose(undefined);
        }}
        onBlur={() => setNeedle(undefined)}
        onClick={() => setNeedle((now) => now ?? "")}
        onKeyDown={onKeyDown}
      />
      <div
        id={list}
        role="listbox"
        aria-label="Data that fits"
        hidden={!open}
        className="card absolute top-full z-30 mt-1 max-h-72 w-full overflow-auto p-1 shadow-lg"
      >
        {hits.map((choice) => (
          <div
            key={choice.reference}
            id={`${list}-${choice.id}`}
            role="option"
            tabIndex={-1}
            aria-selected={choice === active}
            className="cursor-pointer rounded px-2 py-1 text-sm aria-selected:bg-hover"
            // Before the field loses the focus, which closes the list.
            onMouseDown={(event) => {
              event.preventDefault();
              choose(choice);
            }}
          >
            <span className="block font-medium wrap-anywhere">{choice.name}</span>
            <span className="block text-muted">
              {choice.group}, {bytes(choice.size)}, {ago(choice.created)}
            </span>
          </div>
        ))}
        {open && hits.length === 0 && <p className="px-2 py-1 text-sm text-muted">Nothing has these words.</p>}
      </div>
    </div>
  );
}
