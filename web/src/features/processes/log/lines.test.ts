import { expect, it } from "vitest";
import { ERROR, has, isOf, kindOf, type LogLine, level, PLAIN, type Stream, streamOf, WARNING } from "./lines";

it("takes for an error what has its form, and stderr that does not say otherwise", () => {
  const cases: [Stream, string, number][] = [
    ["stdout", "rms error 0.031 after 12 iterations", PLAIN],
    ["stdout", "ERROR: no convergence", ERROR],
    ["stdout", "2026-11-21 15:00:01,204 ERROR solver diverged", ERROR],
    ["stdout", "[WARNING] slow", WARNING],
    ["stdout", "Traceback (most recent call last):", ERROR],
    ["stdout", "numpy.linalg.LinAlgError: singular", ERROR],
    ["stdout", "error: unknown option", ERROR],
    ["stderr", "anything", ERROR],
    ["stderr", "INFO reading", PLAIN],
    ["stderr", "a.py:3: UserWarning: deprecated", WARNING],
    ["system", "the run was killed: it used more memory than it asked for", ERROR],
    ["system", "ended", PLAIN],
    ["progress", "ERROR", PLAIN],
  ];
  for (const [stream, text, wanted] of cases) expect([text, level(stream, text)]).toEqual([text, wanted]);
});

it("packs stream and level into a small number, colours aside", () => {
  const line = (stream: Stream, text: string): LogLine => ({ seq: 1, time: 0, stream, line: text });
  const kind = kindOf(line("stdout", "\u001b[31mERROR\u001b[0m diverged"));
  expect(kind).toBeLessThan(16);
  expect(streamOf(kind)).toBe("stdout");
  expect([isOf("errors", kind), isOf("stdout", kind), isOf("stderr", kind), isOf("all", kind)]).toEqual([
    true,
    true,
    false,
    true,
  ]);
  const warning = kindOf(line("stdout", "WARNING"));
  expect([isOf("errors", warning), isOf("warnings", warning)]).toEqual([false, true]);
});

it("finds text across colours and case", () => {
  expect(has("\u001b[31mErr\u001b[0mOR", "error")).toBe(true);
  expect(has("terror", "errors")).toBe(false);
});
