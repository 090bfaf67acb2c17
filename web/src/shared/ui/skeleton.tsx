/** A grey place of the final size while something loads. */
export function Skeleton({ className = "" }: { className?: string }) {
  return <div aria-hidden className={`animate-pulse rounded bg-hover ${className}`} />;
}

/** Rows of a list that loads; a screen reader hears one word. */
export function SkeletonRows({ rows, className = "h-11" }: { rows: number; className?: string }) {
  return (
    <div role="status" className="space-y-2">
      <span className="sr-only">Loading…</span>
      {Array.from({ length: rows }, (_, row) => row).map((row) => (
        <Skeleton key={row} className={`w-full ${className}`} />
      ))}
    </div>
  );
}
