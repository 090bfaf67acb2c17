import { queryOptions, useQuery } from "@tanstack/react-query";
import { api, body } from "@/shared/api/client";
import { bytes, duration, moment } from "@/shared/lib/format";
import { Failure } from "@/shared/ui/failure";
import { SkeletonRows } from "@/shared/ui/skeleton";

const EVERY = 5000;

const statusQuery = queryOptions({
  queryKey: ["status"],
  queryFn: () => body(api.GET("/api/status")),
  refetchInterval: EVERY,
});

/** How the server does. */
export function Server() {
  const status = useQuery(statusQuery);
  if (status.isPending) return <SkeletonRows rows={5} />;
  if (!status.data) return <Failure error={status.error} retry={() => void status.refetch()} />;
  const { version, started_at, uptime_s, database, memory_bytes, last_event, processes } = status.data;
  const counts = Object.entries((processes ?? {}) as Record<string, number>);
  const facts: [string, string][] = [
    ["Version", version],
    ["Started", `${moment(started_at)}, ${duration(uptime_s * 1000)} ago`],
    ["Database", database],
    ["Memory of the server", bytes(memory_bytes)],
    ["Events so far", last_event.toLocaleString()],
    ["Processes", counts.map(([state, count]) => `${count} ${state}`).join(", ") || "none waiting or running"],
  ];
  return (
    <div className="space-y-3">
      <dl className="card divide-y divide-line px-4 text-sm">
        {facts.map(([name, value]) => (
          <div key={name} className="grid grid-cols-[12rem_1fr] gap-2 py-2">
            <dt className="text-muted">{name}</dt>
            <dd className="tabular-nums">{value}</dd>
          </div>
        ))}
      </dl>
      <p className="text-sm text-muted">
        For Prometheus the same and more is at <code>/metrics</code>.
      </p>
    </div>
  );
}
