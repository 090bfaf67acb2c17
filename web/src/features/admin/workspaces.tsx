// Workspaces of the whole installation: what runs, the services and their definitions, and what nobody claims.

import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { FileWarning } from "lucide-react";
import { useState } from "react";
import { projectsQuery } from "@/features/projects/queries";
import { why } from "@/features/workspaces/list";
import { allWorkspacesQuery, orphansQuery, servicesQuery, underWay } from "@/features/workspaces/queries";
import { useVerbs } from "@/features/workspaces/use-verbs";
import { resourcesInWords } from "@/features/workspaces/words";
import { api, body } from "@/shared/api/client";
import type { Orphan, Service, Workspace } from "@/shared/api/types";
import { ago, duration, moment } from "@/shared/lib/format";
import { Button } from "@/shared/ui/button";
import { CodeBlock } from "@/shared/ui/code-block";
import { ConditionBadge } from "@/shared/ui/condition";
import { Failure } from "@/shared/ui/failure";
import { Field } from "@/shared/ui/field";
import { FormDialog } from "@/shared/ui/form-dialog";
import { Table } from "@/shared/ui/table";
import { toast } from "@/shared/ui/toast";

export function Workspaces() {
  return (
    <div className="space-y-6">
      <Everybodys />
      <Orphans />
      <Services />
    </div>
  );
}

function Everybodys() {
  const workspaces = useQuery(allWorkspacesQuery);
  const services = useQuery(servicesQuery).data?.items ?? [];
  const projects = useQuery(projectsQuery).data?.items ?? [];
  const [all, setAll] = useState(false);
  const active = ({ state }: Workspace) => state !== "stopped" && state !== "failed";
  const items = workspaces.data?.items;
  const projectOf = ({ project }: Workspace) => projects.find(({ id }) => id === project);
  return (
    <div className="space-y-3">
      <div className="flex flex-wrap items-center justify-between gap-3">
        <h2>Workspaces of everybody</h2>
        <label className="flex items-center gap-2 text-sm">
          <input type="checkbox" className="size-4 accent-accent" checked={all} onChange={() => setAll(!all)} />
          Also those that do not run
        </label>
      </div>
      <Table
        caption="Workspaces of everybody"
        rows={all ? items : items?.filter(active)}
        error={workspaces.error}
        retry={() => void workspaces.refetch()}
        keyOf={({ id }) => id}
        empty={<p className="card p-6 text-center text-muted">No workspace runs.</p>}
        columns={[
          { title: "State", cell: (workspace) => <ConditionBadge workspace={workspace} /> },
          {
            title: "Workspace",
            cell: (workspace) => {
              const project = projectOf(workspace);
              return (
                <>
                  {project ? (
                    <Link
                      className="link"
                      to="/projects/$project/workspaces/$workspace"
                      params={{ project: project.name, workspace: workspace.id }}
                    >
                      {workspace.title}
                    </Link>
                  ) : (
                    workspace.title
                  )}
                  <span className="block text-xs text-muted">{workspace.name}</span>
                </>
              );
            },
          },
          {
            title: "Whose",
            cell: (workspace) => (
              <>
                {workspace.owner_name}
                <span className="block text-xs text-muted">{projectOf(workspace)?.title}</span>
              </>
            ),
          },
          {
            title: "Why",
            cell: (workspace) => <span className="block max-w-80 text-sm wrap-anywhere">{why(workspace)}</span>,
          },
          {
            title: "Since",
            cell: ({ started_at, created_at, state }) => {
              const since = state === "ready" || underWay({ state }) ? (started_at ?? created_at) : created_at;
              return (
                <time dateTime={since} title={moment(since)} className="whitespace-nowrap">
                  {ago(since)}
                </time>
              );
            },
          },
          {
            title: "May use",
            cell: ({ resources }) => <span className="text-xs text-muted">{resourcesInWords(resources)}</span>,
          },
          {
            title: "Stop",
            quiet: true,
            right: true,
            cell: (workspace) => (
              <Stop workspace={workspace} service={services.find(({ name }) => name === workspace.service)} />
            ),
          },
        ]}
      />
    </div>
  );
}

function Stop({ workspace, service }: { workspace: Workspace; service: Service | undefined }) {
  const { verbs, dialog, busy } = useVerbs({ workspace, service });
  const stop = verbs.find(({ id }) => id === "stop");
  if (!stop) return null;
  return (
    <>
      <Button look="danger" busy={busy} aria-label={`Stop ${workspace.title}`} onClick={stop.run}>
        {stop.label}
      </Button>
      {dialog}
    </>
  );
}

const verdicts: Record<string, string> = {
  orphan: "Nobody's",
  young: "Too young to tell: look again in two minutes",
  owner_starting: "Its user is starting something: it may be about to be claimed",
};

/** Programs that run though no record claims them. Nothing ends them by itself. */
function Orphans() {
  const orphans = useQuery(orphansQuery);
  const client = useQueryClient();
  const reload = () => {
    void client.invalidateQueries({ queryKey: orphansQuery.queryKey });
    void client.invalidateQueries({ queryKey: ["workspaces"] });
  };
  const [asked, ask] = useState<{ what: "adopt" | "end"; orphan: Orphan }>();
  const adopt = useMutation({
    mutationFn: ({ unit, user }: { unit: string; user: string | undefined }) =>
      body(
        api.POST("/api/workspace-orphans/{unit}/adopt", { params: { path: { unit } }, body: { user: user ?? null } }),
      ),
  });
  return (
    <div className="space-y-3">
      <h2>Orphans</h2>
      <p className="max-w-prose text-sm text-muted">
        Programs of workspaces that run here though no record claims them, for instance after the database was lost.
        They are left alone until somebody decides.
      </p>
      <Table
        caption="Orphans"
        rows={orphans.data?.items}
        error={orphans.error}
        retry={() => void orphans.refetch()}
        keyOf={({ unit }) => unit}
        empty={<p className="card p-6 text-center text-muted">There are none: everything that runs is claimed.</p>}
        columns={[
          {
            title: "What",
            cell: ({ workspace, service, unit }) => (
              <>
                {workspace ?? service ?? "unknown"}
                <code className="block text-xs text-muted">{unit}</code>
              </>
            ),
          },
          { title: "Was of", cell: ({ user }) => user ?? "unknown" },
          {
            title: "Runs since",
            cell: ({ since }) => (
              <time dateTime={since} title={moment(since)}>
                {ago(since)}
              </time>
            ),
          },
          { title: "Processor time", right: true, cell: ({ cpu_ms }) => duration(cpu_ms) },
          { title: "Process id", right: true, cell: ({ pid }) => pid ?? "" },
          {
            title: "Verdict",
            cell: ({ verdict, adoptable }) => (
              <>
                {verdicts[verdict] ?? verdict}
                {adoptable && <span className="block text-xs text-muted">Can’t be adopted: {adoptable}</span>}
              </>
            ),
          },
          {
            title: "Decide",
            quiet: true,
            right: true,
            cell: (orphan) =>
              orphan.verdict === "orphan" && (
                <span className="inline-flex gap-2">
                  <Button
                    aria-label={`Adopt ${orphan.unit}`}
                    disabled={Boolean(orphan.adoptable)}
                    onClick={() => ask({ what: "adopt", orphan })}
                  >
                    Adopt…
                  </Button>
                  <Button look="danger" aria-label={`End ${orphan.unit}`} onClick={() => ask({ what: "end", orphan })}>
                    End…
                  </Button>
                </span>
              ),
          },
        ]}
      />
      {asked?.what === "adopt" && (
        <FormDialog
          title="Adopt it as a workspace"
          submit="Adopt"
          onClose={() => ask(undefined)}
          send={async (data) => {
            const user = String(data.get("user")).trim() || undefined;
            const workspace = await adopt.mutateAsync({ unit: asked.orphan.unit, user });
            toast.done(`${workspace.title} was adopted for ${workspace.owner_name}`);
            reload();
          }}
        >
          {(errorAt) => (
            <>
              <p className="text-sm">It goes on as it runs, with its address and its files.</p>
              <Field
                label="Whose it is to be"
                name="user"
                defaultValue={asked.orphan.user ?? ""}
                autoFocus
                error={errorAt("/user")}
                hint="The name with which one signs in."
              />
            </>
          )}
        </FormDialog>
      )}
      {asked?.what === "end" && (
        <FormDialog
          title="End this program?"
          submit="End it"
          danger
          onClose={() => ask(undefined)}
          send={async () => {
            await api.DELETE("/api/workspace-orphans/{unit}", { params: { path: { unit: asked.orphan.unit } } });
            toast.done("It is asked to end");
            reload();
          }}
        >
          {() => (
            <p className="text-sm">
              What it has not saved is lost. If somebody may still need {asked.orphan.workspace ?? "it"}, adopt it
              instead.
            </p>
          )}
        </FormDialog>
      )}
    </div>
  );
}

/** The services, and definitions that could not be read, with the line. */
function Services() {
  const services = useQuery(servicesQuery);
  const broken = services.data?.broken ?? [];
  return (
    <div className="space-y-3">
      <h2>Services</h2>
      {broken.map(({ file, why }) => (
        <div key={file} role="alert" className="card flex items-start gap-3 border-danger p-4">
          <FileWarning aria-hidden className="mt-0.5 size-5 shrink-0 text-danger" />
          <div className="min-w-0 flex-1 space-y-2">
            <p>
              The definition <code>{file}</code> can't be read, so its service is not offered:
            </p>
            <CodeBlock label={`What is wrong with ${file}`}>{why}</CodeBlock>
          </div>
        </div>
      ))}
      {services.isError && <Failure error={services.error} retry={() => void services.refetch()} />}
      {!services.isError && (
        <Table
          caption="Services"
          rows={services.data?.items}
          keyOf={({ name }) => name}
          columns={[
            {
              title: "Service",
              cell: ({ title, name, description }) => (
                <>
                  {title} <code className="text-xs text-muted">{name}</code>
                  <span className="block text-xs text-muted">{description}</span>
                </>
              ),
            },
            {
              title: "Sizes",
              cell: ({ profiles }) =>
                profiles.map(({ name, title, resources }) => (
                  <span key={name} className="block text-sm">
                    {title || name}: <span className="text-muted">{resourcesInWords(resources ?? {})}</span>
                  </span>
                )),
            },
            {
              title: "Usually ready in",
              right: true,
              cell: ({ usual_ms }) => (usual_ms == null ? "not known yet" : duration(usual_ms)),
            },
            {
              title: "Can be started",
              cell: ({ available, why }) => (available ? "yes" : <span className="text-sm">no: {why}</span>),
            },
          ]}
        />
      )}
    </div>
  );
}
