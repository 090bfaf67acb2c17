// One thing to try in this project: an example of a process type whose data are here.

import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Sparkles } from "lucide-react";
import { type Example, examplesOf, fullName } from "@/features/processes/editor/types";
import { typesQuery } from "@/features/processes/queries";
import { uploadsQuery } from "@/features/storage/queries";
import type { ProcessType, ProcessView, Project } from "@/shared/api/types";
import { buttonClass } from "@/shared/ui/button";
import { Skeleton } from "@/shared/ui/skeleton";

interface Proposal {
  type: ProcessType;
  example: Example;
  /** Its place among the type's examples, as the form's address has it. */
  index: number;
}

/** The uploads that a value names. */
export function uploadsIn(value: unknown): string[] {
  if (typeof value === "string") return value.startsWith("upload:") ? [value.slice("upload:".length)] : [];
  if (typeof value !== "object" || value === null) return [];
  return Object.values(value).flatMap(uploadsIn);
}

/** The first example that can be run now, of a type that has not been run here if there is one. */
export function propose(
  types: readonly ProcessType[],
  done: readonly Pick<ProcessView, "type" | "environment">[],
  files: readonly string[],
): Proposal | undefined {
  const runnable = types.flatMap((type) =>
    examplesOf(type.schema).flatMap((example, index) => {
      const needs = uploadsIn(example.parameters);
      return needs.every((name) => files.includes(name)) ? [{ type, example, index }] : [];
    }),
  );
  const fresh = ({ type }: Proposal) =>
    !done.some((process) => process.type === type.name && process.environment === type.environment);
  return runnable.find(fresh) ?? runnable[0];
}

export function TryThis({ project, processes }: { project: Project; processes: readonly ProcessView[] }) {
  const types = useQuery(typesQuery);
  const uploads = useInfiniteQuery(uploadsQuery(project.name));
  const files = uploads.data?.pages.flatMap(({ items }) => items.map(({ name }) => name)) ?? [];
  if (types.isPending || uploads.isPending) return <Skeleton className="h-20" />;
  const proposal = propose(types.data ?? [], processes, files);
  if (!proposal) return null;
  const { type, example, index } = proposal;
  return (
    <section aria-labelledby="try" className="card flex flex-wrap items-center gap-4 p-4">
      <Sparkles aria-hidden className="size-6 shrink-0 text-accent" />
      <div className="min-w-56 flex-1">
        <h2 id="try">Try this: {example.title}</h2>
        <p className="text-sm text-muted">{example.about || type.description.split("\n\n")[0]}</p>
      </div>
      <Link
        className={buttonClass("primary")}
        to="/projects/$project/new"
        params={{ project: project.name }}
        search={{ type: fullName(type), example: index }}
      >
        Fill in the form
      </Link>
    </section>
  );
}
