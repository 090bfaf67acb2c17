import { ChevronDown } from "lucide-react";
import { useEffect, useId, useState } from "react";
import { inputClass } from "@/shared/ui/field";
import { alternatives } from "@/shared/units/units";
import type { Axis } from "../axes";
import type { AxisSpec, Slot } from "../spec";
import { Choice } from "./element-form";

const words: Record<Slot, string> = { x: "Bottom", x2: "Top", y: "Left", y2: "Right", y3: "Far right" };

interface Props {
  axis: Axis;
  spec: AxisSpec;
  onChange: (next: AxisSpec, merge?: string) => void;
}

const without = (spec: AxisSpec, key: keyof AxisSpec): AxisSpec => {
  const { [key]: _, ...rest } = spec;
  return rest;
};

/** Title, unit, scale and ends of an axis. */
export function AxisForm({ axis, spec, onChange }: Props) {
  const [open, setOpen] = useState(false);
  const id = useId();
  const numeric = axis.type === "linear" || axis.type === "log";
  const units = numeric ? alternatives(axis.unit) : [];
  return (
    <li className="rounded-md border border-line">
      <button
        type="button"
        aria-expanded={open}
        aria-controls={id}
        onClick={() => setOpen(!open)}
        className="flex min-h-9 w-full items-center gap-2 rounded-md px-2 text-left text-sm hover:bg-hover"
      >
        <span className="text-muted">{words[axis.slot]}</span>
        <span className="min-w-0 flex-1 truncate">{axis.title}</span>
        <ChevronDown aria-hidden className={`size-4 shrink-0 text-muted ${open ? "rotate-180" : ""}`} />
      </button>
      <div id={id} hidden={!open} className="space-y-2.5 border-t border-line p-2.5">
        <label className="block text-sm">
          Title
          <input
            className={inputClass}
            value={spec.title ?? ""}
            placeholder={axis.title}
            onChange={({ target }) =>
              onChange(target.value ? { ...spec, title: target.value } : without(spec, "title"), "title")
            }
          />
        </label>
        {units.length > 1 && (
          <Choice
            label="Unit"
            value={axis.unit ?? ""}
            options={units.map((unit) => [unit, unit])}
            // Ends in the old unit would be elsewhere.
            onChange={(unit) => onChange({ ...without(spec, "range"), unit })}
          />
        )}
        {numeric && (
          <Choice
            label="Scale"
            value={axis.type}
            options={[
              ["linear", "Linear"],
              ["log", "Logarithmic"],
            ]}
            onChange={(scale) => onChange({ ...spec, scale: scale as "linear" | "log" })}
          />
        )}
        {axis.type !== "category" && <Ends key={axis.type} axis={axis} spec={spec} onChange={onChange} />}
        <label className="flex min-h-8 items-center gap-2 text-sm">
          <input
            type="checkbox"
            className="size-4 accent-accent"
            checked={axis.reversed}
            onChange={({ target }) =>
              onChange(target.checked ? { ...spec, reversed: true } : without(spec, "reversed"))
            }
          />
          The other way round
        </label>
      </div>
    </li>
  );
}

/** Where it begins and ends; all is shown when one of them is empty. */
function Ends({ axis, spec, onChange }: Props) {
  const date = axis.type === "date";
  const said = spec.range?.map((end) => (date ? String(end).slice(0, 10) : String(end))) ?? ["", ""];
  const [ends, setEnds] = useState(said);
  const key = said.join(" ");
  // biome-ignore lint/correctness/useExhaustiveDependencies: taken over when it was changed elsewhere
  useEffect(() => setEnds(said), [key]);
  function put(at: 0 | 1, text: string) {
    const next = ends.map((end, index) => (index === at ? text : end));
    setEnds(next);
    const [from = "", to = ""] = next;
    const fits = (end: string) => end !== "" && (date ? !Number.isNaN(Date.parse(end)) : Number.isFinite(Number(end)));
    const allowed =
      fits(from) && fits(to) && from !== to && (axis.type !== "log" || (Number(from) > 0 && Number(to) > 0));
    if (allowed) onChange({ ...spec, range: date ? [from, to] : [Number(from), Number(to)] }, "range");
    else if (spec.range) onChange(without(spec, "range"), "range");
  }
  return (
    <div className="grid grid-cols-2 gap-2">
      {([0, 1] as const).map((at) => (
        <label key={at} className="block text-sm">
          {at === 0 ? "From" : "To"}
          <input
            type={date ? "date" : "number"}
            step="any"
            className={inputClass}
            placeholder="All"
            value={ends[at]}
            onChange={({ target }) => put(at, target.value)}
          />
        </label>
      ))}
    </div>
  );
}
