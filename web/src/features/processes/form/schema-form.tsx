// Not from the package itself, whose index would bring a compiler of schemas for its tests.
import Form from "@rjsf/core/lib/components/Form.js";
import { type RJSFSchema, toErrorSchema, type UiSchema } from "@rjsf/utils";
import { useEffect, useMemo } from "react";
import type { FieldError } from "@/shared/api/problem";
import type { Project } from "@/shared/api/types";
import { type FormContext, firstData } from "./context";
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
  project: Pick<Project, "id" | "name">;
  schema: RJSFSchema;
  value: Record<string, unknown>;
  /** Parameters of the version that it begins from; what differs from them is marked. */
  before?: Record<string, unknown> | undefined;
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
  const ui = useMemo(
    () => ({ ...longTexts(schema), "ui:submitButtonOptions": { norender: true }, "ui:order": fieldOrder(schema) }),
    [schema],
  );
  const plain = useMemo(
    () => ({ ...schema, title: undefined, description: undefined, examples: undefined }) as RJSFSchema,
    [schema],
  );
  const { project, before } = props;
  const context: FormContext = useMemo(
    () => ({ project, before, firstData: firstData(schema) }),
    [project, before, schema],
  );
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
      schema={plain}
      uiSchema={ui}
      validator={validator}
      widgets={widgets}
      templates={templates}
      formContext={context}
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

/** What is said to be text of its own (`contentMediaType`), code for instance, has lines. */
function longTexts(schema: RJSFSchema): UiSchema {
  const properties = Object.entries(schema.properties ?? {});
  const long = properties.filter(([, one]) => typeof one === "object" && one.contentMediaType?.startsWith("text/"));
  return Object.fromEntries(long.map(([name]) => [name, { "ui:widget": "textarea", "ui:options": { rows: 12 } }]));
}

function fieldOrder(schema: RJSFSchema): string[] {
  const required = new Set(schema.required ?? []);
  const names = Object.keys(schema.properties ?? {});
  return [...names.filter((name) => required.has(name)), ...names.filter((name) => !required.has(name)), "*"];
}
