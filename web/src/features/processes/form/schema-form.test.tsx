// Each kind of schema through the form as people meet it: rendered, filled in and submitted as by keyboard.

import type { RJSFSchema } from "@rjsf/utils";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { act, useState } from "react";
import { createRoot, type Root } from "react-dom/client";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { select } from "@/shared/selection/selection";
import { type Choice, choicesQuery } from "./choices";
import SchemaForm from "./schema-form";

const project = { id: "proj_1", name: "demo" };
let root: Root;
let place: HTMLElement;
let client: QueryClient;

beforeEach(() => {
  (globalThis as { IS_REACT_ACT_ENVIRONMENT?: boolean }).IS_REACT_ACT_ENVIRONMENT = true;
  place = document.body.appendChild(document.createElement("div"));
  root = createRoot(place);
  client = new QueryClient({ defaultOptions: { queries: { retry: false, staleTime: Number.POSITIVE_INFINITY } } });
  client.setQueryData(choicesQuery(project.name).queryKey, { choices: [], more: false });
  vi.stubGlobal("fetch", vi.fn());
});

afterEach(async () => {
  await act(async () => root.unmount());
  place.remove();
  vi.unstubAllGlobals();
});

type Values = Record<string, unknown>;
const listeners = () => ({ onSubmit: vi.fn<(value: Values) => void>(), onRefused: vi.fn<() => void>() });

interface HostProps extends ReturnType<typeof listeners> {
  schema: RJSFSchema;
  value: Values;
  before: Values | undefined;
}

function Host({ value, ...props }: HostProps) {
  const [now, setNow] = useState(value);
  return (
    <SchemaForm {...props} id="form" project={project} value={now} errors={[]} onReady={() => {}} onChange={setNow} />
  );
}

async function show(schema: RJSFSchema, value: Values = {}, before?: Values) {
  const heard = listeners();
  await act(async () =>
    root.render(
      <QueryClientProvider client={client}>
        <Host {...heard} schema={schema} value={value} before={before} />
      </QueryClientProvider>,
    ),
  );
  return heard;
}

const field = (id: string) => {
  const found = document.getElementById(id);
  if (!found) throw new Error(`no field ${id} in ${place.innerHTML}`);
  return found as HTMLInputElement;
};

async function type(id: string, value: string) {
  await act(async () => {
    const element = field(id);
    const kind = element instanceof HTMLSelectElement ? HTMLSelectElement : HTMLInputElement;
    Object.getOwnPropertyDescriptor(kind.prototype, "value")?.set?.call(element, value);
    element.dispatchEvent(new Event(element instanceof HTMLSelectElement ? "change" : "input", { bubbles: true }));
  });
}

/** As Enter in a field does. */
const submit = () =>
  act(async () => field("form").dispatchEvent(new Event("submit", { bubbles: true, cancelable: true })));
const press = (name: string, nth = 0) =>
  act(async () => (place.querySelectorAll(`button[aria-label="${name}"]`)[nth] as HTMLElement).click());
const error = (id: string) => document.getElementById(`${id}__error`)?.textContent ?? "";

it("numbers in bounds, defaults, required fields first", async () => {
  const { onSubmit, onRefused } = await show({
    type: "object",
    required: ["input"],
    properties: {
      peaks: { type: "integer", minimum: 1, maximum: 9, default: 5 },
      input: { type: "string", minLength: 2, description: "What is *worked* on" },
    },
  });
  expect([...place.querySelectorAll("label")].map((label) => label.textContent)).toEqual(["Input", "Peaks (optional)"]);
  expect(field("root_peaks").value).toBe("5");
  expect(field("root_input__description").textContent).toBe("What is *worked* on");
  await type("root_peaks", "12");
  await submit();
  expect(onRefused).toHaveBeenCalled();
  expect(error("root_input")).toMatch(/required/i);
  expect(error("root_peaks")).toMatch(/9/);
  await type("root_input", "ab");
  await type("root_peaks", "7");
  await submit();
  expect(onSubmit).toHaveBeenCalledWith({ input: "ab", peaks: 7 });
});

it("code keeps its lines, and inputs by name their names", async () => {
  const code = 'print("one")\nprint("two")';
  const { onSubmit } = await show(
    {
      type: "object",
      required: ["code"],
      properties: {
        code: { type: "string", contentMediaType: "text/x-python" },
        inputs: { type: "object", additionalProperties: { type: "string", format: "dataset" }, default: {} },
      },
    },
    { code, inputs: { co2: "upload:co2.csv" } },
  );
  expect(field("root_code").tagName).toBe("TEXTAREA");
  expect(field("root_code").value).toBe(code);
  await submit();
  expect(onSubmit).toHaveBeenCalledWith({ code, inputs: { co2: "upload:co2.csv" } });
});

it("nested arrays", async () => {
  const { onSubmit, onRefused } = await show(
    {
      type: "object",
      properties: {
        matrix: { type: "array", items: { type: "array", items: { type: "number", maximum: 10 } } },
      },
    },
    { matrix: [[1, 2], [3]] },
  );
  expect(field("root_matrix_1_0").value).toBe("3");
  await type("root_matrix_0_1", "99");
  await submit();
  expect(onRefused).toHaveBeenCalled();
  expect(error("root_matrix_0_1")).toMatch(/10/);
  await type("root_matrix_0_1", "9");
  await submit();
  expect(onSubmit).toHaveBeenCalledWith({ matrix: [[1, 9], [3]] });
});

it("objects in arrays, added and removed", async () => {
  const { onSubmit, onRefused } = await show({
    type: "object",
    properties: {
      layers: {
        type: "array",
        items: {
          type: "object",
          required: ["depth"],
          properties: { depth: { type: "number", unit: "m" } as RJSFSchema, name: { type: "string" } },
        },
      },
    },
  });
  await press("Add");
  await submit();
  expect(onRefused).toHaveBeenCalled();
  expect(error("root_layers_0_depth")).toMatch(/required/i);
  await type("root_layers_0_depth", "4.5");
  await press("Add");
  await press("Remove", 1);
  await submit();
  expect(onSubmit).toHaveBeenCalledWith({ layers: [{ depth: 4.5 }] });
  expect(place.textContent).toContain("in m");
});

it("a choice of constants with titles", async () => {
  const { onSubmit } = await show({
    type: "object",
    required: ["window"],
    properties: {
      window: {
        type: "string",
        oneOf: [
          { const: "hann", title: "Hann" },
          { const: "box", title: "None at all" },
        ],
      },
      scale: { type: ["string", "null"], enum: ["linear", "log", null] },
    },
  });
  const options = [...field("root_window").querySelectorAll("option")].map(({ textContent }) => textContent);
  expect(options).toContain("None at all");
  const box = [...field("root_window").querySelectorAll("option")].find((o) => o.textContent === "None at all");
  await type("root_window", box?.value ?? "");
  await submit();
  expect(onSubmit.mock.calls[0]?.[0]).toMatchObject({ window: "box" });
});

it("alternatives of different form", async () => {
  const { onSubmit, onRefused } = await show(
    {
      type: "object",
      properties: {
        stop: {
          title: "Stop",
          anyOf: [
            {
              title: "After steps",
              type: "object",
              required: ["steps"],
              properties: { steps: { type: "integer", minimum: 1 } },
            },
            { title: "At a misfit", type: "object", required: ["misfit"], properties: { misfit: { type: "number" } } },
          ],
        },
      },
    },
    { stop: { misfit: 0.5 } },
  );
  expect(field("root_stop_misfit").value).toBe("0.5");
  const choice = place.querySelector("select") as HTMLSelectElement;
  await type(choice.id, choice.options[0]?.value ?? "");
  await type("root_stop_steps", "0");
  await submit();
  expect(onRefused).toHaveBeenCalled();
  expect(place.textContent).toMatch(/less than minimum|minimum of 1|1/);
  await type("root_stop_steps", "20");
  await submit();
  expect(onSubmit.mock.calls[0]?.[0]).toMatchObject({ stop: { steps: 20 } });
});

it("references within, also to themselves", async () => {
  const { onSubmit, onRefused } = await show(
    {
      type: "object",
      properties: { tree: { $ref: "#/$defs/node" } },
      $defs: {
        node: {
          type: "object",
          required: ["value"],
          properties: {
            value: { type: "number", maximum: 5 },
            children: { type: "array", items: { $ref: "#/$defs/node" } },
            next: { $ref: "#/$defs/node" },
          },
        },
      },
    },
    { tree: { value: 1, children: [{ value: 9 }] } },
  );
  expect(field("root_tree_children_0_value").value).toBe("9");
  await submit();
  expect(onRefused).toHaveBeenCalled();
  expect(error("root_tree_children_0_value")).toMatch(/5/);
  await type("root_tree_children_0_value", "4");
  await submit();
  expect(onSubmit.mock.calls[0]?.[0]).toMatchObject({ tree: { value: 1, children: [{ value: 4 }] } });
});

it("what depends on another field", async () => {
  const { onSubmit, onRefused } = await show({
    type: "object",
    properties: { method: { type: "string", enum: ["fast", "exact"], default: "fast" } },
    if: { properties: { method: { const: "exact" } }, required: ["method"] },
    // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON Schema
    then: { properties: { tolerance: { type: "number", exclusiveMinimum: 0 } }, required: ["tolerance"] },
    else: { properties: { rounds: { type: "integer" } } },
  });
  expect(document.getElementById("root_tolerance")).toBeNull();
  expect(document.getElementById("root_rounds")).not.toBeNull();
  const exact = [...field("root_method").querySelectorAll("option")].find((o) => o.textContent === "exact");
  await type("root_method", exact?.value ?? "");
  expect(document.getElementById("root_rounds")).toBeNull();
  await submit();
  expect(onRefused).toHaveBeenCalled();
  expect(error("root_tolerance")).toMatch(/required/i);
  await type("root_tolerance", "0.1");
  await submit();
  expect(onSubmit.mock.calls[0]?.[0]).toMatchObject({ method: "exact", tolerance: 0.1 });
});

it("formats, and what may only be read", async () => {
  const { onSubmit, onRefused } = await show(
    {
      type: "object",
      properties: {
        source: { type: "string", format: "uri" },
        from: { type: "string", format: "date-time" },
        engine: { type: "string", readOnly: true },
      },
    },
    { source: "not an address", engine: "v2", from: "2026-11-21T10:00:00Z" },
  );
  expect(field("root_source").type).toBe("url");
  expect(field("root_from").type).toBe("datetime-local");
  expect(field("root_engine").readOnly || field("root_engine").disabled).toBe(true);
  await submit();
  expect(onRefused).toHaveBeenCalled();
  expect(error("root_source")).toMatch(/uri/i);
  await type("root_source", "https://example.org/a");
  await submit();
  expect(onSubmit.mock.calls[0]?.[0]).toMatchObject({ source: "https://example.org/a", engine: "v2" });
});

it("a reference to another document is refused, and nothing is fetched", async () => {
  await show({ type: "object", properties: { a: { $ref: "https://elsewhere.example/schema.json#/a" } } });
  expect(place.querySelector("[role=alert]")?.textContent).toContain("https://elsewhere.example/schema.json");
  expect(place.querySelector("form")).toBeNull();
  expect(fetch).not.toHaveBeenCalled();
});

it("marks what differs from the version it began from", async () => {
  const schema: RJSFSchema = { type: "object", properties: { peaks: { type: "integer" }, name: { type: "string" } } };
  await show(schema, { peaks: 8, name: "a" }, { peaks: 8, name: "a" });
  expect(place.textContent).not.toContain("Changed");
  await type("root_peaks", "3");
  expect(place.textContent).toContain("Changed; it was 8");
});

const choice = (n: number, mediaType = "text/csv"): Choice => ({
  id: `ds_${n}`,
  reference: `dataset:ds_${n}`,
  name: `grid ${n}.csv`,
  mediaType,
  size: 1000,
  created: "2026-11-21T10:00:00Z",
  group: `Outputs of run ${n} v1`,
});
const dataSchema = {
  type: "object",
  required: ["input"],
  properties: { input: { type: "string", format: "dataset", accepts: ["text/csv"] } },
} as RJSFSchema;

it("takes the selected dataset when it fits", async () => {
  client.setQueryData(choicesQuery(project.name).queryKey, {
    choices: [choice(1), choice(2), choice(3, "image/png")],
    more: false,
  });
  select(project.id, { data: "ds_2" });
  const { onSubmit } = await show(dataSchema);
  expect([...field("root_input").querySelectorAll("option")]).toHaveLength(3);
  await submit();
  expect(onSubmit).toHaveBeenCalledWith({ input: "dataset:ds_2" });
  select(project.id, { data: undefined });
});

it("finds one of many by its name or where it came from, by keys", async () => {
  const choices = Array.from({ length: 60 }, (_, n) => choice(n));
  client.setQueryData(choicesQuery(project.name).queryKey, { choices, more: false });
  const { onSubmit } = await show(dataSchema);
  const input = field("root_input");
  const key = (name: string) =>
    act(async () => input.dispatchEvent(new KeyboardEvent("keydown", { key: name, bubbles: true, cancelable: true })));
  expect(input.getAttribute("role")).toBe("combobox");
  await type("root_input", "grid run 5");
  expect(place.querySelectorAll("[role=option]")).toHaveLength(15);
  await key("ArrowDown");
  await key("ArrowDown");
  await key("Enter");
  expect(input.value).toBe("grid 25.csv");
  await submit();
  expect(onSubmit).toHaveBeenCalledWith({ input: "dataset:ds_25" });
});
