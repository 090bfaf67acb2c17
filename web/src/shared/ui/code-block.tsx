/** Text as it is, in a box that scrolls, by keys as well. */
export function CodeBlock({ label, children }: { label: string; children: string }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a box that scrolls must take the focus to be scrolled by keys
    <section aria-label={label} tabIndex={0} className="max-h-72 overflow-auto rounded-md bg-hover p-2">
      <pre className="font-mono text-xs whitespace-pre-wrap wrap-anywhere">{children}</pre>
    </section>
  );
}
