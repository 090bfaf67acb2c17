import { expect, it } from "vitest";
import { accepted } from "./choices";
import { foreignReference, validator } from "./validator";

const schema = {
  type: "object",
  required: ["input"],
  properties: {
    input: { type: "string" },
    peaks: { type: "integer", minimum: 0 },
    region: { type: ["array", "null"], items: { $ref: "#/$defs/angle" } },
  },
  $defs: { angle: { type: "number", maximum: 360 } },
} as const;

it("says each mistake at its place", () => {
  const { errors } = validator.validateFormData({ peaks: -5, region: [1, 400] }, schema as object);
  expect(errors.map(({ property }) => property).sort()).toEqual([".input", ".peaks", ".region.1"]);
  expect(errors.find(({ property }) => property === ".input")?.message).toBe("is required");
  expect(validator.validateFormData({ input: "upload:a", region: null }, schema as object).errors).toEqual([]);
});

it("finds references that would have to be fetched", () => {
  expect(foreignReference(schema)).toBeUndefined();
  expect(foreignReference({ properties: { a: [{ $ref: "https://elsewhere.example/s.json" }] } })).toMatch(/elsewhere/);
});

it("knows what a parameter accepts", () => {
  expect(accepted(["text/csv"], "text/csv; charset=utf-8")).toBe(true);
  expect(accepted(["text/*"], "text/plain")).toBe(true);
  expect(accepted(["text/csv"], "image/png")).toBe(false);
  expect(accepted(undefined, "image/png")).toBe(true);
});
