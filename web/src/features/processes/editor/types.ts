// Process types as a person chooses among them, and the examples that a type's schema carries.

import type { ProcessType } from "@/shared/api/types";

export type Parameters = Record<string, unknown>;

/** `ENVIRONMENT/NAME`. */
export const fullName = (type: Pick<ProcessType, "environment" | "name">) => `${type.environment}/${type.name}`;

/** Those that have every word somewhere. */
export function matching(types: readonly ProcessType[], needle: string): ProcessType[] {
  const words = needle.toLowerCase().split(/\s+/).filter(Boolean);
  return types.filter((type) => {
    const text = `${fullName(type)} ${type.title} ${type.description}`.toLowerCase();
    return words.every((word) => text.includes(word));
  });
}

/** By environment, both in the order of the list. */
export function grouped(types: readonly ProcessType[]): [string, ProcessType[]][] {
  const groups = new Map<string, ProcessType[]>();
  for (const type of types) groups.set(type.environment, [...(groups.get(type.environment) ?? []), type]);
  return [...groups];
}

export interface Example {
  title: string;
  about: string;
  parameters: Parameters;
}

const isObject = (value: unknown): value is Parameters =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** The examples that stand at the root of a type's schema; what is not one is left out. */
export function examplesOf(schema: unknown): Example[] {
  const examples = isObject(schema) && Array.isArray(schema.examples) ? schema.examples : [];
  return examples.flatMap((one: unknown, index) => {
    if (!isObject(one) || !isObject(one.parameters)) return [];
    const text = (value: unknown, otherwise: string) => (typeof value === "string" && value ? value : otherwise);
    return [{ title: text(one.title, `Example ${index + 1}`), about: text(one.about, ""), parameters: one.parameters }];
  });
}

export interface Change {
  /** Where: property names and positions. */
  path: (string | number)[];
  before: unknown;
  after: unknown;
}

/** What differs between two values, as deep as both are objects. */
export function changes(before: unknown, after: unknown, path: Change["path"] = []): Change[] {
  if (isObject(before) && isObject(after)) {
    const names = new Set([...Object.keys(before), ...Object.keys(after)]);
    return [...names].flatMap((name) => changes(before[name], after[name], [...path, name]));
  }
  // A field that was emptied is undefined; to a program it is as if it were null or absent.
  return JSON.stringify(before ?? null) === JSON.stringify(after ?? null) ? [] : [{ path, before, after }];
}

/** The value at a place; undefined when there is none. */
export function valueAt(value: unknown, path: readonly (string | number)[]): unknown {
  return path.reduce<unknown>((at, step) => (at as Record<string | number, unknown> | undefined | null)?.[step], value);
}
