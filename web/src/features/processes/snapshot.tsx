import { Link } from "@tanstack/react-router";
import type { VersionView } from "@/shared/api/types";
import { credits, duration, mebibytes, moment } from "@/shared/lib/format";

/** A version's resources in words: what it is called, and how much. */
export function resourceFacts({ resources }: Pick<VersionView, "resources">): [string, string][] {
  return [
    ["Processors", String(resources.cpu_millis / 1000)],
    ["Memory", mebibytes(resources.memory_mb)],
    ["Disk", mebibytes(resources.storage_mb)],
    ["GPUs", String(resources.gpu)],
    ["Time limit", duration(resources.deadline_s * 1000)],
  ];
}

interface ValueProps {
  value: unknown;
  project: string;
  inputs: VersionView["inputs"];
}

/** One parameter's value; data by its name. */
export function ParameterValue({ value, project, inputs }: ValueProps) {
  const input = typeof value === "string" ? inputs.find(({ reference }) => reference === value) : undefined;
  if (input) {
    return (
      <Link className="link" to="/projects/$project/data/$data" params={{ project, data: input.id }}>
        {input.name}
      </Link>
    );
  }
  if (value === null || value === undefined) return <span className="text-muted">empty</span>;
  return <>{typeof value === "string" ? value : JSON.stringify(value)}</>;
}

export function Snapshot({ version, project }: { version: VersionView; project: string }) {
  const parameters = Object.entries((version.parameters ?? {}) as Record<string, unknown>);
  const facts: [string, string][] = [
    ...resourceFacts(version),
    ["Set aside", `${credits(version.held)} credits`],
    ["Type's version", version.type_version],
    ["Made", `${moment(version.created_at)} by ${version.created_by}`],
  ];
  return (
    <div className="grid gap-5 @3xl:grid-cols-2">
      <section aria-labelledby="parameters">
        <h2 id="parameters" className="mb-2">
          Parameters
        </h2>
        {parameters.length === 0 && <p className="text-muted">It has none.</p>}
        <dl className="card px-4 py-2 text-sm empty:hidden">
          {parameters.map(([name, value]) => (
            <div key={name} className="grid grid-cols-[10rem_1fr] gap-2 py-1">
              <dt className="text-muted wrap-anywhere">{name}</dt>
              <dd className="min-w-0 wrap-anywhere">
                <ParameterValue value={value} project={project} inputs={version.inputs} />
              </dd>
            </div>
          ))}
        </dl>
      </section>
      <section aria-labelledby="resources">
        <h2 id="resources" className="mb-2">
          Resources
        </h2>
        <dl className="card px-4 py-2 text-sm">
          {facts.map(([name, value]) => (
            <div key={name} className="grid grid-cols-[10rem_1fr] gap-2 py-1">
              <dt className="text-muted">{name}</dt>
              <dd>{value}</dd>
            </div>
          ))}
        </dl>
      </section>
    </div>
  );
}
