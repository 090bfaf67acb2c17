import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { LimitFields, limitsInWords, limitsOf } from "@/features/projects/limits";
import { projectsQuery } from "@/features/projects/queries";
import { api, body } from "@/shared/api/client";
import type { Project } from "@/shared/api/types";
import { moment } from "@/shared/lib/format";
import { Button } from "@/shared/ui/button";
import { Field } from "@/shared/ui/field";
import { FormDialog } from "@/shared/ui/form-dialog";
import { Table } from "@/shared/ui/table";
import { toast } from "@/shared/ui/toast";

const MICRO = 1_000_000;

/** Credit and limits of every project. */
export function Projects() {
  const projects = useQuery(projectsQuery);
  const client = useQueryClient();
  const [asked, setAsked] = useState<{ what: "limits" | "credit"; project: Project }>();
  const close = () => setAsked(undefined);
  const reload = async (project: Project) => {
    await client.invalidateQueries({ queryKey: ["projects"] });
    await client.invalidateQueries({ queryKey: ["project", project.name] });
    await client.invalidateQueries({ queryKey: ["ledger", project.name] });
  };
  return (
    <>
      <Table
        caption="Projects"
        rows={projects.data?.items}
        error={projects.error}
        retry={() => void projects.refetch()}
        keyOf={(project) => project.id}
        empty={<p className="card p-6 text-center text-muted">There is no project yet.</p>}
        columns={[
          {
            title: "Project",
            cell: (project) => (
              <>
                <Link className="link" to="/projects/$project" params={{ project: project.name }}>
                  {project.title}
                </Link>{" "}
                {project.archived && <span className="text-warn">archived</span>}
              </>
            ),
          },
          { title: "Made", cell: (project) => moment(project.created_at) },
          { title: "Limits", cell: (project) => limitsInWords(project.limits) },
          {
            title: "Change",
            quiet: true,
            right: true,
            cell: (project) => (
              <div className="flex justify-end gap-2">
                <Button
                  aria-label={`Add credit to ${project.title}`}
                  onClick={() => setAsked({ what: "credit", project })}
                >
                  Add credit
                </Button>
                <Button aria-label={`Limits of ${project.title}`} onClick={() => setAsked({ what: "limits", project })}>
                  Limits
                </Button>
              </div>
            ),
          },
        ]}
      />
      {asked?.what === "limits" && (
        <FormDialog
          title={`Limits of ${asked.project.title}`}
          submit="Save"
          onClose={close}
          send={async (data) => {
            const limits = limitsOf(data);
            const path = { params: { path: { project: asked.project.name } } };
            await body(api.PATCH("/api/projects/{project}", { ...path, body: { limits } }));
            toast.done(`The limits of ${asked.project.title} were saved`);
            await reload(asked.project);
          }}
        >
          {(errorAt) => <LimitFields now={asked.project.limits} errorAt={errorAt} />}
        </FormDialog>
      )}
      {asked?.what === "credit" && (
        <FormDialog
          title={`Add credit to ${asked.project.title}`}
          submit="Add credit"
          onClose={close}
          send={async (data) => {
            const amount = Math.round(Number(data.get("amount")) * MICRO);
            const path = { params: { path: { project: asked.project.name } } };
            // A key: a repeated request adds once.
            const top = { amount, note: String(data.get("note")), key: crypto.randomUUID() };
            await body(api.POST("/api/projects/{project}/credits", { ...path, body: top }));
            toast.done(`Credit was added to ${asked.project.title}`);
            await reload(asked.project);
          }}
        >
          {(errorAt) => (
            <>
              <Field
                label="Credits"
                name="amount"
                type="number"
                min={0.01}
                step="any"
                required
                autoFocus
                error={errorAt("/amount")}
              />
              <Field label="Note" name="note" hint="It stands in the ledger." error={errorAt("/note")} />
            </>
          )}
        </FormDialog>
      )}
    </>
  );
}
