// Files on their way to the server. It is a store outside of React, so that sending goes on while one moves between
// screens. What breaks is tried again from where the server stands, for as long as the page is open.

import { useSyncExternalStore } from "react";
import { Problem } from "@/shared/api/problem";
import { fingerprint } from "./fingerprint";
import { numbered } from "./names";
import { Speed } from "./speed";
import { append, begin, end, offsetOf } from "./tus";
import { begunWith, forget, remember, touch, type Unfinished } from "./unfinished";

export type Phase =
  /** Others go first. */
  | "waiting"
  | "sending"
  /** All bytes are sent; the server checks and stores them. */
  | "checking"
  | "paused"
  /** The server can't be reached; it is tried again. */
  | "retrying"
  /** There is a file of this name: replace, keep both, or skip? */
  | "asking"
  | "failed";

export interface Sending {
  id: number;
  project: { id: string; name: string };
  file: File;
  /** Its name in the project; may have folders. */
  name: string;
  /** Bytes that the server has. */
  sent: number;
  phase: Phase;
  replace: boolean;
  /** Whether to take the next free name when this one is taken. */
  numbered?: boolean;
  /** Bytes per second, once it is known. */
  speed?: number | undefined;
  /** The upload on the server, once it has begun. */
  upload?: string | undefined;
  error?: unknown;
}

/** What is sent in one request: small enough that a proxy takes it, large enough that it costs nothing. */
const PART = 16 << 20;
const AT_ONCE = 3;
const PATIENCE = [500, 1000, 2000, 4000, 8000];

let sendings: readonly Sending[] = [];
let last = 0;
const watchers = new Set<() => void>();
const stops = new Map<number, AbortController>();
const doneListeners = new Set<(sending: Sending) => void>();

function set(next: readonly Sending[]) {
  sendings = next;
  for (const watcher of watchers) watcher();
}

const get = (id: number) => sendings.find((sending) => sending.id === id);
const patch = (id: number, change: Partial<Sending>) =>
  set(sendings.map((sending) => (sending.id === id ? { ...sending, ...change } : sending)));
const drop = (id: number) => set(sendings.filter((sending) => sending.id !== id));

export function useSendings(project: string): readonly Sending[] {
  const all = useSyncExternalStore(
    (watcher) => {
      watchers.add(watcher);
      return () => watchers.delete(watcher);
    },
    () => sendings,
  );
  return all.filter((sending) => sending.project.id === project);
}

/** Calls back when the server has a file. */
export function onSent(listener: (sending: Sending) => void): () => void {
  doneListeners.add(listener);
  return () => doneListeners.delete(listener);
}

export interface NamedFile {
  file: File;
  name: string;
}

/** Sends files; one that this browser has begun before goes on where it stands. */
export async function send(project: Sending["project"], files: readonly NamedFile[]): Promise<void> {
  const added: Sending[] = [];
  for (const { file, name } of files) {
    const begun = await begunWith(project.id, name, file).catch(() => undefined);
    added.push(fresh(project, file, name, begun));
  }
  set([...sendings, ...added]);
  pump();
}

/** Goes on with an unfinished upload; the caller has checked that it is the same file. */
export function goOn(project: Sending["project"], entry: Unfinished, file: File): void {
  set([...sendings, fresh(project, file, entry.name, entry)]);
  pump();
}

function fresh(project: Sending["project"], file: File, name: string, begun: Unfinished | undefined): Sending {
  if (begun) touch(new Set([begun.upload]));
  const upload = begun?.upload;
  return { id: ++last, project, file, name, sent: 0, phase: "waiting", replace: begun?.replace ?? false, upload };
}

const working = ({ phase }: Sending) => phase === "sending" || phase === "checking" || phase === "retrying";

/** Lets those that wait begin, as far as there is room. */
function pump() {
  const free = AT_ONCE - sendings.filter(working).length;
  for (const { id } of sendings.filter(({ phase }) => phase === "waiting").slice(0, Math.max(0, free))) {
    patch(id, { phase: "sending", error: undefined });
    void run(id);
  }
}

async function run(id: number): Promise<void> {
  const stop = new AbortController();
  stops.set(id, stop);
  const speed = new Speed();
  let tries = 0;
  for (;;) {
    const sending = get(id);
    if (!sending || stop.signal.aborted) break;
    try {
      await attempt(id, stop.signal, speed, () => {
        tries = 0;
      });
      finish(id);
      break;
    } catch (error) {
      if (stop.signal.aborted) break;
      if (!(await recover(id, error, tries, stop.signal))) break;
      tries += 1;
    }
  }
  if (stops.get(id) === stop) stops.delete(id);
  pump();
}

/** Sends what is left of it, from where the server stands. */
async function attempt(id: number, signal: AbortSignal, speed: Speed, onProgress: () => void): Promise<void> {
  const { file, name, project, replace, upload: begun } = get(id) as Sending;
  const upload =
    begun ?? (await begin({ project: project.id, name, type: file.type, size: file.size, replace }, signal));
  let offset = 0;
  if (begun) offset = await offsetOf(begun, signal);
  else if (file.size > 0) {
    patch(id, { upload });
    const entry = { upload, project: project.id, name, replace, touched: Date.now() };
    remember({ ...entry, file: await fingerprint(file) });
  }
  patch(id, { phase: offset === file.size ? "checking" : "sending", sent: offset });
  speed.begin(offset);
  while (offset < file.size) {
    const from = offset;
    const told = (bytes: number) => {
      const sent = Math.min(file.size, from + bytes);
      if (bytes > 0) onProgress();
      patch(id, { sent, speed: speed.at(sent), phase: sent === file.size ? "checking" : "sending" });
    };
    offset = await append(upload, from, file.slice(from, from + PART), told, signal);
  }
}

/** Whether to try again, after a while. */
async function recover(id: number, error: unknown, tries: number, signal: AbortSignal): Promise<boolean> {
  const problem = error instanceof Problem ? error : undefined;
  if (problem?.code === "upload_exists") {
    const { upload, name, numbered: next } = get(id) as Sending;
    if (next && !upload && !signal.aborted) {
      patch(id, { name: numbered(name) });
      return true;
    }
    // A name that was free when it began: the bytes that came are kept until one has chosen.
    patch(id, { phase: "asking", error: upload ? error : undefined });
    return false;
  }
  if (problem?.status === 404 && get(id)?.upload) {
    // The server has given it up: from the beginning.
    forget(get(id)?.upload ?? "");
    patch(id, { upload: undefined, sent: 0 });
    return tries < 3;
  }
  const again =
    problem !== undefined &&
    (problem.status === 0 ||
      problem.status === 401 ||
      problem.status === 423 ||
      problem.status >= 502 ||
      problem.status === 429 ||
      problem.code === "offset_mismatch");
  if (!again) {
    patch(id, { phase: "failed", error });
    return false;
  }
  patch(id, { phase: "retrying", error, speed: undefined });
  await pause(PATIENCE[Math.min(tries, PATIENCE.length - 1)] as number, signal);
  return !signal.aborted;
}

/** Waits, but not when the network comes back. */
function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      removeEventListener("online", done);
      resolve();
    };
    const timer = setTimeout(done, milliseconds);
    addEventListener("online", done);
    signal.addEventListener("abort", done, { once: true });
  });
}

function finish(id: number) {
  const sending = get(id);
  if (!sending) return;
  if (sending.upload) forget(sending.upload);
  drop(id);
  for (const listener of doneListeners) listener(sending);
}

function halt(id: number) {
  stops.get(id)?.abort();
  stops.delete(id);
}

export function pauseSending(id: number): void {
  halt(id);
  patch(id, { phase: "paused", speed: undefined });
  pump();
}

/** Goes on with a paused one, or tries a failed one again, maybe by another name. */
export function resume(id: number, change: { name?: string } = {}): void {
  const before = get(id);
  if (!before) return;
  const renamed = change.name !== undefined && change.name !== before.name;
  if (renamed && before.upload) giveUp(before.upload);
  patch(id, { ...change, ...(renamed && { upload: undefined, sent: 0 }), phase: "waiting", error: undefined });
  pump();
}

export function cancel(id: number): void {
  const sending = get(id);
  halt(id);
  drop(id);
  if (sending?.upload) giveUp(sending.upload);
  pump();
}

function giveUp(upload: string) {
  forget(upload);
  // What can't be told now expires on the server by itself.
  end(upload).catch(() => {});
}

export type Answer = "replace" | "both" | "skip";

/** Answers what to do with a name that is taken. `taken` are the names that are known to be. */
export function answer(ids: readonly number[], how: Answer): void {
  for (const id of ids) {
    const sending = get(id);
    if (sending?.phase !== "asking") continue;
    if (how === "skip") cancel(id);
    else {
      // What was begun under the old terms can't change them.
      if (sending.upload) giveUp(sending.upload);
      const name = how === "both" ? numbered(sending.name) : sending.name;
      const terms = { name, replace: how === "replace", numbered: how === "both" };
      patch(id, { ...terms, upload: undefined, sent: 0, phase: "waiting", error: undefined });
    }
  }
  pump();
}

/** Whether leaving the page would interrupt something. */
const busy = () => sendings.some((sending) => working(sending) || sending.phase === "waiting");

if (typeof window !== "undefined") {
  window.addEventListener("beforeunload", (event) => {
    if (busy()) event.preventDefault();
  });
  const uploads = () => new Set(sendings.flatMap(({ upload }) => upload ?? []));
  window.addEventListener("pagehide", () => touch(uploads(), 0));
  setInterval(() => touch(uploads()), 3000);
}
