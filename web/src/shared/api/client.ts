// The typed client. Every failure is thrown as a `Problem`; an ended session is told to whoever asked to know.

import createClient from "openapi-fetch";
import { Problem } from "./problem";
import type { paths } from "./schema";

/** Where the app is served, with a slash at the end: all addresses are relative to it. */
export const base = new URL(".", document.baseURI);

/** The address of an API path such as `/api/me`. */
export function address(path: string): string {
  return new URL(path.replace(/^\//, ""), base).href;
}

const listeners = new Set<() => void>();

/** Calls back when a request finds that the session has ended. */
export function onSessionLost(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** Says that the session has ended. */
export function sessionLost(): void {
  for (const listener of listeners) listener();
}

const reachers = new Set<() => void>();

/** Calls back whenever the server has been reached, by a request or over any of its sockets. */
export function onReached(listener: () => void): () => void {
  reachers.add(listener);
  return () => reachers.delete(listener);
}

/** Says that the server is there. */
export function reached(): void {
  for (const listener of reachers) listener();
}

/** `fetch` with our errors. */
export async function request(path: string, init?: RequestInit): Promise<Response> {
  return checked(await fetch(address(path), init).catch((error) => fail(error)), path);
}

function fail(error: unknown): never {
  if (error instanceof DOMException && error.name === "AbortError") throw error;
  throw Problem.unreachable();
}

async function checked(response: Response, path: string): Promise<Response> {
  if (response.ok) {
    reached();
    return response;
  }
  const problem = await Problem.of(response);
  // A wrong password at sign-in is a 401 as well, and says nothing about a session.
  if (problem.status === 401 && !path.includes("/api/auth/login")) sessionLost();
  throw problem;
}

export const api = createClient<paths>({ baseUrl: base.href.replace(/\/$/, "") });

api.use({
  onResponse: ({ response, schemaPath }) => checked(response, schemaPath),
  onError: ({ error }) => fail(error),
});

/** The answer's body; the client's errors are thrown, so it is there. */
export async function body<T>(answer: Promise<{ data?: T }>): Promise<T> {
  return (await answer).data as T;
}
