// What a person's browser remembers of a notebook. A browser that keeps nothing works all the same.

export function remembered(key: string): unknown {
  try {
    return JSON.parse(localStorage.getItem(`castalia.notebook ${key}`) ?? "null");
  } catch {
    return null;
  }
}

/** Null forgets it. */
export function remember(key: string, value: unknown): void {
  try {
    if (value === null) localStorage.removeItem(`castalia.notebook ${key}`);
    else localStorage.setItem(`castalia.notebook ${key}`, JSON.stringify(value));
  } catch {}
}
