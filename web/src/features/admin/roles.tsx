import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Plus } from "lucide-react";
import { useState } from "react";
import { rolesQuery } from "@/features/identity/queries";
import { api, body } from "@/shared/api/client";
import type { Role } from "@/shared/api/types";
import { Button } from "@/shared/ui/button";
import { Field } from "@/shared/ui/field";
import { FormDialog } from "@/shared/ui/form-dialog";
import { Table } from "@/shared/ui/table";
import { toast } from "@/shared/ui/toast";

const words = (data: FormData, name: string) =>
  String(data.get(name) ?? "")
    .split(/[\s,]+/)
    .filter(Boolean);

/** The roles that come along, and your own. */
export function Roles() {
  const roles = useQuery(rolesQuery);
  const client = useQueryClient();
  const [asked, setAsked] = useState<{ what: "new" } | { what: "edit" | "delete"; role: Role }>();
  const close = () => setAsked(undefined);
  const reload = () => client.invalidateQueries({ queryKey: ["roles"] });
  return (
    <div className="space-y-4">
      <Button look="primary" onClick={() => setAsked({ what: "new" })}>
        <Plus aria-hidden className="size-4" />
        New role
      </Button>
      <Table
        caption="Roles"
        rows={roles.data?.items}
        error={roles.error}
        retry={() => void roles.refetch()}
        keyOf={(role) => role.name}
        columns={[
          {
            title: "Role",
            cell: (role) => (
              <>
                {role.name}
                <span className="block text-muted">{role.description}</span>
              </>
            ),
          },
          {
            title: "May, in a project",
            cell: (role) => <code className="text-xs wrap-anywhere">{role.permissions.join(" ")}</code>,
          },
          {
            title: "May, everywhere",
            cell: (role) => <code className="text-xs wrap-anywhere">{role.everywhere.join(" ")}</code>,
          },
          {
            title: "Change",
            quiet: true,
            right: true,
            cell: (role) =>
              role.builtin ? (
                <span className="text-muted">built in</span>
              ) : (
                <div className="flex justify-end gap-2">
                  <Button aria-label={`Edit ${role.name}`} onClick={() => setAsked({ what: "edit", role })}>
                    Edit
                  </Button>
                  <Button
                    look="danger"
                    aria-label={`Delete ${role.name}`}
                    onClick={() => setAsked({ what: "delete", role })}
                  >
                    Delete
                  </Button>
                </div>
              ),
          },
        ]}
      />
      {(asked?.what === "new" || asked?.what === "edit") && (
        <FormDialog
          title={asked.what === "new" ? "New role" : `Edit ${asked.role.name}`}
          submit={asked.what === "new" ? "Make role" : "Save"}
          onClose={close}
          send={async (data) => {
            const role = {
              description: String(data.get("description")),
              permissions: words(data, "permissions"),
              everywhere: words(data, "everywhere"),
            };
            await body(
              asked.what === "new"
                ? api.POST("/api/roles", { body: { name: String(data.get("name")), ...role } })
                : api.PATCH("/api/roles/{role}", { params: { path: { role: asked.role.name } }, body: role }),
            );
            await reload();
          }}
        >
          {(errorAt) => (
            <>
              {asked.what === "new" && <Field label="Name" name="name" required autoFocus error={errorAt("/name")} />}
              <Field
                label="What it is for"
                name="description"
                defaultValue={asked.what === "edit" ? asked.role.description : ""}
                error={errorAt("/description")}
              />
              <Field
                label="Permissions in a project"
                name="permissions"
                hint="With spaces between: processes.* datasets.view"
                defaultValue={asked.what === "edit" ? asked.role.permissions.join(" ") : ""}
                error={errorAt("/permissions") ?? errorAt("/permissions/0")}
              />
              <Field
                label="Permissions everywhere"
                name="everywhere"
                hint="What belongs to no project: projects.create"
                defaultValue={asked.what === "edit" ? asked.role.everywhere.join(" ") : ""}
                error={errorAt("/everywhere") ?? errorAt("/everywhere/0")}
              />
            </>
          )}
        </FormDialog>
      )}
      {asked?.what === "delete" && (
        <FormDialog
          title={`Delete the role ${asked.role.name}?`}
          submit="Delete"
          danger
          onClose={close}
          send={async () => {
            await body(api.DELETE("/api/roles/{role}", { params: { path: { role: asked.role.name } } }));
            toast.done(`The role ${asked.role.name} was deleted`);
            await reload();
          }}
        >
          {() => <p>Nobody may have it any more; give those who do another one first.</p>}
        </FormDialog>
      )}
    </div>
  );
}
