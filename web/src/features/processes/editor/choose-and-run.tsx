import { useQuery } from "@tanstack/react-query";
import type { Project } from "@/shared/api/types";
import { Failure } from "@/shared/ui/failure";
import { SkeletonRows } from "@/shared/ui/skeleton";
import { processQuery, typesQuery } from "../queries";
import { ProcessForm } from "./process-form";
import { TypeChoice } from "./type-choice";
import { fullName } from "./types";

interface Props {
  project: Project;
  /** `ENVIRONMENT/NAME`; absent: choose one. */
  type: string | undefined;
  example?: number | undefined;
  /** A process that gets a further version, and the version to begin from. */
  from?: string | undefined;
  version?: number | undefined;
  /** Told of a choice of type; without it the choices are links. */
  onType?: (type: string) => void;
  onStarted: (process: string, version: number) => unknown;
}

/** From nothing to a run: the choice of a type, and its form. */
export function ChooseAndRun({ project, type, example, from, version, onType, onStarted }: Props) {
  const types = useQuery(typesQuery);
  const base = useQuery({ ...processQuery(from ?? ""), enabled: from !== undefined });
  const failed = types.error ?? base.error;
  if (failed) return <Failure error={failed} retry={() => void (types.error ? types : base).refetch()} />;
  if (!types.data || (from !== undefined && base.isPending)) return <SkeletonRows rows={4} className="h-24" />;
  const offered = types.data.filter((one) => !one.project || one.project === project.id);
  const wanted = base.data ? `${base.data.environment}/${base.data.type}` : type;
  if (!wanted) return <TypeChoice project={project.name} types={offered} {...(onType && { onChoose: onType })} />;
  // A name alone does when only one environment has it.
  const found = offered.find((one) => fullName(one) === wanted) ?? offered.find(({ name }) => name === wanted);
  if (!found) {
    return <Failure error={new Error(`there is no process type ${wanted}; its environment may have been removed`)} />;
  }
  const snapshot = base.data?.versions.find((one) => one.version === version) ?? base.data?.versions.at(-1);
  // The key: another type or base begins with an empty form.
  return (
    <ProcessForm
      key={`${wanted} ${from} ${snapshot?.version} ${example}`}
      project={project}
      type={found}
      base={base.data}
      snapshot={snapshot}
      example={example}
      onStarted={onStarted}
    />
  );
}
