import { expect, it, vi } from "vitest";
import type { Said } from "./comms";
import { Widgets, widgetId } from "./widgets";

const opened = (id: string, state: unknown) => ({ comm_id: id, target_name: "jupyter.widget", data: { state } });

function made() {
  const ask = vi.fn(async () => undefined);
  const widgets = new Widgets({ ask: ask as never, listen: () => () => {} });
  const hear = (method: string, message: unknown) => widgets.hear({ channel: "comms", method, message } as Said);
  return { ask, widgets, hear };
}

it("knows widgets from the snapshot, and follows them", () => {
  const { widgets, hear, ask } = made();
  hear("state", { comms: [opened("a", { value: 1 }), { comm_id: "other", target_name: "plot", data: {} }] });
  expect([widgets.state("a"), widgets.state("other")]).toEqual([{ value: 1 }, undefined]);
  const told = vi.fn();
  widgets.watch("a", told);
  hear("comm_msg", { comm_id: "a", data: { method: "update", state: { value: 2, max: 9 } } });
  expect(widgets.state("a")).toEqual({ value: 2, max: 9 });
  hear("comm_msg", { comm_id: "a", data: { method: "custom", content: {} } });
  hear("comm_msg", { comm_id: "ghost", data: { method: "update", state: { value: 2 } } });
  expect(told).toHaveBeenCalledTimes(1);
  widgets.change("a", { value: 3 });
  expect(widgets.state("a")).toEqual({ value: 3, max: 9 });
  expect(ask.mock.calls[0]).toMatchObject([
    "comms",
    "comm_msg",
    { comm_id: "a", data: { method: "update", state: { value: 3 } } },
  ]);
  hear("comm_close", { comm_id: "a" });
  expect(widgets.state("a")).toBeUndefined();
  hear("state", "nothing");
  expect([widgetId("IPY_MODEL_x"), widgetId("x"), widgetId(3)]).toEqual(["x", undefined, undefined]);
});
