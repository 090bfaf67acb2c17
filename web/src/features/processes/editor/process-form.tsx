import { useMutation, useQueryClient } from "@tanstack/react-query";
import { PencilLine, Play } from "lucide-react";
import { lazy, Suspense, useCallback, useEffect, useId, useMemo, useRef, useState } from "react";
import { useActions } from "@/shared/actions/actions";
import { api, body } from "@/shared/api/client";
import { type FieldError, Problem } from "@/shared/api/problem";
import type { ProcessType, ProcessView, Project, VersionView } from "@/shared/api/types";
import { plural } from "@/shared/lib/format";
import { Button } from "@/shared/ui/button";
import { Field } from "@/shared/ui/field";
import { Skeleton } from "@/shared/ui/skeleton";
import { toast } from "@/shared/ui/toast";
import { Estimate, Refusal } from "../form/estimate";
import { Resources } from "../form/resources";
import { type Draft, readDraft, writeDraft } from "./draft";
import { Examples } from "./examples";
import { changes, examplesOf, fullName, type Parameters } from "./types";

const SchemaForm = lazy(() => import("../form/schema-form"));

interface Props {
  project: Project;
  type: ProcessType;
  /** The process that gets a further version, and the version to begin from. */
  base?: ProcessView | undefined;
  snapshot?: VersionView | undefined;
  /** Which of the type's examples to begin with. */
  example?: number | undefined;
  onStarted: (process: string, version: number) => unknown;
}

/** Where drafts of a form are kept. */
export const draftKey = (
  project: Project,
  type: string,
  more: { base?: string | undefined; version?: number | undefined; example?: number | undefined } = {},
) => [project.id, type, more.base, more.version, more.example].filter((part) => part !== undefined).join(" ");

/** Parameters, resources and cost of a run that is about to be started. Its key is what it begins from. */
export function ProcessForm({ project, type, base, snapshot, example, onStarted }: Props) {
  const examples = useMemo(() => examplesOf(type.schema), [type.schema]);
  const [initial] = useState<Draft>(() => ({
    name: "",
    parameters: (snapshot?.parameters as Parameters | undefined) ?? examples[example ?? -1]?.parameters ?? {},
    resources: snapshot?.resources ?? type.resources,
    reuse: false,
  }));
  const key = draftKey(project, fullName(type), { base: base?.id, version: snapshot?.version, example });
  const [found] = useState(() => readDraft(key));
  const [restored, setRestored] = useState(found !== undefined);
  const [draft, setDraft] = useState(found ?? initial);
  const { name, parameters, resources, reuse } = draft;
  const change = useCallback((part: Partial<Draft>) => setDraft((before) => ({ ...before, ...part })), []);
  /** A draft begins with the first thing that a person does; that the form fills in defaults is none. */
  const touched = useRef(found !== undefined);
  const touch = () => {
    touched.current = true;
  };
  useEffect(() => {
    if (!touched.current) return;
    const timer = setTimeout(() => writeDraft(key, draft), 250);
    return () => clearTimeout(timer);
  }, [key, draft]);

  const [refused, setRefused] = useState(false);
  const [ready, setReady] = useState(false);
  const [shown, setShown] = useState(0);
  const formId = useId();
  const onReady = useCallback(() => setReady(true), []);
  const onParameters = useCallback((parameters: Parameters) => change({ parameters }), [change]);
  const client = useQueryClient();
  const before = snapshot?.parameters as Parameters | undefined;
  const changed = before ? changes(before, parameters).length : 0;

  function discard() {
    writeDraft(key, undefined);
    touched.current = false;
    setRestored(false);
    setDraft(initial);
    setShown((count) => count + 1);
  }

  const submit = useMutation({
    mutationFn: async (complete: Parameters): Promise<[process: string, version: number]> => {
      if (base) {
        const made = await body(
          api.POST("/api/processes/{id}/versions", {
            params: { path: { id: base.id } },
            body: { base: snapshot?.version ?? null, parameters: complete, resources, reuse },
          }),
        );
        return [base.id, made.version];
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
      return [made.id, made.version];
    },
    onSuccess: async ([process, version]) => {
      touched.current = false;
      writeDraft(key, undefined);
      await client.invalidateQueries({ queryKey: ["process", process] });
      void client.invalidateQueries({ queryKey: ["processes", project.name] });
      await onStarted(process, version);
    },
    onError: (error) => {
      // Mistakes in fields are shown at the fields, too little credit with the cost.
      const said = error instanceof Problem && (error.fields.length > 0 || error.status === 402);
      if (!said) toast.error(error, "It was not started");
    },
  });
  const errors: readonly FieldError[] = submit.error instanceof Problem ? submit.error.fields : [];
  const elsewhere = errors.filter(({ path }) => !/^\/(parameters\/|resources\/|name$)/.test(path));
  useActions(
    useMemo(
      () => [
        {
          id: "process.run",
          title: base ? "Run as a new version" : "Run this process",
          section: "Process",
          icon: Play,
          disabled: !ready,
          run: () => (document.getElementById(formId) as HTMLFormElement | null)?.requestSubmit(),
        },
      ],
      [base, ready, formId],
    ),
  );

  return (
    <div className="grid items-start gap-5 @4xl:grid-cols-[1fr_20rem]" onChangeCapture={touch} onClickCapture={touch}>
      <section aria-label="Parameters" className="card min-w-0 space-y-5 p-5">
        <div>
          <h2>{type.title}</h2>
          {type.description.split("\n\n").map((paragraph) => (
            <p key={paragraph} className="mt-1 text-sm text-muted">
              {paragraph}
            </p>
          ))}
        </div>
        {restored && (
          <p role="status" className="flex flex-wrap items-center gap-2 rounded-md bg-accent-soft px-3 py-2 text-sm">
            <PencilLine aria-hidden className="size-4" />
            <span className="flex-1">Draft restored: this is what you had typed.</span>
            <Button onClick={discard}>Discard</Button>
          </p>
        )}
        {!base && (
          <Examples
            examples={examples}
            now={parameters}
            onFill={(filled) => {
              change({ parameters: filled });
              setShown((count) => count + 1);
            }}
          />
        )}
        {!base && (
          <Field
            label="Name of the process"
            hint="Left empty, it is named after its type."
            value={name}
            error={errors.find(({ path }) => path === "/name")?.message}
            onChange={(event) => change({ name: event.target.value })}
          />
        )}
        <Suspense fallback={<Skeleton className="h-96 w-full" />}>
          <SchemaForm
            // The form keeps what stands in an opened choice; other values begin it anew.
            key={shown}
            id={formId}
            project={project}
            schema={type.schema as object}
            value={parameters}
            before={before}
            errors={errors}
            onReady={onReady}
            onChange={onParameters}
            onSubmit={(complete) => {
              setRefused(false);
              submit.mutate(complete);
            }}
            onRefused={() => setRefused(true)}
          />
        </Suspense>
      </section>
      <aside className="card space-y-5 p-5 @4xl:sticky @4xl:top-4" aria-label="Resources and cost">
        <h2>Resources</h2>
        <Resources
          defaults={type.resources}
          value={resources}
          errors={errors}
          onChange={(resources) => change({ resources })}
        />
        <h2>Cost</h2>
        <Estimate project={project.name} type={fullName(type)} parameters={parameters} resources={resources} />
        {type.deterministic && (
          <label className="flex items-start gap-2 text-sm">
            <input
              type="checkbox"
              className="mt-0.5 size-4 accent-accent"
              checked={reuse}
              onChange={(event) => change({ reuse: event.target.checked })}
            />
            Take over the result of an equal earlier run, if there is one
          </label>
        )}
        {base && (
          <p role="status" className="text-sm text-muted">
            {changed === 0
              ? `The parameters are those of version ${snapshot?.version}.`
              : `${plural(changed, "parameter")} changed since version ${snapshot?.version}.`}
          </p>
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
        <Refusal error={submit.error} />
        <Button type="submit" form={formId} look="primary" disabled={!ready} busy={submit.isPending} className="w-full">
          <Play aria-hidden className="size-4" />
          {base ? "Run new version" : "Run"}
        </Button>
      </aside>
    </div>
  );
}
