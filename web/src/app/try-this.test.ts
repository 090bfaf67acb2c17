import { expect, it } from "vitest";
import type { ProcessType } from "@/shared/api/types";
import { propose } from "./try-this";

const type = (name: string, ...inputs: string[]) =>
  ({
    name,
    environment: "bootstrap",
    schema: { examples: inputs.map((input) => ({ title: name, parameters: { nested: [{ input }] } })) },
  }) as unknown as ProcessType;

it("proposes what can be run, and rather what has not been", () => {
  const types = [type("fft", "upload:co2.csv"), type("map", "upload:away.csv", "upload:quakes.csv"), type("plain")];
  const files = ["co2.csv", "quakes.csv"];
  const done = [{ type: "fft", environment: "bootstrap" }];
  expect(propose(types, [], files)).toMatchObject({ type: { name: "fft" }, index: 0 });
  expect(propose(types, done, files)).toMatchObject({ type: { name: "map" }, index: 1 });
  expect(propose(types, done, ["co2.csv"])).toMatchObject({ type: { name: "fft" } });
  expect(propose(types, done, [])).toBeUndefined();
});
