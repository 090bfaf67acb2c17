import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { CircleAlert } from "lucide-react";
import { useEffect, useState } from "react";
import { api, body } from "@/shared/api/client";
import { Problem, sentence } from "@/shared/api/problem";
import type { ResourcesRequest } from "@/shared/api/types";
import { credits, duration } from "@/shared/lib/format";
import { resourceWord } from "./resources";

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
  const fields = estimate.error instanceof Problem && estimate.error.status === 422 ? estimate.error.fields : undefined;
  const wrong = fields?.find(({ path }) => path.startsWith("/resources"));
  const { data } = estimate;
  return (
    <section aria-label="Cost" className="min-h-32 text-sm">
      {estimate.isError ? (
        <p className="text-muted">
          {wrong
            ? `${resourceWord(wrong.path)}: ${wrong.message}.`
            : fields
              ? "The cost is shown when the parameters are complete."
              : sentence(estimate.error)}
        </p>
      ) : (
        data && (
          // Faded while it is asked for anew, it could not be read.
          <div aria-live="polite" aria-busy={estimate.isPlaceholderData}>
            <dl>
              <Line name="Set aside" value={`${credits(data.hold)} credits`} />
              <Line name="That is" value={`${credits(data.per_second)} per second`} />
              <Line name="For at most" value={duration(data.resources.deadline_s * 1000)} />
              <Line name="Available" value={`${credits(data.available)} credits`} />
            </dl>
            {data.covered ? (
              <p className="mt-2 text-muted">Only what is used is spent; the rest comes back when it ends.</p>
            ) : (
              <Warning>
                {credits(data.hold - data.available)} credits are missing. Ask for less or for a shorter time, or let an
                administrator add credit to the project.
              </Warning>
            )}
          </div>
        )
      )}
    </section>
  );
}

/** What the server said when it would not start the run for want of credit. */
export function Refusal({ error }: { error: unknown }) {
  if (!(error instanceof Problem && error.status === 402)) return null;
  return <Warning>{sentence(error)}</Warning>;
}

function Warning({ children }: { children: React.ReactNode }) {
  return (
    <p role="alert" className="mt-2 flex items-start gap-2 rounded-md bg-danger-soft px-3 py-2 text-sm text-danger">
      <CircleAlert aria-hidden className="mt-0.5 size-4 shrink-0" />
      <span>{children}</span>
    </p>
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
