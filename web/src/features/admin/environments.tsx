import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { CircleAlert, CircleCheck, Loader, Plus } from "lucide-react";
import { useState } from "react";
import { environmentsQuery } from "@/features/processes/queries";
import { api, body } from "@/shared/api/client";
import type { Environment } from "@/shared/api/types";
import { ago } from "@/shared/lib/format";
import { Button } from "@/shared/ui/button";
import { Field } from "@/shared/ui/field";
import { FormDialog } from "@/shared/ui/form-dialog";
import { Table } from "@/shared/ui/table";
import { toast } from "@/shared/ui/toast";

const states: Record<string, { icon: typeof CircleCheck; colour: string }> = {
  ready: { icon: CircleCheck, colour: "text-completed" },
  preparing: { icon: Loader, colour: "text-running" },
  broken: { icon: CircleAlert, colour: "text-danger" },
};

/** Where process types come from. */
export function Environments() {
  const environments = useQuery(environmentsQuery);
  const client = useQueryClient();
  const [asked, setAsked] = useState<{ what: "new" } | { what: "remove"; environment: Environment }>();
  const reload = async () => {
    await client.invalidateQueries({ queryKey: ["environments"] });
    await client.invalidateQueries({ queryKey: ["process-types"] });
  };
  const refresh = useMutation({
    mutationFn: (name: string) => body(api.POST("/api/environments/{name}/refresh", { params: { path: { name } } })),
    onSuccess: ({ name, types }) => toast.done(`${name} offers ${types.join(", ") || "no types"}`),
    onError: (error) => toast.error(error, "Its types could not be read"),
    onSettled: reload,
  });
  return (
    <div className="space-y-4">
      <Button look="primary" onClick={() => setAsked({ what: "new" })}>
        <Plus aria-hidden className="size-4" />
        Add environment
      </Button>
      <Table
        caption="Environments"
        rows={environments.data}
        error={environments.error}
        retry={() => void environments.refetch()}
        keyOf={(environment) => environment.id}
        empty={<p className="card p-6 text-center text-muted">There is no environment yet, so nothing can be run.</p>}
        columns={[
          {
            title: "Name",
            cell: (environment) => (
              <>
                {environment.name}
                <span className="block text-xs text-muted wrap-anywhere">{environment.python}</span>
              </>
            ),
          },
          {
            title: "State",
            cell: ({ state, message, errors }) => {
              const { icon: Icon, colour } = states[state] ?? { icon: CircleAlert, colour: "text-muted" };
              return (
                <>
                  <span className={`inline-flex items-center gap-1.5 ${colour}`}>
                    <Icon aria-hidden className="size-4" />
                    {state}
                  </span>
                  {message && <span className="block text-muted">{message}</span>}
                  {errors.map(({ entry_point, error }) => (
                    <span key={entry_point} className="block text-danger">
                      {entry_point}: {error}
                    </span>
                  ))}
                </>
              );
            },
          },
          { title: "Types", cell: ({ types }) => types.join(", ") },
          { title: "Read", cell: ({ refreshed_at }) => ago(refreshed_at) },
          {
            title: "Change",
            quiet: true,
            right: true,
            cell: (environment) => (
              <div className="flex justify-end gap-2">
                <Button
                  aria-label={`Read again the types of ${environment.name}`}
                  busy={refresh.isPending && refresh.variables === environment.name}
                  onClick={() => refresh.mutate(environment.name)}
                >
                  Read again
                </Button>
                <Button
                  look="danger"
                  aria-label={`Remove ${environment.name}`}
                  onClick={() => setAsked({ what: "remove", environment })}
                >
                  Remove
                </Button>
              </div>
            ),
          },
        ]}
      />
      {asked?.what === "new" && (
        <FormDialog
          title="Add environment"
          submit="Add environment"
          onClose={() => setAsked(undefined)}
          send={async (data) => {
            const added = { name: String(data.get("name")), python: String(data.get("python")) };
            await body(api.POST("/api/environments", { body: added }));
            await reload();
          }}
        >
          {(errorAt) => (
            <>
              <Field label="Name" name="name" required autoFocus error={errorAt("/name")} />
              <Field
                label="Python interpreter on the server"
                name="python"
                required
                placeholder="/opt/venvs/geo/bin/python"
                hint="Of a virtualenv in which the castalia package and your types are installed."
                error={errorAt("/python")}
              />
            </>
          )}
        </FormDialog>
      )}
      {asked?.what === "remove" && (
        <FormDialog
          title={`Remove ${asked.environment.name}?`}
          submit="Remove"
          danger
          onClose={() => setAsked(undefined)}
          send={async () => {
            const { name } = asked.environment;
            await body(api.DELETE("/api/environments/{name}", { params: { path: { name } } }));
            await reload();
          }}
        >
          {() => <p>Its types can't be run any more. Its processes, their logs and data stay.</p>}
        </FormDialog>
      )}
    </div>
  );
}
