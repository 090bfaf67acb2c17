// What was dropped: files, and folders with all that is in them.

import { plain } from "./names";
import type { NamedFile } from "./sending";

const MOST = 5000;

/** Reads a drop. It must be called within the event: the browser forgets what was dropped right after. */
export function dropped(transfer: DataTransfer): Promise<NamedFile[]> {
  const entries = [...transfer.items].map((item) => item.webkitGetAsEntry?.() ?? null);
  const files = [...transfer.files];
  return entries.some((entry) => entry?.isDirectory) ? inFolders(entries) : Promise.resolve(chosen(files));
}

export const chosen = (files: Iterable<File>): NamedFile[] =>
  [...files].map((file) => ({ file, name: plain(file.webkitRelativePath || file.name) }));

async function inFolders(entries: readonly (FileSystemEntry | null)[]): Promise<NamedFile[]> {
  const found: NamedFile[] = [];
  const left = entries.filter((entry) => entry !== null);
  for (let entry = left.shift(); entry; entry = left.shift()) {
    if (found.length + left.length > MOST) throw new Error(`a folder may have ${MOST} files; send it in parts`);
    if (entry.isDirectory) left.push(...(await children(entry as FileSystemDirectoryEntry)));
    else found.push(await fileOf(entry as FileSystemFileEntry));
  }
  return found;
}

/** A reader gives a hundred at a time. */
async function children(folder: FileSystemDirectoryEntry): Promise<FileSystemEntry[]> {
  const reader = folder.createReader();
  const all: FileSystemEntry[] = [];
  for (;;) {
    const some = await new Promise<FileSystemEntry[]>((resolve, reject) => reader.readEntries(resolve, reject));
    if (some.length === 0) return all;
    all.push(...some);
  }
}

async function fileOf(entry: FileSystemFileEntry): Promise<NamedFile> {
  const file = await new Promise<File>((resolve, reject) => entry.file(resolve, reject));
  return { file, name: plain(entry.fullPath.replace(/^\//, "")) };
}
