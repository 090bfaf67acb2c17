import { beforeEach, expect, it, vi } from "vitest";
import type { LogLine } from "@/features/processes/log/lines";
import type { Chronicle, Event, Workspace } from "@/shared/api/types";
import { conditionOf } from "@/shared/ui/condition";
import { feedWorkspace } from "./feed";
import { gapless } from "./log";
import { isTrusted, localTimes, startPage, trust } from "./place";
import { heightOf, markOf, placeIn, spans, ticks, watchedFor, windowOf } from "./timeline";
import { advice, resourcesInWords, stageMs } from "./words";

beforeEach(() => localStorage.clear());

const ws = (change: Partial<Workspace>) => ({ state: "ready", health: "healthy", ...change }) as Workspace;

it("opens where one came from, not where the server believes that it is", () => {
  const url = "https://cas.example/t/user/ada/ada-lab-1/lab?x=1#a";
  expect(startPage({ url }, "http://127.0.0.1:8000")).toBe("http://127.0.0.1:8000/t/user/ada/ada-lab-1/lab?x=1#a");
});

it("asks before the workspace of somebody else is opened, once for each and each owner", () => {
  const bob = { id: "user_bob" };
  const ada = { id: "ws_1", owner: "user_ada" };
  expect(isTrusted({ id: "ws_2", owner: "user_bob" }, bob)).toBe(true);
  expect(isTrusted(ada, bob)).toBe(false);
  trust(ada, bob);
  expect(isTrusted(ada, bob)).toBe(true);
  expect(isTrusted({ ...ada, id: "ws_3" }, bob)).toBe(false);
  expect(isTrusted({ ...ada, owner: "user_eve" }, bob)).toBe(false);
  expect(isTrusted(ada, { id: "user_zoe" })).toBe(false);
});

it("tells times of day by the reader's clock, and nothing else", () => {
  vi.stubEnv("TZ", "Asia/Tokyo");
  const now = new Date(Date.UTC(2026, 10, 21, 14, 30));
  expect(localTimes("kept: 2 open sockets, kernel busy since 14:02 UTC", now)).toMatch(
    /^kept: 2 open sockets, kernel busy since (23:02|11:02 PM)$/,
  );
  const kept = localTimes("kept: its user keeps it until 2031-02-03 18:30 UTC", now);
  expect(kept).toMatch(/Feb.*4|4.*Feb/);
  expect(kept).toMatch(/(03:30|3:30 AM)$/);
  expect(localTimes("127.0.0.1:46061 refused, exit code 25:99", now)).toBe("127.0.0.1:46061 refused, exit code 25:99");
  vi.unstubAllEnvs();
});

it("has one word for state and health together", () => {
  expect(conditionOf(ws({}))).toBe("ready");
  expect(conditionOf(ws({ health: "degraded" }))).toBe("degraded");
  expect(conditionOf(ws({ health: "unhealthy" }))).toBe("unhealthy");
  // The health of what does not run says nothing.
  expect(conditionOf(ws({ state: "failed", health: "unhealthy" }))).toBe("failed");
  expect(conditionOf(ws({ state: "starting", health: "starting" }))).toBe("starting");
});

const chronicle = {
  attempts: [{ number: 1, at_ms: 100, took_us: 50_000, time: 0, mark: "failed", reason: "refused" }],
  turns: [
    { at_ms: 5, time: 0, state: "starting", reason: "started" },
    { at_ms: 900, time: 0, state: "healthy", reason: "200" },
  ],
  dropped: 0,
} as Chronicle;

it("lays a timeline out without gaps", () => {
  expect(watchedFor(chronicle)).toBe(900);
  expect(watchedFor({ ...chronicle, turns: [] })).toBe(150);
  expect(spans(chronicle, 2000).map(({ state, from, to }) => [state, from, to])).toEqual([
    ["starting", 0, 900],
    ["healthy", 900, 2000],
  ]);
  expect(windowOf(100_000, 30_000)).toEqual({ from: 70_000, to: 100_000 });
  expect(windowOf(1000, 30_000)).toEqual({ from: 0, to: 1000 });
  expect(placeIn({ from: 100, to: 300 }, 200)).toBe(0.5);
  expect([placeIn({ from: 100, to: 300 }, 0), placeIn({ from: 100, to: 300 }, 900)]).toEqual([0, 1]);
});

it("takes a failed try for a failure only once it had to answer", () => {
  const states = spans(chronicle, 2000);
  expect(markOf({ mark: "failed", at_ms: 100 }, states)).toBe("early");
  expect(markOf({ mark: "failed", at_ms: 1000 }, states)).toBe("failed");
  expect(markOf({ mark: "passed", at_ms: 100 }, states)).toBe("passed");
});

it("names a few round times, however long it is", () => {
  expect(ticks({ from: 0, to: 1000 })).toEqual([0, 200, 400, 600, 800, 1000]);
  expect(ticks({ from: 70_000, to: 100_000 })).toEqual([70_000, 75_000, 80_000, 85_000, 90_000, 95_000, 100_000]);
  for (const to of [1, 37, 5e3, 6e4, 9e5, 3.6e6, 8.64e7, 9e8]) {
    const count = ticks({ from: 0, to }).length;
    expect(count, String(to)).toBeGreaterThan(1);
    expect(count, String(to)).toBeLessThanOrEqual(8);
  }
});

it("draws slow answers higher than quick ones, none out of sight", () => {
  expect(heightOf(500)).toBe(0.2);
  expect(heightOf(100_000)).toBeGreaterThan(heightOf(10_000));
  expect(heightOf(3_600_000_000)).toBe(1);
});

it("fills the beginning of a log of which only the end was kept", () => {
  const line = (seq: number): LogLine => ({ seq, time: 1, stream: "stdout", line: `line ${seq}` });
  expect(gapless([line(1), line(2)], 0, 10).map(({ line }) => line)).toEqual(["line 1", "line 2"]);
  const filled = gapless([line(4), line(5)], 0, 4);
  expect(filled.map(({ seq, line }) => [seq, line])).toEqual([
    [1, ""],
    [2, ""],
    [3, ""],
    [4, "line 4"],
  ]);
  expect(gapless([line(900)], 0, 5).map(({ seq }) => seq)).toEqual([1, 2, 3, 4, 5]);
  expect(gapless([], 3, 5)).toEqual([]);
});

it("loads again what an event is about, and nothing of what is gone", () => {
  const event = (type: string) => ({ type, data: { workspace: "ws_1" } }) as unknown as Event;
  expect(feedWorkspace("demo", event("workspace.health"))).toContainEqual(["workspace", "ws_1"]);
  expect(feedWorkspace("demo", event("workspace.ready"))).toContainEqual(["services"]);
  expect(feedWorkspace("demo", event("workspace.deleted"))).not.toContainEqual(["workspace", "ws_1"]);
});

it("says what it may use and what to do", () => {
  expect(resourcesInWords({ cpu_millis: 1000, memory_mb: 2048, storage_mb: 10240, gpu: 2 })).toBe(
    "1 processor, 2 GiB memory, 10 GiB storage, 2 GPUs",
  );
  expect(resourcesInWords({ cpu_millis: 0, memory_mb: 0 })).toBe("no limits");
  const failed = ws({
    state: "failed",
    reason_code: "memory",
    resources: { memory_mb: 512 } as Workspace["resources"],
  });
  expect(advice(failed)).toContain("512 MiB");
  expect(advice(ws({ reason_code: "exit_code", service: "lab" }))).toContain("before it was ready");
  expect(advice(ws({ reason_code: "exit_code", ready_at: "2026-11-21T10:00:00Z" }))).toContain("had been ready");
});

it("counts a stage that lasts, and never below nothing", () => {
  const stage = { stage: "started", at: "2026-11-21T10:00:00.000Z" };
  const at = Date.parse(stage.at);
  expect(stageMs({ ...stage, ms: 70 }, at + 5000)).toBe(70);
  expect(stageMs(stage, at + 5000)).toBe(5000);
  expect(stageMs(stage, at - 5000)).toBe(0);
});
