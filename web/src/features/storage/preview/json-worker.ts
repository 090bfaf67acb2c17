// Parses a document beside the page, and answers for its parts.

import { featureTable } from "./features";
import { JsonModel, type Path } from "./json-model";

/** What is asked, by name; the answer is what the function here returns. */
const answers = {
  open: async (url: string) => {
    const response = await fetch(url);
    if (!response.ok) throw new Error(`the server answered ${response.status}`);
    model = new JsonModel(JSON.parse((await response.text()).replace(/^\ufeff/, "")));
    return model.top();
  },
  children: (path: Path, from: number, count: number) => model.children(path, from, count),
  search: (text: string) => model.search(text, 500),
  features: (from: number, count: number) => featureTable(model.root, from, count),
};

let model = new JsonModel(null);

export type Answers = typeof answers;

self.addEventListener(
  "message",
  async ({ data }: MessageEvent<{ call: number; name: keyof Answers; args: never[] }>) => {
    const { call, name, args } = data;
    try {
      const value = await (answers[name] as (...args: never[]) => unknown)(...args);
      self.postMessage({ call, value });
    } catch (error) {
      self.postMessage({ call, error: error instanceof Error ? error.message : String(error) });
    }
  },
);
