import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useEffect } from "react";
import type { ProjectView } from "@/shared/api/types";
import { select } from "@/shared/selection/selection";
import { Failure } from "@/shared/ui/failure";
import { Page } from "@/shared/ui/page";
import { removeSoon } from "./browse/removals";
import { DetailBody, ItemActions } from "./detail/detail";
import { itemQuery } from "./queries";
import { shownName } from "./shown-text";

/** One upload or dataset. */
export function DataItemPage({ project, id }: { project: ProjectView; id: string }) {
  const client = useQueryClient();
  const navigate = useNavigate();
  const item = useQuery(itemQuery(id));
  const there = item.data !== undefined;
  useEffect(() => {
    if (there) select(project.id, { data: id });
  }, [there, project.id, id]);
  if (item.isError) {
    return (
      <Page title="Data">
        <Failure error={item.error} />
      </Page>
    );
  }
  const name = item.data ? shownName(item.data.name) : "Data";
  return (
    <Page
      title={name}
      actions={
        item.data && (
          <ItemActions
            project={project}
            item={item.data}
            onDelete={(gone) => {
              removeSoon(client, [gone]);
              void navigate({ to: "/projects/$project/data", params: { project: project.name } });
            }}
          />
        )
      }
    >
      <DetailBody project={project} item={item.data} />
    </Page>
  );
}
