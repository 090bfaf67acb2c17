import { ariaDescribedByIds, type WidgetProps } from "@rjsf/utils";
import { useQuery } from "@tanstack/react-query";
import { bytes } from "@/shared/lib/format";
import { inputClass } from "@/shared/ui/field";
import { accepted, type Choice, choicesQuery } from "./choices";

function grouped(choices: readonly Choice[]): [string, Choice[]][] {
  const groups = new Map<string, Choice[]>();
  for (const choice of choices) groups.set(choice.group, [...(groups.get(choice.group) ?? []), choice]);
  return [...groups];
}

/** Offers the data of the project that fits; `format: upload` only what people brought. */
export function DataWidget({ id, value, required, disabled, schema, onChange, rawErrors, registry }: WidgetProps) {
  const { project } = registry.formContext as { project: string };
  const { data, isPending } = useQuery(choicesQuery(project));
  const accepts = (schema as { accepts?: string[] }).accepts;
  const uploadsOnly = schema.format === "upload";
  const choices = (data?.choices ?? []).filter(
    ({ mediaType, reference }) => accepted(accepts, mediaType) && (!uploadsOnly || reference.startsWith("upload:")),
  );
  const known = choices.some(({ reference }) => reference === value);
  return (
    <>
      <select
        id={id}
        className={inputClass}
        value={typeof value === "string" ? value : ""}
        disabled={disabled || isPending}
        required={required}
        aria-invalid={rawErrors && rawErrors.length > 0 ? true : undefined}
        aria-describedby={ariaDescribedByIds(id)}
        onChange={(event) => onChange(event.target.value === "" ? undefined : event.target.value)}
      >
        <option value="">{isPending ? "Loading…" : required ? "Choose data…" : "None"}</option>
        {/* What an older version used may be gone or replaced; it stays visible as what it was. */}
        {typeof value === "string" && value !== "" && !known && <option value={value}>{value}</option>}
        {grouped(choices).map(([group, members]) => (
          <optgroup key={group} label={group}>
            {members.map(({ reference, name, size }) => (
              <option key={reference} value={reference}>
                {name} ({bytes(size)})
              </option>
            ))}
          </optgroup>
        ))}
      </select>
      {!isPending && choices.length === 0 && (
        <p className="mt-1 text-sm text-muted">
          Nothing in this project fits{accepts ? `: it takes ${accepts.join(", ")}` : ""}.
        </p>
      )}
      {data?.more && <p className="mt-1 text-sm text-muted">Only the newest are offered.</p>}
    </>
  );
}
