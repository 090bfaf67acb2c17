import { expect, it } from "vitest";
import type { ProcessView, VersionView } from "@/shared/api/types";
import { applied } from "./feed";

const version = (n: number, state: VersionView["state"]) => ({ version: n, state, stopping: false }) as VersionView;
const process = {
  id: "proc_1",
  version: 2,
  state: "queued",
  versions: [version(1, "completed"), version(2, "queued")],
};
const view = process as ProcessView;

it("carries a state to the version and, when it is the newest, to the process", () => {
  const after = applied(view, "process.running", { process: "proc_1", version: 2, state: "running" });
  expect([after.state, after.versions[0]?.state, after.versions[1]?.state]).toEqual([
    "running",
    "completed",
    "running",
  ]);
  expect(applied(view, "process.failed", { process: "proc_1", version: 1, state: "failed" }).state).toBe("queued");
});

it("carries progress and leaves other processes alone", () => {
  const data = { process: "proc_1", version: 2, fraction: 0.5, message: "half" };
  expect(applied(view, "process.progress", data).versions[1]?.progress).toEqual({ fraction: 0.5, message: "half" });
  expect(applied(view, "process.progress", { ...data, process: "proc_2" })).toBe(view);
});
