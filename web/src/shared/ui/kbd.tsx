import { keyNames } from "@/shared/actions/keys";

/** The keys of an action. */
export function Kbd({ keys }: { keys: string }) {
  return (
    <span className="inline-flex gap-1">
      {keyNames(keys).map((name) => (
        <kbd key={name} className="rounded border border-line bg-page px-1.5 font-sans text-xs text-muted">
          {name}
        </kbd>
      ))}
    </span>
  );
}
