import { queryOptions, useQuery } from "@tanstack/react-query";
import { request } from "@/shared/api/client";
import { Table } from "@/shared/ui/table";

interface Unit {
  unit: string;
}
const unitsQuery = queryOptions({
  queryKey: ["units"],
  queryFn: async () => (await request("/api/units")).json() as Promise<{ items: Unit[] }>,
  refetchInterval: 2000,
});

/** What runs and waits, over all projects. */
export function Units() {
  const units = useQuery(unitsQuery);
  return (
    <Table
      caption="Running units"
      rows={units.data?.items}
      error={units.error}
      keyOf={(unit) => unit.unit}
      columns={[]}
    />
  );
}
