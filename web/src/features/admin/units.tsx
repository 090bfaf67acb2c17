import { queryOptions, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { api, body } from "@/shared/api/client";
import type { Unit, Units as UnitsView } from "@/shared/api/types";
import { ago, bytes, duration, mebibytes, moment } from "@/shared/lib/format";
import { Button } from "@/shared/ui/button";
import { ProgressBar, StateBadge } from "@/shared/ui/state";
import { Table } from "@/shared/ui/table";
import { toast } from "@/shared/ui/toast";

const EVERY = 2000;

const unitsQuery = queryOptions({
  queryKey: ["units"],
  queryFn: () => body(api.GET("/api/units")),
  refetchInterval: EVERY,
});

/** What runs and waits, over all projects. */
export function Units() {
  const units = useQuery(unitsQuery);
  const client = useQueryClient();
  const cancel = useMutation({
    mutationFn: ({ process, version }: { process: string; version: number }) =>
      body(api.POST("/api/processes/{id}/versions/{version}/cancel", { params: { path: { id: process, version } } })),
    onError: (error) => toast.error(error, "It was not cancelled"),
    onSettled: () => client.invalidateQueries({ queryKey: unitsQuery.queryKey }),
  });
  return (
    <div className="space-y-4">
      {units.data && <Load units={units.data} />}
      <Table
        caption="Units that run and wait"
        rows={units.data?.items}
        error={units.error}
        retry={() => void units.refetch()}
        keyOf={(unit) => unit.unit}
        empty={<p className="card p-6 text-center text-muted">Nothing runs and nothing waits.</p>}
        columns={[
          { title: "State", cell: (unit) => <StateBadge state={unit.state} stopping={Boolean(unit.stop_reason)} /> },
          { title: "What", cell: (unit) => <What unit={unit} /> },
          { title: "Whose", cell: (unit) => unit.user ?? "nobody's" },
          {
            title: "Since",
            cell: (unit) => (
              <time dateTime={unit.since} title={moment(unit.since)}>
                {ago(unit.since)}
              </time>
            ),
          },
          { title: "Uses", right: true, cell: (unit) => <Uses unit={unit} /> },
          { title: "Process id", right: true, cell: ({ pid }) => pid ?? "" },
          {
            title: "Cancel",
            quiet: true,
            right: true,
            cell: ({ process, version, process_name, stop_reason }) =>
              process &&
              version && (
                <Button
                  look="danger"
                  disabled={Boolean(stop_reason)}
                  aria-label={`Cancel ${process_name ?? process}`}
                  onClick={() => cancel.mutate({ process, version })}
                >
                  Cancel
                </Button>
              ),
          },
        ]}
      />
    </div>
  );
}

/** How much of the machine is taken. */
function Load({ units: { capacity, reserved } }: { units: UnitsView }) {
  const shares = [
    {
      name: "Processors",
      words: `${reserved.cpu_millis / 1000} of ${capacity.cpu_millis / 1000}`,
      fraction: reserved.cpu_millis / capacity.cpu_millis,
    },
    {
      name: "Memory",
      words: `${mebibytes(reserved.memory_mb)} of ${mebibytes(capacity.memory_mb)}`,
      fraction: reserved.memory_mb / capacity.memory_mb,
    },
  ];
  return (
    <dl className="grid gap-3 sm:grid-cols-2">
      {shares.map(({ name, words, fraction }) => (
        <div key={name} className="card space-y-1 p-4">
          <dt className="text-sm text-muted">{name} reserved</dt>
          <dd className="tabular-nums">{words}</dd>
          <dd>
            <ProgressBar fraction={Math.min(1, fraction)} label={`${name} reserved`} />
          </dd>
        </div>
      ))}
    </dl>
  );
}

function What({ unit }: { unit: Unit }) {
  const { project, process, process_name, version, environment, type, kind, unit: name } = unit;
  if (!project || !process) return <code>{name}</code>;
  return (
    <>
      <Link
        className="link"
        to="/projects/$project/processes/$process"
        params={{ project, process }}
        search={{ version: version ?? undefined }}
      >
        {process_name ?? process}
      </Link>{" "}
      <span className="text-muted">
        v{version} in {project}
      </span>
      <span className="block text-xs text-muted">{type ? `${environment}/${type}` : kind}</span>
    </>
  );
}

/** What is measured, and what it may use at most. */
function Uses({ unit: { usage, resources } }: { unit: Unit }) {
  return (
    <>
      {usage && (
        <span className="block">
          {duration(usage.cpu_ms)} of processor, {bytes(usage.max_rss_kb * 1024)} at most
        </span>
      )}
      {resources && (
        <span className="block text-xs text-muted">
          at most {resources.cpu_millis / 1000} cores, {mebibytes(resources.memory_mb)}
        </span>
      )}
    </>
  );
}
