// Not from the package itself, whose index would bring a compiler of schemas for its tests.
import Form from "@rjsf/core/lib/components/Form.js";
import { type RJSFSchema, toErrorSchema } from "@rjsf/utils";
import { useEffect, useMemo } from "react";
import type { FieldError } from "@/shared/api/problem";
import { DataWidget } from "./data-widget";
import { ArrayItem, ButtonTemplates, DescriptionField, FieldTemplate, TitleField } from "./templates";
import { foreignReference, property, validator } from "./validator";

const widgets = { dataset: DataWidget, upload: DataWidget };
const templates = {
  FieldTemplate,
  ArrayFieldItemTemplate: ArrayItem,
  TitleFieldTemplate: TitleField,
  DescriptionFieldTemplate: DescriptionField,
  ButtonTemplates,
};

interface Props {
  id: string;
  project: string;
  schema: RJSFSchema;
  value: Record<string, unknown>;
  /** What the server said, by place in the request. */
  errors: readonly FieldError[];
  onChange: (value: Record<string, unknown>) => void;
  onSubmit: (value: Record<string, unknown>) => void;
  /** It stands there and can be submitted. */
  onReady: () => void;
  /** It was submitted with mistakes; they are shown at their fields. */
  onRefused: () => void;
}

/** Parameters by a type's JSON Schema; required fields first, then in the schema's order. */
export default function SchemaForm(props: Props) {
  const { schema, errors, onReady } = props;
  const foreign = useMemo(() => foreignReference(schema), [schema]);
  const order = useMemo(() => fieldOrder(schema), [schema]);
  const said = useMemo(
    () =>
      toErrorSchema(
        errors
          .filter(({ path }) => path.startsWith("/parameters/"))
          .map(({ path, message }) => {
            const place = property(path.replace("/parameters", ""));
            return { property: place, message, stack: message };
          }),
      ),
    [errors],
  );
  useEffect(() => {
    if (!foreign) onReady();
  }, [foreign, onReady]);
  if (foreign) {
    return (
      <p role="alert" className="text-danger">
        The schema of this type refers to another document ({foreign}), which is not fetched. Its author can put the
        definition into the schema itself.
      </p>
    );
  }
  return (
    <Form
      id={props.id}
      className="schema-form"
      schema={{ ...schema, title: undefined, description: undefined }}
      uiSchema={{ "ui:submitButtonOptions": { norender: true }, "ui:order": order }}
      validator={validator}
      widgets={widgets}
      templates={templates}
      formContext={{ project: props.project }}
      formData={props.value}
      extraErrors={said}
      showErrorList={false}
      focusOnFirstError
      noHtml5Validate
      onChange={({ formData }) => props.onChange(formData ?? {})}
      onSubmit={({ formData }) => props.onSubmit(formData ?? {})}
      onError={props.onRefused}
    />
  );
}

function fieldOrder(schema: RJSFSchema): string[] {
  const required = new Set(schema.required ?? []);
  const names = Object.keys(schema.properties ?? {});
  return [...names.filter((name) => required.has(name)), ...names.filter((name) => !required.has(name)), "*"];
}
