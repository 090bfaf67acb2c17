// JSON Schema validation for the form by an interpreter: the usual compiler makes functions from text, which a
// strict content security policy forbids.

import { type OutputUnit, Validator } from "@cfworker/json-schema";
import {
  type RJSFSchema,
  type RJSFValidationError,
  toErrorSchema,
  type ValidationData,
  type ValidatorType,
} from "@rjsf/utils";

type Json = Record<string, unknown>;

const DRAFT = "2020-12";
/** Keywords that only report that something below them failed. */
const CONTAINERS = new Set(["properties", "items", "prefixItems", "allOf", "$ref", "additionalProperties", "if"]);

function steps(pointer: string): string[] {
  const parts = pointer.replace(/^#?\/?/, "").split("/");
  return parts.filter((part) => part !== "").map((part) => part.replaceAll("~1", "/").replaceAll("~0", "~"));
}

/** A JSON Pointer as the form writes places: `.a.b`. */
export function property(pointer: string, ...more: string[]): string {
  return [...steps(pointer), ...more].map((step) => `.${step}`).join("");
}

function problem({ keyword, instanceLocation, error }: OutputUnit): RJSFValidationError {
  const missing = keyword === "required" ? /required property "(.*)"/.exec(error)?.[1] : undefined;
  const place = missing ? property(instanceLocation, missing) : property(instanceLocation);
  const message = missing ? "is required" : error.replace(/^Instance does/, "does").replace(/^Instance /, "");
  return { name: keyword, property: place, message, stack: `${place} ${message}` };
}

function check(schema: unknown, data: unknown): RJSFValidationError[] {
  // Fields that were emptied are `undefined`; in JSON they are not there.
  const plain: unknown = data === undefined ? {} : JSON.parse(JSON.stringify(data));
  const { errors } = new Validator(schema as Json, DRAFT, false).validate(plain);
  return errors.filter(({ keyword }) => !CONTAINERS.has(keyword)).map(problem);
}

export const validator: ValidatorType = {
  validateFormData(data, schema): ValidationData<unknown> {
    const errors = check(schema, data);
    return { errors, errorSchema: toErrorSchema(errors) };
  },
  isValid(schema, data, root) {
    try {
      // Local references of a part point into the whole.
      const whole = { ...(root as Json), ...(schema as Json) };
      return new Validator((schema.$ref ? whole : { $defs: (root as Json).$defs, ...schema }) as Json, DRAFT).validate(
        data === undefined ? null : JSON.parse(JSON.stringify(data)),
      ).valid;
    } catch {
      return false;
    }
  },
  rawValidation(schema, data) {
    return { errors: check(schema, data) as never[] };
  },
};

/** A reference to another document, which is never fetched; undefined when there is none. */
export function foreignReference(schema: unknown): string | undefined {
  if (Array.isArray(schema)) return schema.map(foreignReference).find(Boolean);
  if (typeof schema !== "object" || schema === null) return undefined;
  const { $ref } = schema as { $ref?: unknown };
  if (typeof $ref === "string" && !$ref.startsWith("#")) return $ref;
  return Object.values(schema).map(foreignReference).find(Boolean);
}

export type { RJSFSchema };
