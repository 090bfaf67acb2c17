// Edits that the server does not have yet, on this computer: they survive a reload and a browser that ends.

const NAME = "castalia.notebooks";
const STORE = "edits";

export interface Kept {
  epoch: string;
  /** A Yjs update. */
  update: Uint8Array;
  at: number;
}

function open(): Promise<IDBDatabase> {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open(NAME, 1);
    request.onupgradeneeded = () => request.result.createObjectStore(STORE);
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

async function run<Answer>(mode: IDBTransactionMode, act: (store: IDBObjectStore) => IDBRequest<Answer>) {
  if (typeof indexedDB === "undefined") return undefined;
  const database = await open();
  try {
    return await new Promise<Answer>((resolve, reject) => {
      const request = act(database.transaction(STORE, mode).objectStore(STORE));
      request.onsuccess = () => resolve(request.result);
      request.onerror = () => reject(request.error);
    });
  } finally {
    database.close();
  }
}

// A browser that keeps nothing is no reason to fail: the edits are in memory all the same.
export const keep = (key: string, kept: Kept): Promise<unknown> =>
  run("readwrite", (store) => store.put(kept, key)).catch(() => {});
export const forget = (key: string): Promise<unknown> => run("readwrite", (store) => store.delete(key)).catch(() => {});
export const kept = (key: string): Promise<Kept | undefined> =>
  run<Kept | undefined>("readonly", (store) => store.get(key)).catch(() => undefined);
