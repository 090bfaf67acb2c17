import { ariaDescribedByIds, type WidgetProps } from "@rjsf/utils";
import { useQuery } from "@tanstack/react-query";
import { useEffect, useRef } from "react";
import { bytes } from "@/shared/lib/format";
import { mediaWord } from "@/shared/lib/media";
import { selectionOf } from "@/shared/selection/selection";
import { inputClass } from "@/shared/ui/field";
import { accepted, type Choice, choicesQuery } from "./choices";
import type { FormContext } from "./context";
import { DataCombobox } from "./data-combobox";

/** More than fit into a list that one reads from top to bottom. */
const SEARCH_FROM = 31;

function grouped(choices: readonly Choice[]): [string, Choice[]][] {
  const groups = new Map<string, Choice[]>();
  for (const choice of choices) groups.set(choice.group, [...(groups.get(choice.group) ?? []), choice]);
  return [...groups];
}

const day = (time: string) => new Date(time).toLocaleDateString(undefined, { dateStyle: "medium" });

/** Offers the data of the project that fits; `format: upload` only what people brought. */
export function DataWidget(props: WidgetProps) {
  const { id, value, required, disabled, readonly, schema, onChange, rawErrors, registry } = props;
  const { project, firstData } = registry.formContext as FormContext;
  const { data, isPending } = useQuery(choicesQuery(project.name));
  const accepts = (schema as { accepts?: string[] }).accepts;
  const uploadsOnly = schema.format === "upload";
  const choices = (data?.choices ?? []).filter(
    ({ mediaType, reference }) => accepted(accepts, mediaType) && (!uploadsOnly || reference.startsWith("upload:")),
  );

  // What is selected elsewhere is what one means, when it fits and nothing has been chosen.
  const offered = useRef(false);
  useEffect(() => {
    if (offered.current || isPending) return;
    offered.current = true;
    const { data: selected } = selectionOf(project.id);
    const fitting = choices.find((choice) => choice.id === selected);
    if (fitting && value === undefined && id === `root_${firstData}`) onChange(fitting.reference);
  });

  const known = choices.some(({ reference }) => reference === value);
  const text = typeof value === "string" ? value : "";
  const common = {
    id,
    disabled: disabled || readonly || isPending,
    required: required === true,
    "aria-invalid": rawErrors && rawErrors.length > 0 ? (true as const) : undefined,
    "aria-describedby": ariaDescribedByIds(id),
  };
  return (
    <>
      {choices.length >= SEARCH_FROM ? (
        <DataCombobox {...common} value={text} choices={choices} onChoose={onChange} />
      ) : (
        <select
          {...common}
          className={inputClass}
          value={text}
          onChange={(event) => onChange(event.target.value === "" ? undefined : event.target.value)}
        >
          <option value="">{isPending ? "Loading…" : required ? "Choose data…" : "None"}</option>
          {/* What an older version used may be gone or replaced; it stays visible as what it was. */}
          {text !== "" && !known && <option value={text}>{text}</option>}
          {grouped(choices).map(([group, members]) => (
            <optgroup key={group} label={group}>
              {members.map(({ reference, name, size, created }) => (
                <option key={reference} value={reference}>
                  {name} ({bytes(size)}, {day(created)})
                </option>
              ))}
            </optgroup>
          ))}
        </select>
      )}
      {!isPending && choices.length === 0 && (
        <p className="mt-1 text-sm text-muted">
          Nothing in this project fits{accepts ? `: it takes ${accepts.map(mediaWord).join(", ")}` : ""}.
        </p>
      )}
      {data?.more && <p className="mt-1 text-sm text-muted">Only the newest are offered.</p>}
    </>
  );
}
