import type { Limits } from "@/shared/api/types";
import { Field } from "@/shared/ui/field";

/** What a project may use at once; each may be left open. Cores and GiB on screen, thousandths and MiB in the API. */
const limits = [
  { key: "max_running", label: "Running at once", unit: "processes", size: 1 },
  { key: "max_queued", label: "Waiting at once", unit: "processes", size: 1 },
  { key: "cpu_millis", label: "Processors", unit: "cores", size: 1000 },
  { key: "memory_mb", label: "Memory", unit: "GiB", size: 1024 },
  { key: "storage_mb", label: "Storage", unit: "GiB", size: 1024 },
] as const satisfies readonly { key: keyof Limits; label: string; unit: string; size: number }[];

export function LimitFields({ now, errorAt }: { now: Limits; errorAt: (path: string) => string | undefined }) {
  return limits.map(({ key, label, unit, size }) => {
    const value = now[key];
    return (
      <Field
        key={key}
        label={`${label} (${unit})`}
        name={key}
        type="number"
        min={size === 1 ? 1 : 0.1}
        step={size === 1 ? 1 : "any"}
        placeholder="no limit"
        defaultValue={value == null ? "" : value / size}
        error={errorAt(`/limits/${key}`)}
      />
    );
  });
}

/** The limits that were filled in; an empty one is none. */
export function limitsOf(data: FormData): Limits {
  return Object.fromEntries(
    limits.map(({ key, size }) => {
      const text = String(data.get(key) ?? "").trim();
      return [key, text === "" ? null : Math.round(Number(text) * size)];
    }),
  );
}

/** In a few words, for a table. */
export function limitsInWords(now: Limits): string {
  const parts = limits.flatMap(({ key, unit, size }) => {
    const value = now[key];
    return value == null ? [] : [`${key === "max_queued" ? "waiting " : ""}${(value / size).toLocaleString()} ${unit}`];
  });
  return parts.join(", ") || "none";
}
