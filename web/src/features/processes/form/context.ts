// What the fields of a form know beside their own value.

import type { RJSFSchema } from "@rjsf/utils";
import type { Project } from "@/shared/api/types";

export interface FormContext {
  project: Pick<Project, "id" | "name">;
  /** Parameters of the version that it begins from. */
  before?: Record<string, unknown> | undefined;
  /** The parameter that takes what is selected elsewhere. */
  firstData?: string | undefined;
}

/** The first parameter that takes data, required ones before others. */
export function firstData(schema: RJSFSchema): string | undefined {
  const required = new Set(schema.required ?? []);
  const names = Object.entries(schema.properties ?? {})
    .filter(([, part]) => typeof part === "object" && (part.format === "dataset" || part.format === "upload"))
    .map(([name]) => name);
  return names.find((name) => required.has(name)) ?? names[0];
}
