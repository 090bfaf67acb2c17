// Uploads that this browser began, kept over a reload: the server keeps the bytes that came, this keeps which file
// they are of. What another tab is sending now is not offered.

import { type Fingerprint, fingerprint } from "./fingerprint";

export interface Unfinished {
  /** The id of the upload on the server. */
  upload: string;
  /** The project's id. */
  project: string;
  /** Its name there. */
  name: string;
  file: Fingerprint;
  replace: boolean;
  /** When it was last being sent; 0 when its page was left. */
  touched: number;
}

const KEY = "castalia.uploads";
/** As long as a tab may be silent before it counts as gone. */
const SILENCE = 8000;
const KEPT = 50;

const watchers = new Set<() => void>();

/** Calls back when an entry comes or goes here or in another tab. */
export function watch(watcher: () => void): () => void {
  const elsewhere = ({ key }: StorageEvent) => key === KEY && watcher();
  watchers.add(watcher);
  addEventListener("storage", elsewhere);
  return () => {
    watchers.delete(watcher);
    removeEventListener("storage", elsewhere);
  };
}

export function all(): Unfinished[] {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(KEY) ?? "[]");
    return Array.isArray(kept) ? kept.filter((entry) => typeof entry?.upload === "string" && entry.file) : [];
  } catch {
    return [];
  }
}

function write(entries: readonly Unfinished[]) {
  try {
    localStorage.setItem(KEY, JSON.stringify(entries.slice(-KEPT)));
  } catch {
    // Without storage an upload can't be gone on with after a reload; it can be sent all the same.
  }
  for (const watcher of watchers) watcher();
}

export const remember = (entry: Unfinished) => write([...all().filter(({ upload }) => upload !== entry.upload), entry]);

export const forget = (upload: string) => write(all().filter((entry) => entry.upload !== upload));

/** Says that these are being sent now; `at` 0 that they no longer are. */
export function touch(uploads: ReadonlySet<string>, at = Date.now()) {
  if (uploads.size > 0) write(all().map((entry) => (uploads.has(entry.upload) ? { ...entry, touched: at } : entry)));
}

/** Those of a project that nobody is sending. */
export const left = (project: string, now = Date.now()) =>
  all().filter((entry) => entry.project === project && now - entry.touched > SILENCE);

/** One that was begun with this very file under this name. */
export async function begunWith(project: string, name: string, file: File): Promise<Unfinished | undefined> {
  const alike = left(project).filter(
    (entry) => entry.name === name && entry.file.size === file.size && entry.file.lastModified === file.lastModified,
  );
  if (alike.length === 0) return undefined;
  const { head } = await fingerprint(file);
  return alike.find((entry) => entry.file.head === head);
}
