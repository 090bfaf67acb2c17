import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import type { Project } from "@/shared/api/types";
import { Page } from "@/shared/ui/page";
import { ChooseAndRun } from "./editor/choose-and-run";
import { processQuery } from "./queries";

interface Props {
  project: Project;
  /** `ENVIRONMENT/NAME`; absent: choose one. */
  type: string | undefined;
  /** Which of the type's examples to begin with. */
  example?: number | undefined;
  /** A process that gets a further version, and the version to begin from. */
  from: string | undefined;
  version: number | undefined;
}

export function NewProcessPage({ project, type, example, from, version }: Props) {
  const base = useQuery({ ...processQuery(from ?? ""), enabled: from !== undefined });
  const navigate = useNavigate();
  return (
    <Page title={from ? `New version${base.data ? ` of ${base.data.name}` : ""}` : "New process"}>
      <div className="@container">
        <ChooseAndRun
          project={project}
          type={type}
          example={example}
          from={from}
          version={version}
          onStarted={(process) =>
            navigate({
              to: "/projects/$project/processes/$process",
              params: { project: project.name, process },
            })
          }
        />
      </div>
    </Page>
  );
}
