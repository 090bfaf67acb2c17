import { useState } from "react";

/** Names at once; the rest comes when it is asked for. */
const STEP = 100;

/** A JSON value as a tree that opens step by step. */
export function JsonView({ value, label }: { value: unknown; label: string }) {
  return (
    <section aria-label={`JSON of ${label}`} className="nb-json">
      <Node name={undefined} value={value} open />
    </section>
  );
}

function Node({ name, value, open: first = false }: { name: string | undefined; value: unknown; open?: boolean }) {
  const [open, setOpen] = useState(first);
  const [shown, setShown] = useState(STEP);
  const key = name !== undefined && <span className="text-accent">{name}: </span>;
  if (typeof value !== "object" || value === null) {
    return (
      <div className="pl-4 wrap-anywhere">
        {key}
        <span>{JSON.stringify(value)}</span>
      </div>
    );
  }
  const list = Array.isArray(value);
  // A document keeps no order of names.
  const entries = list ? Object.entries(value) : Object.entries(value).sort(([a], [b]) => a.localeCompare(b));
  return (
    <details className="pl-4" open={open} onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary className="-ml-4 rounded">
        {key}
        <span className="text-muted">{list ? `[${entries.length}]` : `{${entries.length}}`}</span>
      </summary>
      {open && entries.slice(0, shown).map(([one, inner]) => <Node key={one} name={one} value={inner} />)}
      {open && entries.length > shown && (
        <button type="button" className="link ml-4 text-sm" onClick={() => setShown(shown + 10 * STEP)}>
          {(entries.length - shown).toLocaleString()} more
        </button>
      )}
    </details>
  );
}
