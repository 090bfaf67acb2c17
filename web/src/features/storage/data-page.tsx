import { useNavigate, useSearch } from "@tanstack/react-router";
import type { ProjectView } from "@/shared/api/types";
import { Page } from "@/shared/ui/page";
import { DataBrowser } from "./browse/browser";
import { choiceFrom } from "./browse/choice";

/** What the project has: files that people brought, and what processes wrote. What is chosen stands in the address. */
export function DataPage({ project }: { project: ProjectView }) {
  const choice = choiceFrom(useSearch({ strict: false }));
  const navigate = useNavigate();
  return (
    <Page title="Data" fill>
      <div className="min-h-[28rem] flex-1 md:min-h-0">
        <DataBrowser
          project={project}
          choice={choice}
          onChoice={(next) =>
            void navigate({
              to: "/projects/$project/data",
              params: { project: project.name },
              // What stands nowhere else is not worth a step back.
              replace: next.data === choice.data,
              search: choiceFrom({ ...next }),
            })
          }
        />
      </div>
    </Page>
  );
}
