import { type FormEvent, type ReactNode, useId, useState } from "react";
import { Button } from "@/shared/ui/button";
import { inputClass } from "@/shared/ui/field";
import { scales } from "./colours";
import { listed, parseCrs } from "./crs";
import { type Entry, legendOf, spread } from "./entries";
import { type Box, kindWord, type MapLayer } from "./model";
import { possibleKinds } from "./plan";
import { inWorker } from "./worker";

interface Props {
  entry: Entry;
  onChange: (change: Partial<MapLayer>, title: string) => void;
}

/** How a layer is read and drawn. */
export function LayerForm({ entry, onChange }: Props) {
  const { layer, source, plan } = entry;
  if (!source || !plan) return <p className="text-sm text-muted">Its data is not here yet.</p>;
  const numeric = source.columns.filter(({ type }) => type === "number");
  const gridded = layer.kind === "grid" || layer.kind === "contours";
  const legend = legendOf(entry);
  const colourable = gridded || layer.kind !== "track";
  const table = !source.shapes && !source.grid;
  return (
    <>
      <Choice
        label="Show as"
        value={layer.kind}
        options={possibleKinds(source).map((kind) => [kind, kindWord[kind]])}
        onChange={(kind) => onChange({ kind: kind as MapLayer["kind"] }, "Kind of layer")}
      />
      <CrsField key={layer.crs} entry={entry} onChange={onChange} />
      {plan.need?.what === "extent" || layer.extent ? <ExtentField entry={entry} onChange={onChange} /> : null}
      {table && (
        <div className="grid grid-cols-2 gap-2">
          {(["x", "y"] as const).map((axis) => (
            <Choice
              key={axis}
              label={axis === "x" ? "East (x)" : "North (y)"}
              value={plan.columns[axis] ?? ""}
              options={[
                ...(plan.columns[axis] ? [] : [["", "Choose…"] as const]),
                ...numeric.map(({ name }) => [name, name] as const),
              ]}
              onChange={(name) => onChange({ [axis]: name || undefined }, "Columns of the position")}
            />
          ))}
        </div>
      )}
      {layer.kind === "track" && (
        <Choice
          label="A line for each"
          value={plan.columns.group ?? ""}
          options={[["", "All in one line"], ...source.columns.map(({ name }) => [name, name] as const)]}
          onChange={(group) => onChange({ group: group || undefined }, "Column of lines")}
        />
      )}
      {colourable && !source.grid && numeric.length > 0 && (
        <Choice
          label={gridded ? "Values" : "Colour by"}
          value={plan.columns.value ?? ""}
          options={[
            ...(gridded ? [] : [["", "One colour"] as const]),
            ...numeric.map(({ name, unit }) => [name, unit ? `${name} (${unit})` : name] as const),
          ]}
          onChange={(value) => onChange({ value: value || null, range: undefined }, "Colouring")}
        />
      )}
      {legend ? (
        <ScaleField entry={entry} range={legend.range} onChange={onChange} />
      ) : (
        <label className="flex items-center justify-between gap-2 text-sm">
          Colour
          <input
            type="color"
            className="h-8 w-14 rounded border border-edge bg-surface"
            value={layer.colour}
            onChange={(event) => onChange({ colour: event.target.value }, "Colour")}
          />
        </label>
      )}
      {layer.kind === "points" && numeric.length > 0 && (
        <Choice
          label="Size by"
          value={layer.size ?? ""}
          options={[["", "One size"], ...numeric.map(({ name }) => [name, name] as const)]}
          onChange={(size) => onChange({ size: size || undefined }, "Sizes")}
        />
      )}
      {layer.kind !== "grid" && (
        <Slider
          label={layer.kind === "points" ? "Size of marks" : "Width"}
          value={layer.width}
          low={0.5}
          high={layer.kind === "points" ? 15 : 8}
          step={0.5}
          text={`${layer.width} px`}
          onChange={(width) => onChange({ width }, "Size of marks")}
        />
      )}
      {layer.kind === "contours" && (
        <Slider
          label="Contours, about"
          value={layer.levels}
          low={2}
          high={40}
          step={1}
          text={String(layer.levels)}
          onChange={(levels) => onChange({ levels }, "Number of contours")}
        />
      )}
      <Slider
        label="Opacity"
        value={layer.opacity}
        low={0}
        high={1}
        step={0.05}
        text={`${Math.round(layer.opacity * 100)}%`}
        onChange={(opacity) => onChange({ opacity }, "Opacity")}
      />
      {layer.kind === "grid" && (
        <Tick
          label="Smooth between the nodes"
          checked={layer.smooth}
          onChange={(smooth) => onChange({ smooth }, "Smoothing")}
        />
      )}
    </>
  );
}

interface ChoiceProps {
  label: string;
  value: string;
  options: readonly (readonly [string, string])[];
  onChange: (value: string) => void;
}

function Choice({ label, value, options, onChange }: ChoiceProps) {
  const id = useId();
  return (
    <div className="min-w-0">
      <label htmlFor={id} className="block text-sm text-muted">
        {label}
      </label>
      <select id={id} className={inputClass} value={value} onChange={(event) => onChange(event.target.value)}>
        {options.map(([key, title]) => (
          <option key={key} value={key}>
            {title}
          </option>
        ))}
      </select>
    </div>
  );
}

function Tick({ label, checked, onChange }: { label: string; checked: boolean; onChange: (on: boolean) => void }) {
  return (
    <label className="flex min-h-8 items-center gap-2 text-sm">
      <input
        type="checkbox"
        className="size-4 accent-accent"
        checked={checked}
        onChange={(event) => onChange(event.target.checked)}
      />
      {label}
    </label>
  );
}

interface SliderProps {
  label: string;
  value: number;
  low: number;
  high: number;
  step: number;
  text: string;
  onChange: (value: number) => void;
}

function Slider({ label, value, low, high, step, text, onChange }: SliderProps) {
  const id = useId();
  return (
    <div>
      <div className="flex justify-between text-sm text-muted">
        <label htmlFor={id}>{label}</label>
        <span aria-hidden className="tabular-nums">
          {text}
        </span>
      </div>
      <input
        id={id}
        type="range"
        className="w-full accent-accent"
        min={low}
        max={high}
        step={step}
        value={value}
        aria-valuetext={text}
        onChange={(event) => onChange(Number(event.target.value))}
      />
    </div>
  );
}

const OTHER = "other";

/** The coordinate system: as the data says, one of a list, or any by its code or proj4 text. */
function CrsField({ entry: { layer, source, plan }, onChange }: Props) {
  const said = source?.crs ? parseCrs(source.crs) : null;
  const automatic = said
    ? `From the data: ${said.id}`
    : plan && !plan.need && plan.crsFrom === "columns"
      ? "By its columns: lon and lat"
      : null;
  const isListed = layer.crs !== undefined && listed.some(({ id }) => id === layer.crs);
  const [typing, setTyping] = useState(layer.crs !== undefined && !isListed);
  const [text, setText] = useState(layer.crs ?? "");
  const [error, setError] = useState<string>();
  const id = useId();

  async function take(event: FormEvent) {
    event.preventDefault();
    const crs = parseCrs(text);
    const wrong = crs
      ? await inWorker("complaint", crs)
      : `“${text}” is not known here. Give an EPSG code such as 32633, or a proj4 text that begins with +proj=.`;
    setError(wrong ?? undefined);
    if (crs && !wrong) onChange({ crs: crs.id }, "Coordinate system");
  }

  const value = typing ? OTHER : (layer.crs ?? "");
  return (
    <div className="space-y-1.5">
      <label htmlFor={id} className="block text-sm text-muted">
        Coordinate system
      </label>
      <select
        id={id}
        className={inputClass}
        value={value}
        aria-invalid={plan?.need?.what === "crs" || undefined}
        onChange={({ target }) => {
          setTyping(target.value === OTHER);
          if (target.value !== OTHER) onChange({ crs: target.value || undefined }, "Coordinate system");
        }}
      >
        <option value="">{automatic ?? "Choose…"}</option>
        <option value={OTHER}>By EPSG code, UTM zone or proj4 text…</option>
        {listed.map((crs) => (
          <option key={crs.id} value={crs.id}>
            {crs.title} ({crs.id})
          </option>
        ))}
      </select>
      {typing && (
        <form className="flex gap-1.5" onSubmit={(event) => void take(event)}>
          <input
            className={inputClass}
            aria-label="EPSG code, UTM zone or proj4 text"
            aria-invalid={error ? true : undefined}
            aria-describedby={error ? `${id}-error` : undefined}
            placeholder="32633 or UTM 33N"
            value={text}
            onChange={(event) => setText(event.target.value)}
          />
          <Button type="submit">Use</Button>
        </form>
      )}
      {error && (
        <p id={`${id}-error`} className="text-sm text-danger wrap-anywhere">
          {error}
        </p>
      )}
      {plan?.crs?.rough && <p className="text-xs text-muted">Its shift to WGS 84 is good to a few metres.</p>}
    </div>
  );
}

const EDGES = ["West", "South", "East", "North"] as const;

/** Where an array lies that has no coordinates of its own. */
function ExtentField({ entry: { layer, plan }, onChange }: Props) {
  const [edges, setEdges] = useState<string[]>(() => EDGES.map((_, at) => String(layer.extent?.[at] ?? "")));
  const numbers = edges.map((edge) => (edge.trim() === "" ? Number.NaN : Number(edge)));
  const [west, south, east, north] = numbers as [number, number, number, number];
  const sound = numbers.every(Number.isFinite) && west < east && south < north;
  return (
    <form
      className="grid grid-cols-2 gap-1.5"
      onSubmit={(event) => {
        event.preventDefault();
        if (sound) onChange({ extent: numbers as Box }, "Extent");
      }}
    >
      {EDGES.map((edge, at) => (
        <label key={edge} className="text-sm text-muted">
          {edge} {plan?.crs && (plan.crs.geographic ? "(°)" : "(m)")}
          <input
            className={inputClass}
            inputMode="decimal"
            value={edges[at]}
            onChange={(event) => setEdges(edges.map((old, other) => (other === at ? event.target.value : old)))}
          />
        </label>
      ))}
      <Button type="submit" className="col-span-2" disabled={!sound}>
        Place the array there
      </Button>
    </form>
  );
}

function ScaleField({ entry, range, onChange }: Props & { range: [number, number] }) {
  const { layer, plan } = entry;
  const all = plan && !plan.need && plan.legend ? spread(plan.legend.values) : null;
  return (
    <fieldset className="space-y-1.5">
      <legend className="sr-only">Colour scale</legend>
      <Choice
        label="Colours"
        value={layer.scale}
        options={Object.entries(scales).map(([name, { title }]) => [name, title])}
        onChange={(scale) => onChange({ scale: scale as MapLayer["scale"] }, "Colours")}
      />
      <div className="grid grid-cols-2 gap-2">
        {(["From", "To"] as const).map((word, at) => (
          <RangeEnd
            key={`${word} ${range[at]}`}
            label={word}
            value={range[at] as number}
            onChange={(value) => {
              const next: [number, number] = at === 0 ? [value, range[1]] : [range[0], value];
              if (next[0] < next[1]) onChange({ range: next }, "Range of colours");
            }}
          />
        ))}
      </div>
      <div className="flex flex-wrap items-center justify-between gap-2">
        <Tick
          label="Reversed"
          checked={layer.reversed}
          onChange={(reversed) => onChange({ reversed }, "Order of colours")}
        />
        {layer.range && all && (
          <button
            type="button"
            className="link text-sm"
            onClick={() => onChange({ range: undefined }, "Range of colours")}
          >
            Whole range
          </button>
        )}
      </div>
    </fieldset>
  );
}

/** A number that is taken when it is left or Enter is pressed. */
function RangeEnd({ label, value, onChange }: { label: string; value: number; onChange: (value: number) => void }) {
  const [text, setText] = useState(String(Number(value.toPrecision(6))));
  const take = () => {
    const number = Number(text);
    if (text.trim() !== "" && Number.isFinite(number) && number !== Number(value.toPrecision(6))) onChange(number);
  };
  return (
    <label className="min-w-0 text-sm text-muted">
      {label}
      <input
        className={inputClass}
        inputMode="decimal"
        value={text}
        onChange={(event) => setText(event.target.value)}
        onBlur={take}
        onKeyDown={(event) => {
          if (event.key === "Enter") take();
        }}
      />
    </label>
  ) as ReactNode;
}
