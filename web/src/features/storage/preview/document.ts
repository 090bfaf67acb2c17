// A JSON document in a worker of its own, shared by all that show the same one.

import { useEffect, useState } from "react";
import { address } from "@/shared/api/client";
import { contentPath } from "../queries";
import type { NodeInfo } from "./json-model";
import type { Answers } from "./json-worker";

/** Larger ones are shown as text. */
export const DOCUMENT_LIMIT = 64_000_000;

export class Document {
  #worker = new Worker(new URL("./json-worker.ts", import.meta.url), { type: "module" });
  #calls = new Map<number, { resolve: (value: never) => void; reject: (error: Error) => void }>();
  #last = 0;
  users = 0;
  readonly top: Promise<NodeInfo>;

  constructor(id: string) {
    this.#worker.addEventListener(
      "message",
      ({ data }: MessageEvent<{ call: number; value?: never; error?: string }>) => {
        const waiting = this.#calls.get(data.call);
        this.#calls.delete(data.call);
        if (data.error !== undefined) waiting?.reject(new Error(data.error));
        else waiting?.resolve(data.value as never);
      },
    );
    this.#worker.addEventListener("error", () => {
      for (const { reject } of this.#calls.values()) reject(new Error("the document is too large to be read here"));
      this.#calls.clear();
    });
    this.top = this.ask("open", address(contentPath(id)));
    this.top.catch(() => {});
  }

  ask<Name extends keyof Answers>(
    name: Name,
    ...args: Parameters<Answers[Name]>
  ): Promise<Awaited<ReturnType<Answers[Name]>>> {
    const call = ++this.#last;
    return new Promise((resolve, reject) => {
      this.#calls.set(call, { resolve, reject });
      this.#worker.postMessage({ call, name, args });
    });
  }

  close() {
    this.#worker.terminate();
  }
}

const documents = new Map<string, Document>();
/** A document is kept for a moment after the last look, for going back and forth. */
const KEPT = 5000;

function use(id: string): { document: Document; leave: () => void } {
  const document = documents.get(id) ?? new Document(id);
  documents.set(id, document);
  document.users += 1;
  const leave = () => {
    document.users -= 1;
    setTimeout(() => {
      if (document.users > 0 || documents.get(id) !== document) return;
      documents.delete(id);
      document.close();
    }, KEPT);
  };
  return { document, leave };
}

export interface Opened {
  document?: Document;
  top?: NodeInfo;
  error?: unknown;
}

/** The document of an upload or dataset, once it is parsed. */
export function useDocument(id: string): Opened {
  const [opened, setOpened] = useState<Opened>({});
  useEffect(() => {
    const { document, leave } = use(id);
    let current = true;
    setOpened({});
    document.top.then(
      (top) => current && setOpened({ document, top }),
      (error) => {
        // A try that failed is not the answer for ever.
        documents.delete(id);
        if (current) setOpened({ error });
      },
    );
    return () => {
      current = false;
      leave();
    };
  }, [id]);
  return opened;
}
