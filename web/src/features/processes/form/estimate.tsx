import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { api, body } from "@/shared/api/client";
import { Problem, sentence } from "@/shared/api/problem";
import type { ResourcesRequest } from "@/shared/api/types";
import { credits, duration } from "@/shared/lib/format";

interface Asked {
  project: string;
  type: string;
  parameters: Record<string, unknown>;
  resources: ResourcesRequest;
}

/** The last value that stayed for a while. */
function useSettled<T>(value: T, milliseconds: number): T {
  const [settled, setSettled] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(value), milliseconds);
    return () => clearTimeout(timer);
  }, [value, milliseconds]);
  return settled;
}

/** What the run would cost at most, and whether the project can pay for it. */
export function Estimate(props: Asked) {
  const asked = useSettled(JSON.stringify(props), 350);
  const estimate = useQuery({
    queryKey: ["estimate", asked],
    queryFn: () => body(api.POST("/api/processes/estimate", { body: JSON.parse(asked) as Asked })),
    placeholderData: keepPreviousData,
    retry: false,
  });
  // Parameters that are not complete yet are no failure to talk about.
  const waiting = estimate.error instanceof Problem && estimate.error.status === 422;
  const { data } = estimate;
  return (
    <section aria-label="Cost" className="min-h-32 text-sm">
      {estimate.isError ? (
        <p className="text-muted">
          {waiting ? "The cost is shown when the parameters are complete." : sentence(estimate.error)}
        </p>
      ) : (
        data && (
          <div aria-live="polite" className={estimate.isPlaceholderData ? "opacity-60" : ""}>
            <dl>
              <Line name="Set aside" value={`${credits(data.hold)} credits`} />
              <Line name="That is" value={`${credits(data.per_second)} per second`} />
              <Line name="For at most" value={duration(data.resources.deadline_s * 1000)} />
              <Line name="Available" value={`${credits(data.available)} credits`} />
            </dl>
            {data.covered ? (
              <p className="mt-2 text-muted">Only what is used is spent; the rest comes back when it ends.</p>
            ) : (
              <p role="alert" className="mt-2 text-danger">
                The project can't pay for this: add credit, or ask for less or for a shorter time.
              </p>
            )}
          </div>
        )
      )}
    </section>
  );
}

function Line({ name, value }: { name: string; value: string }) {
  return (
    <div className="flex justify-between gap-3 py-0.5">
      <dt className="text-muted">{name}</dt>
      <dd className="tabular-nums">{value}</dd>
    </div>
  );
}
