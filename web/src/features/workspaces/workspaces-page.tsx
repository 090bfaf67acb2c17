import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { useMay } from "@/features/identity/account";
import { useActions } from "@/shared/actions/actions";
import type { ProjectView } from "@/shared/api/types";
import { Page } from "@/shared/ui/page";
import { serviceIcon, useOpen } from "./launcher";
import { servicesQuery } from "./queries";
import { usePlaces } from "./use-places";
import { WorkspacesView } from "./view";

export function WorkspacesPage({ project }: { project: ProjectView }) {
  const { toDetail, toPane } = usePlaces(project);
  useOpenActions(project);
  return (
    <Page title="Workspaces">
      <p className="text-muted">Labs and IDEs that run on this server, in {project.title}.</p>
      <WorkspacesView project={project} onOpened={toDetail} onPane={toPane} />
    </Page>
  );
}

/** “Open JupyterLab” and the like in the palette. */
export function useOpenActions(project: ProjectView) {
  const services = useQuery(servicesQuery).data?.items;
  const { toDetail } = usePlaces(project);
  const { mutate } = useOpen(project, toDetail);
  const allowed = useMay(project.id)("workspaces.open") && !project.archived;
  useActions(
    useMemo(
      () =>
        (allowed ? (services ?? []) : [])
          .filter(({ available }) => available)
          .map(({ name, title, description }) => ({
            id: `workspace.open.${name}`,
            title: `Open ${title}`,
            section: "Workspaces",
            icon: serviceIcon(name),
            words: `${description} workspace new start`,
            run: () => mutate({ service: name, profile: undefined }),
          })),
      [services, allowed, mutate],
    ),
  );
}
