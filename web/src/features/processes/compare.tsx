import { keepPreviousData, queryOptions, useQuery } from "@tanstack/react-query";
import { Equal, PencilLine } from "lucide-react";
import { type ReactNode, useState } from "react";
import { api, body } from "@/shared/api/client";
import type { ProcessView, VersionView } from "@/shared/api/types";
import { bytes, credits, moment, plural } from "@/shared/lib/format";
import { mediaWord } from "@/shared/lib/media";
import { Failure } from "@/shared/ui/failure";
import { SkeletonRows } from "@/shared/ui/skeleton";
import { StateBadge } from "@/shared/ui/state";
import { VersionChoice } from "./head";
import { ParameterValue, resourceFacts } from "./snapshot";
import { Took } from "./took";

const compareQuery = (process: string, a: number, b: number, states: string) =>
  queryOptions({
    queryKey: ["process", process, "compare", a, b, states],
    queryFn: () => body(api.GET("/api/processes/{id}/compare", { params: { path: { id: process }, query: { a, b } } })),
    placeholderData: keepPreviousData,
  });

interface Row {
  name: string;
  changed: boolean;
  a: ReactNode;
  b: ReactNode;
}

interface Props {
  process: ProcessView;
  project: string;
  /** The two versions, left and right. */
  a: number;
  b: number;
  onChange: (a: number, b: number) => void;
}

const names = (version: VersionView) => Object.keys((version.parameters ?? {}) as object);
const parameter = (version: VersionView, name: string) =>
  (version.parameters as Record<string, unknown> | null)?.[name];

/** Two versions of a process side by side. */
export function Compare({ process, project, a, b, onChange }: Props) {
  // A version that is still running changes; its state is part of what was asked.
  const states = process.versions.map(({ state }) => state).join();
  const answer = useQuery(compareQuery(process.id, a, b, states));
  const [onlyChanged, setOnlyChanged] = useState(false);
  if (answer.isError) return <Failure error={answer.error} retry={() => void answer.refetch()} />;
  if (!answer.data) return <SkeletonRows rows={8} />;
  const { differences, outputs, ...pair } = answer.data;
  const differs = (path: string) => differences.some((one) => one.path === path || one.path.startsWith(`${path}/`));
  const parameters = [...new Set([...names(pair.a), ...names(pair.b)])];
  const facts = new Map(resourceFacts(pair.b));
  const sections: [string, Row[]][] = [
    [
      "Parameters",
      parameters.map((name) => {
        const path = name.replaceAll("~", "~0").replaceAll("/", "~1");
        const value = (version: VersionView) => (
          <ParameterValue value={parameter(version, name)} project={project} inputs={version.inputs} />
        );
        const changed = differs(`/parameters/${path}`) || differs(`/inputs/${path}`);
        return { name, changed, a: value(pair.a), b: value(pair.b) };
      }),
    ],
    [
      "Resources",
      resourceFacts(pair.a).map(([name, value]) => ({
        name,
        changed: value !== facts.get(name),
        a: value,
        b: facts.get(name),
      })),
    ],
    [
      "Run",
      [
        both("State", differs("/state"), pair, (version) => <StateBadge state={version.state} />),
        both("Reason", differs("/reason"), pair, ({ reason }) => reason),
        both("Took", differs("/seconds"), pair, (version) => <Took version={version} />),
        both("Cost", differs("/cost"), pair, ({ cost }) => `${credits(cost)} credits`),
        both("Type's version", differs("/type_version"), pair, ({ type_version }) => type_version),
        both("Made", false, pair, ({ created_at, created_by }) => `${moment(created_at)} by ${created_by}`),
      ],
    ],
    [
      "Outputs",
      outputs.map(({ name, equal, ...sides }) => ({
        name,
        changed: !equal,
        a: sides.a ? `${mediaWord(sides.a.media_type)}, ${bytes(sides.a.size)}` : "none",
        b: sides.b ? `${mediaWord(sides.b.media_type)}, ${bytes(sides.b.size)}` : "none",
      })),
    ],
  ];
  const count = sections.flatMap(([, rows]) => rows).filter(({ changed }) => changed).length;
  return (
    <section aria-label="Comparison" className="space-y-3">
      <div className="flex flex-wrap items-center gap-4">
        <p role="status">
          {count === 0 ? "Nothing differs." : `${plural(count, "row")} differ${count === 1 ? "s" : ""}.`}
        </p>
        <label className="flex items-center gap-2 text-sm">
          <input
            type="checkbox"
            className="size-4 accent-accent"
            checked={onlyChanged}
            onChange={(event) => setOnlyChanged(event.target.checked)}
          />
          Only what differs
        </label>
      </div>
      <div className="card overflow-x-auto">
        <table className="grid-table table-fixed">
          <caption className="sr-only">
            Version {a} and version {b}
          </caption>
          <thead>
            <tr>
              <th scope="col" className="w-44">
                What
              </th>
              <th scope="col" className="w-28">
                Differs
              </th>
              <th scope="col" className="w-56">
                <VersionChoice
                  process={process}
                  version={a}
                  label="Left version"
                  onVersion={(next) => onChange(next, b)}
                />
              </th>
              <th scope="col" className="w-56">
                <VersionChoice
                  process={process}
                  version={b}
                  label="Right version"
                  onVersion={(next) => onChange(a, next)}
                />
              </th>
            </tr>
          </thead>
          {sections.map(([title, rows]) => (
            <Section key={title} title={title} rows={onlyChanged ? rows.filter(({ changed }) => changed) : rows} />
          ))}
        </table>
      </div>
    </section>
  );
}

function both(
  name: string,
  changed: boolean,
  { a, b }: { a: VersionView; b: VersionView },
  value: (version: VersionView) => ReactNode,
): Row {
  return { name, changed, a: value(a), b: value(b) };
}

function Section({ title, rows }: { title: string; rows: readonly Row[] }) {
  if (rows.length === 0) return null;
  return (
    <tbody>
      <tr>
        <th scope="rowgroup" colSpan={4} className="bg-hover text-ink!">
          {title}
        </th>
      </tr>
      {rows.map(({ name, changed, a, b }) => (
        <tr key={name} className={changed ? "bg-accent-soft" : ""}>
          <th
            scope="row"
            className="align-top font-normal! wrap-anywhere whitespace-normal! [tr:last-child>&]:border-b-0"
          >
            {name}
          </th>
          <td>
            {changed ? (
              <span className="inline-flex items-center gap-1.5 font-medium text-accent">
                <PencilLine aria-hidden className="size-4" />
                Changed
              </span>
            ) : (
              <span className="inline-flex items-center gap-1.5 text-muted">
                <Equal aria-hidden className="size-4" />
                Equal
              </span>
            )}
          </td>
          <td className="wrap-anywhere">{a}</td>
          <td className="wrap-anywhere">{b}</td>
        </tr>
      ))}
    </tbody>
  );
}

/** The version that one is likely to compare with: the one before, else the one after. */
export function counterpart(process: ProcessView, version: number): number | undefined {
  const others = process.versions.map((one) => one.version).filter((one) => one !== version);
  return others.filter((one) => one < version).at(-1) ?? others[0];
}
