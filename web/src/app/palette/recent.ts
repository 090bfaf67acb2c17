// What was chosen in the palette lately, the newest first; kept in the browser.

const KEY = "castalia.palette";
const KEPT = 12;

export function recent(): string[] {
  try {
    const ids: unknown = JSON.parse(localStorage.getItem(KEY) ?? "[]");
    return Array.isArray(ids) ? ids.filter((id) => typeof id === "string").slice(0, KEPT) : [];
  } catch {
    return [];
  }
}

export function remember(id: string): void {
  try {
    localStorage.setItem(KEY, JSON.stringify([id, ...recent().filter((one) => one !== id)].slice(0, KEPT)));
  } catch {
    // Nothing is lost but the order of a list.
  }
}
