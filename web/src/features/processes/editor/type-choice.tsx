import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Boxes } from "lucide-react";
import { useState } from "react";
import type { ProcessType } from "@/shared/api/types";
import { Empty } from "@/shared/ui/empty";
import { inputClass } from "@/shared/ui/field";
import { environmentsQuery } from "../queries";
import { fullName, grouped, matching } from "./types";

interface Props {
  project: string;
  types: readonly ProcessType[];
  /** Told of the choice; without it each type is a link to its page. */
  onChoose?: (type: string) => void;
}

const cardClass = "card block h-full w-full p-4 text-left hover:border-accent hover:bg-hover";
/** Fewer are seen at a glance. */
const SEARCH_FROM = 5;

export function TypeChoice({ project, types, onChoose }: Props) {
  const environments = useQuery(environmentsQuery);
  const [needle, setNeedle] = useState("");
  const unready = environments.data?.filter(({ state }) => state !== "ready") ?? [];
  const groups = grouped(matching(types, needle));
  const about = (type: ProcessType) => (
    <>
      <span className="font-semibold">{type.title}</span>
      <span className="mt-1 block text-sm text-muted">{type.description.split("\n\n")[0]}</span>
    </>
  );
  return (
    <div className="space-y-4">
      {unready.map(({ id, name, state, message }) => (
        <p key={id} role="status" className="card px-4 py-3 text-sm">
          The environment {name} is {state === "broken" ? "broken" : "being prepared"}
          {message && `: ${message}`}.
        </p>
      ))}
      {types.length === 0 && unready.length === 0 && (
        <Empty icon={Boxes} title="No process types">
          Process types come with environments, which an administrator adds.
        </Empty>
      )}
      {types.length > 0 && (
        <div className="flex flex-wrap items-center justify-between gap-3">
          <p className="text-muted">What should be done?</p>
          {types.length >= SEARCH_FROM && (
            <input
              type="search"
              aria-label="Search the process types"
              placeholder="Search…"
              className={`${inputClass} max-w-64`}
              value={needle}
              onChange={(event) => setNeedle(event.target.value)}
            />
          )}
        </div>
      )}
      {types.length > 0 && groups.length === 0 && <p role="status">No process type has these words.</p>}
      {groups.map(([environment, members]) => (
        <section key={environment} aria-label={`Environment ${environment}`} className="space-y-2">
          <h2 className="text-sm! font-medium! text-muted">{environment}</h2>
          <ul className="grid gap-3 @2xl:grid-cols-2">
            {members.map((type) => (
              <li key={type.name}>
                {onChoose ? (
                  <button type="button" className={cardClass} onClick={() => onChoose(fullName(type))}>
                    {about(type)}
                  </button>
                ) : (
                  <Link
                    to="/projects/$project/new"
                    params={{ project }}
                    search={{ type: fullName(type) }}
                    className={cardClass}
                  >
                    {about(type)}
                  </Link>
                )}
              </li>
            ))}
          </ul>
        </section>
      ))}
    </div>
  );
}
