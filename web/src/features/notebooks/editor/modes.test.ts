import { expect, it } from "vitest";
import * as Y from "yjs";
import { languageOf } from "../model/document";
import { modeOf } from "./modes";

it("knows languages by the names that kernels give them", () => {
  for (const name of ["R", "julia", "Julia 1.12", "bash", "sql", "javascript", "C++17", "OCaml"])
    expect(modeOf(name), name).toBeDefined();
  expect(modeOf("bash")).toBe(modeOf("sh"));
  expect(modeOf("klingon")).toBeUndefined();
});

it("asks the kernel for the language first, then the file", () => {
  const doc = new Y.Doc();
  expect(languageOf(doc)).toBe("python");
  const metadata = new Y.Map<unknown>();
  doc.getMap("meta").set("metadata", metadata);
  metadata.set("kernelspec", { name: "ir", language: "R" });
  expect(languageOf(doc)).toBe("R");
  metadata.set("language_info", { name: "julia" });
  expect(languageOf(doc)).toBe("julia");
  doc.getMap("kernel").set("language", "bash");
  expect(languageOf(doc)).toBe("bash");
  metadata.set("language_info", "broken");
  expect(languageOf(doc)).toBe("bash");
});
