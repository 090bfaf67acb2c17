// The common widgets of ipywidgets, drawn by the app itself from their states. Widgets of other packages bring code of
// their own, which has no place in our page: their text stands for them.

import { type ReactNode, useCallback, useEffect, useState, useSyncExternalStore } from "react";
import { Button } from "@/shared/ui/button";
import { inputClass } from "@/shared/ui/field";
import { useOpen } from "../context";
import { outputOf } from "../model/output";
import { type WidgetState, widgetId } from "../model/widgets";
import { HtmlFrame } from "./frame";
import { One } from "./outputs";
import { PlainText } from "./text";

interface Props {
  id: string;
  label: string;
  /** What stands for it when it can't be drawn. */
  plain: string;
  depth?: number;
}

/** Boxes in boxes in boxes. */
const DEEPEST = 20;

export function Widget({ id, label, plain, depth = 0 }: Props) {
  const { session } = useOpen();
  const { widgets } = session;
  const state = useSyncExternalStore(
    useCallback((watcher: () => void) => widgets.watch(id, watcher), [widgets, id]),
    () => widgets.state(id),
  );
  if (!state || depth > DEEPEST) {
    return (
      <PlainText
        text={state ? plain : `${plain}\n(its kernel is gone: run the cell again)`}
        label={`Widget of ${label}`}
      />
    );
  }
  return <Drawn id={id} state={state} label={label} plain={plain} depth={depth} />;
}

const text = (value: unknown): string => (typeof value === "string" ? value : value == null ? "" : String(value));
const number = (value: unknown, instead: number): number => (typeof value === "number" ? value : instead);

function Drawn({ id, state, label, plain, depth }: Required<Props> & { state: WidgetState }) {
  const { session, mayRun } = useOpen();
  const { widgets } = session;
  const name = text(state._model_name).replace(/Model$/, "");
  const about = text(state.description);
  const off = !mayRun || state.disabled === true;
  const set = (value: unknown) => widgets.change(id, { value });
  const inner = (list: unknown): ReactNode =>
    (Array.isArray(list) ? list : []).map((reference) => {
      const child = widgetId(reference);
      return child && <Widget key={child} id={child} label={label} plain="A widget" depth={depth + 1} />;
    });
  switch (name) {
    case "IntSlider":
    case "FloatSlider":
      return (
        <Labelled about={about || "Value"} shown={text(state.value)}>
          <Slider state={state} disabled={off} onChange={set} />
        </Labelled>
      );
    case "IntText":
    case "FloatText":
    case "BoundedIntText":
    case "BoundedFloatText":
      return (
        <Labelled about={about || "Value"}>
          <Typed value={text(state.value)} type="number" disabled={off} onChange={(value) => set(Number(value) || 0)} />
        </Labelled>
      );
    case "Text":
    case "Password":
    case "Textarea":
    case "Combobox":
      return (
        <Labelled about={about || "Text"}>
          <Typed
            value={text(state.value)}
            type={name === "Password" ? "password" : "text"}
            disabled={off}
            placeholder={text(state.placeholder)}
            onChange={set}
          />
        </Labelled>
      );
    case "Checkbox":
      return (
        <label className="inline-flex items-center gap-2 text-sm">
          <input
            type="checkbox"
            className="size-4 accent-accent"
            checked={state.value === true}
            disabled={off}
            onChange={(event) => set(event.target.checked)}
          />
          {about}
        </label>
      );
    case "ToggleButton":
      return (
        <Button aria-pressed={state.value === true} disabled={off} onClick={() => set(state.value !== true)}>
          {about || "Toggle"}
        </Button>
      );
    case "Button":
      return (
        <Button
          look={state.button_style === "danger" ? "danger" : state.button_style ? "primary" : "plain"}
          disabled={off}
          title={text(state.tooltip) || undefined}
          onClick={() => widgets.event(id, "click")}
        >
          {about || "Button"}
        </Button>
      );
    case "Dropdown":
    case "Select":
    case "RadioButtons":
    case "ToggleButtons": {
      const options = (Array.isArray(state._options_labels) ? state._options_labels : []).map(text);
      return (
        <Labelled about={about || "Choice"}>
          <select
            className={`${inputClass} max-w-xs`}
            value={number(state.index, -1)}
            disabled={off}
            onChange={(event) => widgets.change(id, { index: Number(event.target.value) })}
          >
            {state.index == null && <option value={-1}> </option>}
            {options.map((option, at) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: an option is its number
              <option key={at} value={at}>
                {option}
              </option>
            ))}
          </select>
        </Labelled>
      );
    }
    case "IntProgress":
    case "FloatProgress": {
      const [least, most] = [number(state.min, 0), number(state.max, 100)];
      return (
        <Labelled about={about || "Progress"}>
          <progress className="h-2 w-64" max={most - least || 1} value={number(state.value, 0) - least} />
        </Labelled>
      );
    }
    case "Label":
      return <p className="text-sm whitespace-pre-wrap">{text(state.value)}</p>;
    case "HTML":
    case "HTMLMath":
      return <Words html={text(state.value)} about={about} label={label} />;
    case "Output":
      return (
        <div className="nb-outputs">
          {(Array.isArray(state.outputs) ? state.outputs : []).map((value, at) => {
            const output = outputOf(value, at);
            return output && <One key={output.id} output={output} label={label} />;
          })}
        </div>
      );
    case "HBox":
    case "GridBox":
      return <div className="flex flex-wrap items-center gap-3">{inner(state.children)}</div>;
    case "Box":
    case "VBox":
    case "Accordion":
    case "Tab":
    case "Stack":
      return <div className="grid justify-items-start gap-2">{inner(state.children)}</div>;
    default:
      return (
        <PlainText text={`${plain}\n(${name || "this widget"} can't be drawn here)`} label={`Widget of ${label}`} />
      );
  }
}

/** Words alone are words; anything more goes into a frame. */
function Words({ html, about, label }: { html: string; about: string; label: string }) {
  if (/[<&]/.test(html)) return <HtmlFrame html={html} label={label} />;
  return (
    <p className="text-sm">
      {about} {html}
    </p>
  );
}

function Labelled({ about, shown, children }: { about: string; shown?: string; children: ReactNode }) {
  return (
    // biome-ignore lint/a11y/noLabelWithoutControl: the control is what is passed in
    <label className="flex flex-wrap items-center gap-2 text-sm">
      <span>{about}</span>
      {children}
      {shown !== undefined && <span className="tabular-nums">{shown}</span>}
    </label>
  );
}

interface SliderProps {
  state: WidgetState;
  disabled: boolean;
  onChange: (value: number) => void;
}

function Slider({ state, disabled, onChange }: SliderProps) {
  return (
    <input
      type="range"
      className="w-56 accent-accent"
      min={number(state.min, 0)}
      max={number(state.max, 100)}
      step={number(state.step, 1) || "any"}
      value={number(state.value, 0)}
      disabled={disabled}
      onChange={(event) => onChange(Number(event.target.value))}
    />
  );
}

interface TypedProps {
  value: string;
  type: string;
  disabled: boolean;
  placeholder?: string;
  onChange: (value: string) => void;
}

/** A field that is told when one is done, not at each key. */
function Typed({ value, type, disabled, placeholder, onChange }: TypedProps) {
  const [own, setOwn] = useState(value);
  useEffect(() => setOwn(value), [value]);
  const tell = () => own !== value && onChange(own);
  return (
    <input
      type={type}
      className={`${inputClass} max-w-xs`}
      value={own}
      disabled={disabled}
      placeholder={placeholder}
      onChange={(event) => setOwn(event.target.value)}
      onBlur={tell}
      onKeyDown={(event) => {
        if (event.key === "Enter") tell();
      }}
    />
  );
}
