import { useState } from "react";
import type { FieldError } from "@/shared/api/problem";
import type { ResourcesRequest } from "@/shared/api/types";
import { duration, mebibytes, plural } from "@/shared/lib/format";
import { Field } from "@/shared/ui/field";

type Key = "cpu_millis" | "memory_mb" | "storage_mb" | "gpu" | "deadline_s";

/** What is asked for in which unit, and how a preset's factor changes it. */
const fields: { key: Key; label: string; per: number; step: number; grows: boolean }[] = [
  { key: "cpu_millis", label: "Processors", per: 1000, step: 0.1, grows: true },
  { key: "memory_mb", label: "Memory in MiB", per: 1, step: 1, grows: true },
  { key: "storage_mb", label: "Disk in MiB", per: 1, step: 1, grows: true },
  { key: "gpu", label: "GPUs", per: 1, step: 1, grows: false },
  { key: "deadline_s", label: "Time limit in minutes", per: 60, step: 1, grows: true },
];

/** What a place in the request, such as `/resources/memory_mb`, is called here. */
export function resourceWord(path: string): string {
  return fields.find(({ key }) => path === `/resources/${key}`)?.label ?? "Resources";
}

/** Medium is what the type says. */
const presets = [
  { label: "Small", about: "Half of what the type says", factor: 0.5 },
  { label: "Medium", about: "What the type says", factor: 1 },
  { label: "Large", about: "Four times what the type says", factor: 4 },
];

function scaled(defaults: ResourcesRequest, factor: number): ResourcesRequest {
  return Object.fromEntries(
    fields.map(({ key, grows }) => {
      const value = defaults[key] ?? null;
      return [key, value === null || !grows ? value : Math.max(1, Math.round(value * factor))];
    }),
  );
}

const same = (a: ResourcesRequest, b: ResourcesRequest) => fields.every(({ key }) => (a[key] ?? 0) === (b[key] ?? 0));

/** What is asked for, in a line; what is not said is the server's to choose. */
function inWords({ cpu_millis, memory_mb, storage_mb, gpu, deadline_s }: ResourcesRequest): string {
  const parts = [
    cpu_millis && plural(cpu_millis / 1000, "processor"),
    memory_mb && `${mebibytes(memory_mb)} of memory`,
    storage_mb && `${mebibytes(storage_mb)} of disk`,
    gpu && plural(gpu, "GPU"),
    deadline_s && `at most ${duration(deadline_s * 1000)}`,
  ];
  return parts.filter(Boolean).join(", ");
}

interface Props {
  /** What the type says. */
  defaults: ResourcesRequest;
  value: ResourcesRequest;
  errors: readonly FieldError[];
  onChange: (value: ResourcesRequest) => void;
}

export function Resources({ defaults, value, errors, onChange }: Props) {
  const [opened, setOpened] = useState(false);
  const preset = presets.find(({ factor }) => same(scaled(defaults, factor), value));
  const wrong = errors.some(({ path }) => path.startsWith("/resources"));
  const own = opened || wrong || !preset;
  const choice =
    "rounded-full border border-edge px-2.5 py-1 text-sm hover:bg-hover aria-pressed:border-accent aria-pressed:bg-accent-soft aria-pressed:font-medium";
  return (
    <div className="space-y-4">
      <fieldset className="flex flex-wrap gap-1.5">
        <legend className="sr-only">Presets</legend>
        {presets.map(({ label, about, factor }) => (
          <button
            key={label}
            type="button"
            title={about}
            aria-pressed={!own && label === preset?.label}
            className={choice}
            onClick={() => {
              setOpened(false);
              onChange(scaled(defaults, factor));
            }}
          >
            {label}
          </button>
        ))}
        <button type="button" aria-pressed={own} className={choice} onClick={() => setOpened(true)}>
          Own
        </button>
      </fieldset>
      {!own && <p className="text-sm text-muted">{inWords(value)}</p>}
      <div className="grid grid-cols-2 gap-3" hidden={!own}>
        {fields.map(({ key, label, per, step }) => (
          <Field
            key={key}
            label={label}
            type="number"
            min={key === "gpu" ? 0 : step}
            step="any"
            value={value[key] == null ? "" : Number(value[key]) / per}
            placeholder={defaults[key] == null ? "default" : undefined}
            error={errors.find(({ path }) => path === `/resources/${key}`)?.message}
            onChange={({ target }) =>
              onChange({ ...value, [key]: target.value === "" ? null : Math.round(Number(target.value) * per) })
            }
          />
        ))}
      </div>
    </div>
  );
}
