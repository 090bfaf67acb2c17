import { expect, it } from "vitest";
import { nextAddress } from "./next";

it("leads back to where one wanted to go, and to nobody else", () => {
  const next = (value: string) => nextAddress(`?next=${encodeURIComponent(value)}`, "https://cas.example");
  expect(next("/t/user/ada/ada-lab-x/lab?a=1")).toBe("https://cas.example/t/user/ada/ada-lab-x/lab?a=1");
  for (const bad of [
    "//evil.example/x",
    "/\\evil.example",
    "https://evil.example",
    "javascript:alert(1)",
    "https://",
  ]) {
    expect(next(bad), bad).toBeUndefined();
  }
  expect(nextAddress("", "https://cas.example")).toBeUndefined();
});
