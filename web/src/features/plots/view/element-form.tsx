import { type ReactNode, useId } from "react";
import { sentence } from "@/shared/api/problem";
import type { ProjectView } from "@/shared/api/types";
import { Button } from "@/shared/ui/button";
import { inputClass } from "@/shared/ui/field";
import type { ElementState } from "../data/use-loaded";
import { elementOf, elements } from "../elements";
import { type PlotElement, type Role, type Setting, settled } from "../elements/element";
import { asKind } from "../guess";
import type { ElementSpec, YSlot } from "../spec";
import { useTheme } from "../theme";
import { withUnit } from "../words";
import type { Plot } from "./use-plot";

interface Props {
  project: ProjectView;
  element: ElementSpec;
  index: number;
  state: ElementState | undefined;
  onReplace: () => void;
  onChange: Plot["changeElement"];
}

const axisWords: Record<YSlot, string> = { y: "Left", y2: "Right", y3: "Far right" };

/** Data, columns and look of one element. */
export function ElementForm({ element, index, state, onReplace, onChange }: Props) {
  const kind = elementOf(element.kind) as PlotElement;
  const structure = state?.structure;
  const fields = structure?.fields ?? [];
  const set = (title: string, edit: (element: ElementSpec) => ElementSpec, merge?: string) =>
    onChange(title, element.id, edit, merge);
  const offered = elements.filter(({ reads }) => structure?.kind !== "grid" || reads === "table or grid");
  return (
    <div className="space-y-2.5">
      <Choice
        label="Drawn as"
        value={element.kind}
        options={offered.map(({ id, title }) => [id, title])}
        hint={kind.about}
        onChange={(value) => {
          const next = elementOf(value);
          if (next) set("Change of the element", (old) => asKind(old, next, fields));
        }}
      />
      <div>
        <p className="text-sm">Data</p>
        <Button className="w-full justify-start! truncate" onClick={onReplace}>
          <span className="truncate">{structure ? structure.name : "Choose data…"}</span>
          {structure?.version !== undefined && (
            <span className="truncate text-muted">
              {structure.processName ?? ""} v{structure.version}
            </span>
          )}
        </Button>
        <Follow element={element} state={state} onChange={set} />
        {state?.error !== undefined && <p className="mt-1 text-sm text-danger">{sentence(state.error)}</p>}
      </div>
      {structure?.kind === "table" &&
        kind.roles.map((role) => (
          <RoleChoice
            key={role.id}
            role={role}
            value={element.columns[role.id]}
            fields={fields}
            onChange={(name) =>
              set(`Change of ${role.title}`, (old) => {
                const { [role.id]: _, ...rest } = old.columns;
                return { ...old, columns: name ? { ...rest, [role.id]: name } : rest };
              })
            }
          />
        ))}
      <Choice
        label="Axis"
        value={element.axis ?? ""}
        options={[["", "By its unit"], ...Object.entries(axisWords)]}
        onChange={(value) =>
          set("Change of the axis", ({ axis: _, ...rest }) => (value ? { ...rest, axis: value as YSlot } : rest))
        }
      />
      <label className="block text-sm">
        Name
        <input
          className={inputClass}
          value={element.name ?? ""}
          placeholder="As its column"
          onChange={({ target }) =>
            set(
              "Change of the name",
              ({ name: _, ...rest }) => (target.value ? { ...rest, name: target.value } : rest),
              "name",
            )
          }
        />
      </label>
      <Colours
        id={element.id}
        value={element.color ?? index}
        onChange={(color) => set("Change of the colour", (old) => ({ ...old, color }))}
      />
      <Settings kind={kind} element={element} onChange={set} />
    </div>
  );
}

type Set = (title: string, edit: (element: ElementSpec) => ElementSpec, merge?: string) => void;

/** Fixed data, or whatever the process writes next under the same name. */
function Follow({
  element,
  state,
  onChange,
}: {
  element: ElementSpec;
  state: ElementState | undefined;
  onChange: Set;
}) {
  const { source } = element;
  const structure = state?.structure;
  const follows = source !== null && "process" in source;
  const process = follows ? source.process : structure?.process;
  const output = follows ? source.output : structure?.name;
  if (!process || !output) return null;
  return (
    <label className="mt-1 flex min-h-8 items-center gap-2 text-sm">
      <input
        type="checkbox"
        className="size-4 accent-accent"
        checked={follows}
        disabled={follows && !structure}
        onChange={({ target }) =>
          onChange("Change of the version", (old) => ({
            ...old,
            source: target.checked ? { process, output } : structure ? { data: structure.id } : old.source,
          }))
        }
      />
      Always its process' newest version
    </label>
  );
}

interface RoleProps {
  role: Role;
  value: string | undefined;
  fields: NonNullable<ElementState["structure"]>["fields"];
  onChange: (name: string) => void;
}

function RoleChoice({ role, value, fields, onChange }: RoleProps) {
  const fitting = fields.filter(({ type }) => role.types.includes(type));
  const gone = value !== undefined && !fitting.some(({ name }) => name === value);
  const none: [string, string][] = role.optional
    ? [["", role.rows ? "Row number" : "Nothing"]]
    : value === undefined || gone
      ? [["", "Choose…"]]
      : [];
  return (
    <Choice
      label={role.title}
      value={gone ? "" : (value ?? "")}
      options={[...none, ...fitting.map(({ name, unit }): [string, string] => [name, withUnit(name, unit)])]}
      onChange={onChange}
    />
  );
}

interface ChoiceProps {
  label: string;
  value: string;
  options: readonly (readonly [value: string, title: string])[];
  hint?: ReactNode;
  onChange: (value: string) => void;
}

export function Choice({ label, value, options, hint, onChange }: ChoiceProps) {
  const id = useId();
  return (
    <div>
      <label htmlFor={id} className="block text-sm">
        {label}
      </label>
      <select id={id} className={inputClass} value={value} onChange={(event) => onChange(event.target.value)}>
        {options.map(([option, title]) => (
          <option key={option} value={option}>
            {title}
          </option>
        ))}
      </select>
      {hint && <p className="mt-0.5 text-xs text-muted">{hint}</p>}
    </div>
  );
}

const colorWords = ["Blue", "Orange", "Green", "Pink", "Yellow", "Violet", "Red", "Grey"];

function Colours({ id, value, onChange }: { id: string; value: number; onChange: (color: number) => void }) {
  const theme = useTheme();
  return (
    <fieldset>
      <legend className="text-sm">Colour</legend>
      <div className="flex flex-wrap gap-1.5 py-1">
        {theme.series.map((color, at) => (
          <input
            key={colorWords[at]}
            type="radio"
            name={`colour-${id}`}
            aria-label={colorWords[at]}
            title={colorWords[at]}
            checked={value % theme.series.length === at}
            onChange={() => onChange(at)}
            className="size-6 appearance-none rounded-full border-2 border-surface outline-edge checked:outline-2 checked:outline-ink focus-visible:outline-accent"
            style={{ backgroundColor: color }}
          />
        ))}
      </div>
    </fieldset>
  );
}

function Settings({ kind, element, onChange }: { kind: PlotElement; element: ElementSpec; onChange: Set }) {
  const values = settled(kind, element.settings);
  const put = (setting: Setting, value: unknown) =>
    onChange(
      `Change of ${setting.title}`,
      (old) => ({ ...old, settings: { ...old.settings, [setting.id]: value } }),
      setting.id,
    );
  return kind.settings.map((setting) => {
    const value = values[setting.id];
    if (setting.kind === "choice") {
      return (
        <Choice
          key={setting.id}
          label={setting.title}
          value={String(value)}
          options={setting.options}
          onChange={(next) => put(setting, next)}
        />
      );
    }
    if (setting.kind === "switch") {
      return (
        <label key={setting.id} className="flex min-h-8 items-center gap-2 text-sm">
          <input
            type="checkbox"
            className="size-4 accent-accent"
            checked={value === true}
            onChange={({ target }) => put(setting, target.checked)}
          />
          {setting.title}
        </label>
      );
    }
    return (
      <label key={setting.id} className="block text-sm">
        {setting.title}
        <input
          type="number"
          className={inputClass}
          min={setting.least}
          max={setting.most}
          step={setting.step}
          value={Number(value)}
          onChange={({ target }) => {
            if (target.value !== "") put(setting, target.valueAsNumber);
          }}
        />
      </label>
    );
  });
}
