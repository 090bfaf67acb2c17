// Resumable uploads by the tus protocol 1.0: the four requests that it needs.

import { address, request } from "@/shared/api/client";
import { Problem } from "@/shared/api/problem";

const version = { "tus-resumable": "1.0.0" };
const pathOf = (upload: string) => `/api/uploads/${encodeURIComponent(upload)}`;

function base64(text: string): string {
  let binary = "";
  for (const byte of new TextEncoder().encode(text)) binary += String.fromCharCode(byte);
  return btoa(binary);
}

export interface Begin {
  project: string;
  name: string;
  type: string;
  size: number;
  replace: boolean;
}

/** Begins an upload and answers its id. One without bytes is complete with it. */
export async function begin({ project, name, type, size, replace }: Begin, signal: AbortSignal): Promise<string> {
  const said = { filename: name, ...(type && { filetype: type }) };
  const metadata = Object.entries(said).map(([key, value]) => `${key} ${base64(value)}`);
  const query = new URLSearchParams({ project, replace: String(replace) });
  const answer = await request(`/api/uploads?${query}`, {
    method: "POST",
    headers: { ...version, "upload-length": String(size), "upload-metadata": metadata.join(",") },
    signal,
  });
  const id = answer.headers.get("location")?.split("/").at(-1);
  if (!id) throw new Problem(answer.status, "unknown", "the server did not say where to send the file");
  return id;
}

/** How much of it the server has. */
export async function offsetOf(upload: string, signal?: AbortSignal): Promise<number> {
  const answer = await request(pathOf(upload), { method: "HEAD", headers: version, signal: signal ?? null });
  return Number(answer.headers.get("upload-offset"));
}

/** Gives it up. */
export const end = (upload: string) => request(pathOf(upload), { method: "DELETE" });

/** Sends a part and answers where the upload stands then. `fetch` tells no progress of what it sends, so this is XHR. */
export function append(
  upload: string,
  offset: number,
  part: Blob,
  onSent: (bytes: number) => void,
  signal: AbortSignal,
): Promise<number> {
  return new Promise((resolve, reject) => {
    const xhr = new XMLHttpRequest();
    xhr.open("PATCH", address(pathOf(upload)));
    for (const [name, value] of Object.entries(version)) xhr.setRequestHeader(name, value);
    xhr.setRequestHeader("content-type", "application/offset+octet-stream");
    xhr.setRequestHeader("upload-offset", String(offset));
    xhr.upload.onprogress = ({ loaded }) => onSent(loaded);
    xhr.onload = async () => {
      if (xhr.status < 300) {
        resolve(Number(xhr.getResponseHeader("upload-offset")));
        return;
      }
      const headers = { "x-request-id": xhr.getResponseHeader("x-request-id") ?? "" };
      reject(await Problem.of(new Response(xhr.responseText, { status: xhr.status, headers })));
    };
    xhr.onerror = () => reject(Problem.unreachable());
    xhr.onabort = () => reject(new DOMException("stopped", "AbortError"));
    signal.addEventListener("abort", () => xhr.abort(), { once: true });
    xhr.send(part);
  });
}
