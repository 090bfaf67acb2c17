// What menus and popovers have in common.

export const surface =
  "z-50 max-h-(--radix-popper-available-height) min-w-52 max-w-sm overflow-auto rounded-lg border border-line bg-surface p-1 text-sm text-ink shadow-lg";
/** Above a native dialog only what is inside it can be seen; else it belongs to the main part of the page. */
export function containerOf(element: Element | null): HTMLElement | undefined {
  return element?.closest("dialog") ?? document.getElementById("main") ?? undefined;
}
