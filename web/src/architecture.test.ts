// Who may import whom: a feature those before it, as the server's crates; shared nothing of ours; app everything.

import { expect, it } from "vitest";

const order = [
  "shared",
  "identity",
  "projects",
  "plots",
  "storage",
  "maps",
  "processes",
  "flow",
  "notebooks",
  "workspaces",
  "admin",
  "app",
];
const sources = import.meta.glob<string>("./**/*.{ts,tsx}", { query: "?raw", import: "default", eager: true });

const layerOf = (path: string) => order.indexOf(/^\.?\/?(?:features\/)?([^/]+)\//.exec(path)?.[1] ?? "");

it("imports point one way", () => {
  expect(Object.keys(sources).length).toBeGreaterThan(40);
  const wrong: string[] = [];
  for (const [file, text] of Object.entries(sources)) {
    const own = layerOf(file);
    if (own < 0) continue;
    for (const [, target = ""] of text.matchAll(/(?:from|import)\s*\(?\s*"@\/([^"]+)"/g)) {
      if (layerOf(`./${target}`) > own) wrong.push(`${file} imports ${target}`);
    }
  }
  expect(wrong).toEqual([]);
});
