import { type Answer, type Question, work } from "./work";

addEventListener("message", ({ data: { id, ask, args } }: MessageEvent<Question>) => {
  let answer: Answer;
  try {
    answer = { id, value: (work[ask] as (...args: unknown[]) => unknown)(...args) };
  } catch (error) {
    answer = { id, error: error instanceof Error ? error.message : String(error) };
  }
  postMessage(answer);
});
