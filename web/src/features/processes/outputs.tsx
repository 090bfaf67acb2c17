import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Download, FolderOpen } from "lucide-react";
import { useState } from "react";
import { DataLook } from "@/features/storage/look";
import { contentPath, datasetQuery } from "@/features/storage/queries";
import { address } from "@/shared/api/client";
import type { Output, VersionView } from "@/shared/api/types";
import { bytes } from "@/shared/lib/format";
import { mediaWord } from "@/shared/lib/media";
import { buttonClass } from "@/shared/ui/button";
import { Empty } from "@/shared/ui/empty";
import { ended } from "@/shared/ui/state";

/** What says most at a glance comes first. */
const interest = ["application/vnd.plotly.v1+json", "text/csv", "image/", "application/geo+json", "application/json"];

function rank({ media_type }: Output): number {
  const at = interest.findIndex((prefix) => media_type.startsWith(prefix));
  return at < 0 ? interest.length : at;
}

interface Props {
  version: VersionView;
  project: string;
  /** Told which one is looked at. */
  onChoose?: (id: string) => void;
}

export function Outputs({ version, project, onChoose }: Props) {
  const [chosen, setChosen] = useState<string>();
  const outputs = version.outputs.toSorted((a, b) => rank(a) - rank(b));
  const shown = outputs.find(({ id }) => id === chosen) ?? outputs[0];
  if (!shown) {
    return (
      <Empty icon={FolderOpen} title={ended(version.state) ? "It wrote no outputs" : "No outputs yet"}>
        {ended(version.state)
          ? "The log may say why."
          : "What it writes becomes datasets of the project as soon as it has ended."}
      </Empty>
    );
  }
  return (
    <div className="grid gap-4 @3xl:grid-cols-[15rem_1fr]">
      <ul className="flex flex-wrap gap-1 @3xl:block @3xl:space-y-1" aria-label="Outputs">
        {outputs.map((output) => (
          <li key={output.id}>
            <button
              type="button"
              aria-pressed={output.id === shown.id}
              onClick={() => {
                setChosen(output.id);
                onChoose?.(output.id);
              }}
              className="rounded-md border border-transparent px-3 py-2 @3xl:w-full text-left hover:bg-hover aria-pressed:border-line aria-pressed:bg-surface"
            >
              <span className="block font-medium wrap-anywhere">{output.name}</span>
              <span className="block text-sm text-muted wrap-anywhere">
                {mediaWord(output.media_type)}, {bytes(output.size)}
              </span>
            </button>
          </li>
        ))}
      </ul>
      <Shown key={shown.id} output={shown} project={project} />
    </div>
  );
}

function Shown({ output, project }: { output: Output; project: string }) {
  const dataset = useQuery(datasetQuery(output.id));
  return (
    <section aria-label={`Output ${output.name}`} className="min-w-0 space-y-3">
      <div className="flex flex-wrap items-center gap-2">
        <p className="min-h-6 flex-1 text-muted">{dataset.data?.description}</p>
        <Link className={buttonClass("quiet")} to="/projects/$project/data/$data" params={{ project, data: output.id }}>
          Details
        </Link>
        <a className={buttonClass()} href={address(contentPath(output.id, true))} download={output.name}>
          <Download aria-hidden className="size-4" />
          Download
        </a>
      </div>
      <DataLook
        id={output.id}
        name={output.name}
        mediaType={output.media_type}
        size={output.size}
        dataset={dataset.data}
      />
    </section>
  );
}
