// How the form looks: labels, hints and errors as everywhere else.

import type {
  ArrayFieldItemTemplateProps,
  DescriptionFieldProps,
  FieldTemplateProps,
  IconButtonProps,
  TitleFieldProps,
} from "@rjsf/utils";
import { ArrowDown, ArrowUp, Copy, PencilLine, Plus, Trash2, X } from "lucide-react";
import { sentence } from "@/shared/api/problem";
import { buttonClass } from "@/shared/ui/button";
import { changes, valueAt } from "../editor/types";
import type { FormContext } from "./context";

function unitOf(schema: object): string | undefined {
  const { unit } = schema as { unit?: unknown };
  return typeof unit === "string" ? unit : undefined;
}

/** `time_column` is for programs. */
export function readable(name: string): string {
  const words = name.replaceAll("_", " ");
  return words.charAt(0).toUpperCase() + words.slice(1);
}

export function FieldTemplate(props: FieldTemplateProps) {
  const { id, label, children, rawDescription, rawErrors = [], hidden, required, displayLabel, schema } = props;
  const { before } = props.registry.formContext as FormContext;
  if (hidden) return <div hidden>{children}</div>;
  const title = schema.title ?? readable(label);
  const unit = unitOf(schema);
  // A container shows its own title, a checkbox stands before its label.
  const container = schema.type === "object" || (Array.isArray(schema.properties) && !displayLabel);
  return (
    <div className="space-y-1">
      {displayLabel && schema.type !== "boolean" && (
        <label htmlFor={id} className="block text-sm font-medium">
          {title}
          {unit && <span className="font-normal text-muted"> in {unit}</span>}
          {!required && <span className="font-normal text-muted"> (optional)</span>}
        </label>
      )}
      {children}
      {before && !container && schema.type !== "array" && (
        <Changed before={valueAt(before, props.fieldPathId.path)} after={props.formData} />
      )}
      {displayLabel && !container && rawDescription && (
        <p id={`${id}__description`} className="text-sm text-muted">
          {rawDescription}
        </p>
      )}
      {rawErrors.length > 0 && (
        <ul id={`${id}__error`} className="text-sm text-danger">
          {[...new Set(rawErrors)].map((error) => (
            <li key={error}>{sentence(error)}</li>
          ))}
        </ul>
      )}
    </div>
  );
}

/** Marks a field that differs from the version it began from. */
function Changed({ before, after }: { before: unknown; after: unknown }) {
  if (changes(before, after).length === 0) return null;
  const was = before === undefined || before === null || before === "" ? "empty" : before;
  return (
    <p className="flex items-center gap-1.5 text-sm text-accent">
      <PencilLine aria-hidden className="size-3.5 shrink-0" />
      <span className="wrap-anywhere">
        Changed; it was {typeof was === "object" ? JSON.stringify(was) : String(was)}
      </span>
    </p>
  );
}

export function TitleField({ id, title }: TitleFieldProps) {
  return (
    <h3 id={id} className="font-semibold">
      {readable(title)}
    </h3>
  );
}

export function DescriptionField({ id, description }: DescriptionFieldProps) {
  return (
    <p id={id} className="text-sm text-muted">
      {description}
    </p>
  );
}

type Picture = typeof Plus;

function IconButton({ words, picture: Icon, ...props }: IconButtonProps & { words: string; picture: Picture }) {
  const { className: _class, icon: _icon, iconType: _type, uiSchema: _ui, registry: _registry, ...rest } = props;
  return (
    <button type="button" {...rest} title={words} aria-label={words} className={buttonClass("plain")}>
      <Icon aria-hidden className="size-4" />
    </button>
  );
}

export const ButtonTemplates = {
  AddButton: (props: IconButtonProps) => <IconButton {...props} words="Add" picture={Plus} />,
  RemoveButton: (props: IconButtonProps) => <IconButton {...props} words="Remove" picture={Trash2} />,
  MoveUpButton: (props: IconButtonProps) => <IconButton {...props} words="Move up" picture={ArrowUp} />,
  MoveDownButton: (props: IconButtonProps) => <IconButton {...props} words="Move down" picture={ArrowDown} />,
  CopyButton: (props: IconButtonProps) => <IconButton {...props} words="Copy" picture={Copy} />,
  ClearButton: (props: IconButtonProps) => <IconButton {...props} words="Clear" picture={X} />,
};

export function ArrayItem({ children, buttonsProps, registry }: ArrayFieldItemTemplateProps) {
  const Buttons = registry.templates.ArrayFieldItemButtonsTemplate;
  return (
    <div className="flex items-start gap-2 py-1">
      <div className="min-w-0 flex-1">{children}</div>
      <div className="flex gap-1">
        <Buttons {...buttonsProps} />
      </div>
    </div>
  );
}
