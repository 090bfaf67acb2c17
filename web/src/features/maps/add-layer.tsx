import { useQuery } from "@tanstack/react-query";
import { Plus } from "lucide-react";
import { useState } from "react";
import { Button } from "@/shared/ui/button";
import { Failure } from "@/shared/ui/failure";
import { inputClass } from "@/shared/ui/field";
import { Popover } from "@/shared/ui/popover";
import { SkeletonRows } from "@/shared/ui/skeleton";
import { choicesQuery } from "./queries";

interface Props {
  project: string;
  onAdd: (id: string, name: string) => Promise<void>;
  primary?: boolean;
}

const SHOWN = 50;

/** Data of the project to put on the map. */
export function AddLayer({ project, onAdd, primary = false }: Props) {
  return (
    <Popover
      title="Add a layer"
      trigger={
        <Button look={primary ? "primary" : "quiet"}>
          <Plus aria-hidden className="size-4" />
          <span className={primary ? "" : "@max-lg:sr-only"}>Add layer</span>
        </Button>
      }
    >
      {(close) => (
        <Choices
          project={project}
          onAdd={async (id, name) => {
            close();
            await onAdd(id, name);
          }}
        />
      )}
    </Popover>
  );
}

function Choices({ project, onAdd }: Props) {
  const choices = useQuery(choicesQuery(project));
  const [words, setWords] = useState("");
  if (choices.isError) return <Failure error={choices.error} retry={() => void choices.refetch()} />;
  if (choices.isPending) {
    return (
      <div className="w-72">
        <SkeletonRows rows={4} className="h-9" />
      </div>
    );
  }
  const wanted = words.toLowerCase().split(/\s+/).filter(Boolean);
  const fitting = choices.data
    .filter(({ name, group }) => wanted.every((word) => `${name} ${group}`.toLowerCase().includes(word)))
    .sort((one, other) => Number(other.likely) - Number(one.likely));
  return (
    <div className="w-72 space-y-2">
      <input
        className={inputClass}
        type="search"
        aria-label="Find data"
        placeholder="Find data"
        value={words}
        onChange={(event) => setWords(event.target.value)}
      />
      {choices.data.length === 0 && <p className="text-muted">The project has no tables, arrays or GeoJSON yet.</p>}
      {choices.data.length > 0 && fitting.length === 0 && <p className="text-muted">Nothing has this name.</p>}
      <ul aria-label="Data for the map" className="max-h-72 overflow-y-auto">
        {fitting.slice(0, SHOWN).map(({ id, name, group }) => (
          <li key={id}>
            <button
              type="button"
              className="w-full rounded px-2 py-1.5 text-left hover:bg-hover"
              onClick={() => void onAdd(id, name)}
            >
              <span className="block font-medium wrap-anywhere">{name}</span>
              <span className="block text-xs text-muted">{group}</span>
            </button>
          </li>
        ))}
      </ul>
    </div>
  );
}
