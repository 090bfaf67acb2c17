import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { useMay } from "@/features/identity/account";
import { api, body } from "@/shared/api/client";
import { Problem, sentence } from "@/shared/api/problem";
import type { Project } from "@/shared/api/types";
import { Button } from "@/shared/ui/button";
import { Field } from "@/shared/ui/field";
import { FormDialog } from "@/shared/ui/form-dialog";
import { Page } from "@/shared/ui/page";
import { toast } from "@/shared/ui/toast";
import { LimitFields, limitsInWords, limitsOf } from "./limits";

/** Title, description, limits, archive. */
export function SettingsPage({ project }: { project: Project }) {
  const may = useMay(project.id);
  const administers = useMay(undefined)("projects.administer");
  const client = useQueryClient();
  const [archiving, setArchiving] = useState(false);
  const reload = () =>
    Promise.all([
      client.invalidateQueries({ queryKey: ["project", project.name] }),
      client.invalidateQueries({ queryKey: ["projects"] }),
    ]);
  const path = { params: { path: { project: project.name } } };
  const save = useMutation({
    mutationFn: (data: FormData) =>
      body(
        api.PATCH("/api/projects/{project}", {
          ...path,
          body: {
            title: String(data.get("title")),
            description: String(data.get("description")),
            ...(administers && { limits: limitsOf(data) }),
          },
        }),
      ),
    onSuccess: async () => {
      await reload();
      toast.done("The settings were saved");
    },
  });
  const errors = save.error instanceof Problem ? save.error.fields : [];
  const errorAt = (at: string) => errors.find((field) => field.path === at)?.message;
  if (!may("projects.manage")) {
    return (
      <Page title="Settings">
        <p className="text-muted">Only who manages this project may change its settings.</p>
      </Page>
    );
  }
  return (
    <Page title="Settings">
      <form
        className="card space-y-4 p-4"
        onSubmit={(event: FormEvent<HTMLFormElement>) => {
          event.preventDefault();
          save.mutate(new FormData(event.currentTarget));
        }}
      >
        <Field label="Title" name="title" required defaultValue={project.title} error={errorAt("/title")} />
        <Field
          label="Description"
          name="description"
          defaultValue={project.description}
          error={errorAt("/description")}
        />
        {administers ? (
          <fieldset className="space-y-3">
            <legend className="font-medium">Limits</legend>
            <div className="grid gap-3 sm:grid-cols-2 lg:grid-cols-3">
              <LimitFields now={project.limits} errorAt={errorAt} />
            </div>
          </fieldset>
        ) : (
          <p className="text-sm text-muted">
            Limits: {limitsInWords(project.limits)}. An administrator of Castalia can change them.
          </p>
        )}
        {save.error && errors.length === 0 && (
          <p role="alert" className="text-sm text-danger">
            {sentence(save.error)}
          </p>
        )}
        <Button type="submit" look="primary" busy={save.isPending}>
          Save
        </Button>
      </form>
      <section className="card flex flex-wrap items-center justify-between gap-3 p-4" aria-labelledby="archive">
        <div>
          <h2 id="archive">{project.archived ? "This project is archived" : "Archive"}</h2>
          <p className="text-sm text-muted">
            An archived project can be looked at, and nothing in it can be changed or run. Nothing is deleted, and it
            can be brought back.
          </p>
        </div>
        <Button look={project.archived ? "primary" : "danger"} onClick={() => setArchiving(true)}>
          {project.archived ? "Bring back" : "Archive…"}
        </Button>
      </section>
      {archiving && (
        <FormDialog
          title={project.archived ? `Bring ${project.title} back?` : `Archive ${project.title}?`}
          submit={project.archived ? "Bring back" : "Archive"}
          danger={!project.archived}
          onClose={() => setArchiving(false)}
          send={async () => {
            await body(
              project.archived
                ? api.PATCH("/api/projects/{project}", { ...path, body: { archived: false } })
                : api.DELETE("/api/projects/{project}", path),
            );
            await reload();
          }}
        >
          {() => (
            <p>
              {project.archived
                ? "Its members can work in it again."
                : "Its members can read everything and change nothing until somebody brings it back."}
            </p>
          )}
        </FormDialog>
      )}
    </Page>
  );
}
