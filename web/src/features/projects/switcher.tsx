import { useSuspenseQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Check, ChevronsUpDown, FolderKanban, Plus } from "lucide-react";
import { useState } from "react";
import { useMay } from "@/features/identity/account";
import { Disclosure, menuItemClass } from "@/shared/ui/disclosure";
import { NewProjectDialog } from "./new-project";
import { projectsQuery } from "./queries";

export function ProjectSwitcher({ current }: { current: string | undefined }) {
  const { items } = useSuspenseQuery(projectsQuery).data;
  const [making, setMaking] = useState(false);
  const may = useMay(undefined);
  const project = items.find(({ name }) => name === current);
  return (
    <>
      <Disclosure
        name={project ? `Project ${project.title}; choose another` : "Projects: choose one"}
        label={
          <>
            <FolderKanban aria-hidden className="size-4" />
            <span className="max-w-48 truncate">{project?.title ?? "Projects"}</span>
            <ChevronsUpDown aria-hidden className="size-4 text-muted" />
          </>
        }
      >
        {(close) => (
          <>
            <ul className="max-h-80 overflow-auto">
              {items.map(({ id, name, title }) => (
                <li key={id}>
                  <Link
                    to="/projects/$project"
                    params={{ project: name }}
                    className={menuItemClass}
                    aria-current={name === current || undefined}
                    onClick={close}
                  >
                    <Check aria-hidden className={`size-4 ${name === current ? "" : "invisible"}`} />
                    {title}
                  </Link>
                </li>
              ))}
            </ul>
            {may("projects.create") && (
              <button
                type="button"
                className={menuItemClass}
                onClick={() => {
                  close();
                  setMaking(true);
                }}
              >
                <Plus aria-hidden className="size-4" />
                New project…
              </button>
            )}
          </>
        )}
      </Disclosure>
      {making && <NewProjectDialog onClose={() => setMaking(false)} />}
    </>
  );
}
