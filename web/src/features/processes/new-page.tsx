import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import { Boxes, Play } from "lucide-react";
import { lazy, Suspense, useCallback, useId, useState } from "react";
import { api, body } from "@/shared/api/client";
import { type FieldError, Problem, sentence } from "@/shared/api/problem";
import type { ProcessType, ProcessView, Project, ResourcesRequest, VersionView } from "@/shared/api/types";
import { Button } from "@/shared/ui/button";
import { Empty } from "@/shared/ui/empty";
import { Failure } from "@/shared/ui/failure";
import { Field } from "@/shared/ui/field";
import { Page } from "@/shared/ui/page";
import { Skeleton, SkeletonRows } from "@/shared/ui/skeleton";
import { toast } from "@/shared/ui/toast";
import { Estimate } from "./form/estimate";
import { Resources } from "./form/resources";
import { environmentsQuery, processQuery, typesQuery } from "./queries";

const SchemaForm = lazy(() => import("./form/schema-form"));

interface Props {
  project: Project;
  /** `ENVIRONMENT/NAME`; absent: choose one. */
  type: string | undefined;
  /** A process that gets a further version, and the version to begin from. */
  from: string | undefined;
  version: number | undefined;
}

const fullName = (type: Pick<ProcessType, "environment" | "name">) => `${type.environment}/${type.name}`;

export function NewProcessPage({ project, type, from, version }: Props) {
  const types = useQuery(typesQuery);
  const base = useQuery({ ...processQuery(from ?? ""), enabled: from !== undefined });
  const title = from ? `New version${base.data ? ` of ${base.data.name}` : ""}` : "New process";
  const failed = types.error ?? base.error;
  if (failed) {
    return (
      <Page title={title}>
        <Failure error={failed} />
      </Page>
    );
  }
  if (!types.data || (from !== undefined && base.isPending)) {
    return (
      <Page title={title}>
        <SkeletonRows rows={4} className="h-24" />
      </Page>
    );
  }
  const wanted = base.data ? `${base.data.environment}/${base.data.type}` : type;
  if (!wanted) return <TypeChoice project={project} types={types.data} />;
  const found = types.data.find((one) => fullName(one) === wanted);
  if (!found) {
    return (
      <Page title={title}>
        <Failure error={new Error(`there is no process type ${wanted}; its environment may have been removed`)} />
      </Page>
    );
  }
  const snapshot = base.data?.versions.find((one) => one.version === version) ?? base.data?.versions.at(-1);
  // The key: another type or base begins with an empty form.
  return (
    <Editor
      key={`${wanted} ${from} ${snapshot?.version}`}
      title={title}
      project={project}
      type={found}
      base={base.data}
      snapshot={snapshot}
    />
  );
}

function TypeChoice({ project, types }: { project: Project; types: ProcessType[] }) {
  const environments = useQuery(environmentsQuery);
  const unready = environments.data?.filter(({ state }) => state !== "ready") ?? [];
  return (
    <Page title="New process">
      {unready.map(({ id, name, state, message }) => (
        <p key={id} role="status" className="card px-4 py-3 text-sm">
          The environment {name} is {state === "broken" ? "broken" : "being prepared"}
          {message && `: ${message}`}.
        </p>
      ))}
      {types.length === 0 ? (
        unready.length === 0 && (
          <Empty icon={Boxes} title="No process types">
            Process types come with environments, which an administrator adds.
          </Empty>
        )
      ) : (
        <>
          <p className="text-muted">What should be done?</p>
          <ul className="grid gap-3 md:grid-cols-2">
            {types.map((type) => (
              <li key={fullName(type)}>
                <Link
                  to="/projects/$project/new"
                  params={{ project: project.name }}
                  search={{ type: fullName(type) }}
                  className="card block h-full p-4 hover:border-accent hover:bg-hover"
                >
                  <span className="font-semibold">{type.title}</span>
                  <span className="mt-1 block text-sm text-muted">{type.description.split("\n\n")[0]}</span>
                </Link>
              </li>
            ))}
          </ul>
        </>
      )}
    </Page>
  );
}

interface EditorProps {
  title: string;
  project: Project;
  type: ProcessType;
  base: ProcessView | undefined;
  snapshot: VersionView | undefined;
}

function Editor({ title, project, type, base, snapshot }: EditorProps) {
  const [name, setName] = useState("");
  const [parameters, setParameters] = useState<Record<string, unknown>>(
    () => (snapshot?.parameters as Record<string, unknown> | undefined) ?? {},
  );
  const [resources, setResources] = useState<ResourcesRequest>(snapshot?.resources ?? type.resources);
  const [reuse, setReuse] = useState(false);
  const [refused, setRefused] = useState(false);
  const [ready, setReady] = useState(false);
  const formId = useId();
  const onReady = useCallback(() => setReady(true), []);
  const navigate = useNavigate();
  const client = useQueryClient();

  const submit = useMutation({
    mutationFn: async (complete: Record<string, unknown>): Promise<string> => {
      if (base) {
        await api.POST("/api/processes/{id}/versions", {
          params: { path: { id: base.id } },
          body: { base: snapshot?.version, parameters: complete, resources, reuse },
        });
        return base.id;
      }
      const made = await body(
        api.POST("/api/processes", {
          body: {
            project: project.name,
            type: fullName(type),
            ...(name && { name }),
            parameters: complete,
            resources,
            reuse,
            priority: 0,
          },
        }),
      );
      return made.id;
    },
    onSuccess: async (id) => {
      await client.invalidateQueries({ queryKey: ["process", id] });
      void client.invalidateQueries({ queryKey: ["processes", project.name] });
      await navigate({
        to: "/projects/$project/processes/$process",
        params: { project: project.name, process: id },
      });
    },
    onError: (error) => {
      // Mistakes in fields are shown at the fields.
      if (!(error instanceof Problem && error.fields.length > 0)) toast.error(error, "It was not started");
    },
  });
  const errors: readonly FieldError[] = submit.error instanceof Problem ? submit.error.fields : [];
  const elsewhere = errors.filter(({ path }) => !/^\/(parameters\/|resources\/|name$)/.test(path));

  return (
    <Page title={title}>
      <div className="grid items-start gap-5 lg:grid-cols-[1fr_20rem]">
        <section aria-label="Parameters" className="card space-y-5 p-5">
          <div>
            <h2>{type.title}</h2>
            {type.description.split("\n\n").map((paragraph) => (
              <p key={paragraph} className="mt-1 text-sm text-muted">
                {paragraph}
              </p>
            ))}
          </div>
          {!base && (
            <Field
              label="Name of the process"
              hint="Left empty, it is named after its type."
              value={name}
              error={errors.find(({ path }) => path === "/name")?.message}
              onChange={(event) => setName(event.target.value)}
            />
          )}
          <Suspense fallback={<Skeleton className="h-96 w-full" />}>
            <SchemaForm
              id={formId}
              project={project.name}
              schema={type.schema as object}
              value={parameters}
              errors={errors}
              onReady={onReady}
              onChange={setParameters}
              onSubmit={(complete) => {
                setRefused(false);
                submit.mutate(complete);
              }}
              onRefused={() => setRefused(true)}
            />
          </Suspense>
        </section>
        <aside className="card space-y-5 p-5 lg:sticky lg:top-4" aria-label="Resources and cost">
          <h2>Resources</h2>
          <Resources defaults={type.resources} value={resources} errors={errors} onChange={setResources} />
          <h2>Cost</h2>
          <Estimate project={project.name} type={fullName(type)} parameters={parameters} resources={resources} />
          {type.deterministic && (
            <label className="flex items-start gap-2 text-sm">
              <input
                type="checkbox"
                className="mt-0.5 size-4 accent-accent"
                checked={reuse}
                onChange={(event) => setReuse(event.target.checked)}
              />
              Take over the result of an equal earlier run, if there is one
            </label>
          )}
          {(refused || errors.length > elsewhere.length) && (
            <p role="alert" className="text-sm text-danger">
              Some fields need another look; each says why.
            </p>
          )}
          {elsewhere.map(({ path, message }) => (
            <p key={path} role="alert" className="text-sm text-danger">
              {path}: {message}
            </p>
          ))}
          {submit.error instanceof Problem && submit.error.status === 402 && (
            <p role="alert" className="text-sm text-danger">
              {sentence(submit.error)}
            </p>
          )}
          <Button
            type="submit"
            form={formId}
            look="primary"
            disabled={!ready}
            busy={submit.isPending}
            className="w-full"
          >
            <Play aria-hidden className="size-4" />
            {base ? "Run new version" : "Run"}
          </Button>
        </aside>
      </div>
    </Page>
  );
}
