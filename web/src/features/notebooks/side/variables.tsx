import { useQuery } from "@tanstack/react-query";
import { Failure } from "@/shared/ui/failure";
import { SkeletonRows } from "@/shared/ui/skeleton";
import { useOpen } from "../context";
import { useKernelState } from "../model/store";

interface Variable {
  name: string;
  type: string;
  /** A shape, or how many it holds. */
  size?: string | null;
  value?: string | null;
}

/** What the kernel holds, asked again whenever it has done something. */
export function Variables() {
  const { session, mayRun } = useOpen();
  const kernel = useKernelState(session.store);
  const alive = kernel.state === "idle" || kernel.state === "busy";
  const variables = useQuery({
    queryKey: ["notebook-variables", session.id, kernel.incarnation, kernel.state === "busy"],
    queryFn: () => session.comms.ask<{ variables?: Variable[] | null }>("kernel", "variables"),
    enabled: alive && mayRun && kernel.state === "idle",
    placeholderData: (before) => before,
    retry: false,
    gcTime: 0,
  });
  if (!mayRun) return <p className="text-muted">Who may run cells sees the variables of the kernel here.</p>;
  if (!alive) return <p className="text-muted">No kernel runs. Variables are here once a cell has run.</p>;
  if (variables.isError) return <Failure error={variables.error} retry={() => void variables.refetch()} />;
  if (!variables.data) return <SkeletonRows rows={4} />;
  const all = variables.data.variables;
  if (!all) return <p className="text-muted">How to ask a kernel of this language for its variables is not known.</p>;
  if (all.length === 0) return <p className="text-muted">The kernel holds no variables yet.</p>;
  return (
    <table className="grid-table" aria-label="Variables">
      <thead>
        <tr>
          <th>Name</th>
          <th>Type</th>
          <th>Value</th>
        </tr>
      </thead>
      <tbody>
        {all.map(({ name, type, size, value }) => (
          <tr key={name}>
            <td className="font-mono wrap-anywhere">{name}</td>
            <td>
              {type}
              {size && <span className="block text-xs text-muted">{size}</span>}
            </td>
            <td className="font-mono text-xs wrap-anywhere">{value}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
