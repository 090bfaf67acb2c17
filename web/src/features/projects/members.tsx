import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Plus } from "lucide-react";
import { useState } from "react";
import { useAccount, useMay } from "@/features/identity/account";
import { rolesQuery } from "@/features/identity/queries";
import { api, body, request } from "@/shared/api/client";
import type { Member, Project, Role } from "@/shared/api/types";
import { moment } from "@/shared/lib/format";
import { Button } from "@/shared/ui/button";
import { Field, inputClass, SelectField } from "@/shared/ui/field";
import { FormDialog } from "@/shared/ui/form-dialog";
import { Page } from "@/shared/ui/page";
import { Table } from "@/shared/ui/table";
import { toast } from "@/shared/ui/toast";
import { removeWithUndo } from "@/shared/undo/notice";
import { membersQuery } from "./queries";

export function MembersPage({ project }: { project: Project }) {
  const members = useQuery(membersQuery(project.name));
  const roles = useQuery(rolesQuery);
  const account = useAccount();
  const manages = useMay(project.id)("members.manage");
  const [adding, setAdding] = useState(false);
  const client = useQueryClient();
  const key = membersQuery(project.name).queryKey;
  const reload = () => client.invalidateQueries({ queryKey: key });

  const change = useMutation({
    mutationFn: ({ user, role }: { user: string; role: string }) =>
      body(
        api.PUT("/api/projects/{project}/members/{user}", {
          params: { path: { project: project.name, user } },
          body: { role },
        }),
      ),
    onSuccess: (member) => toast.done(`${member.display_name} is now ${member.role}`),
    onError: (error) => toast.error(error, "The role was not changed"),
    onSettled: reload,
  });

  function remove(member: Member) {
    removeWithUndo({
      text: `${member.display_name} is no member any more`,
      title: `Removal of ${member.display_name}`,
      hide: () =>
        client.setQueryData(
          key,
          (data) => data && { ...data, items: data.items.filter((m) => m.user !== member.user) },
        ),
      show: () => void reload(),
      commit: (keepalive) =>
        request(`/api/projects/${project.name}/members/${member.user}`, { method: "DELETE", keepalive }),
    });
  }

  return (
    <Page
      title="Members"
      actions={
        manages && (
          <Button look="primary" onClick={() => setAdding(true)}>
            <Plus aria-hidden className="size-4" />
            Add member
          </Button>
        )
      }
    >
      <p className="text-muted">Who may do what in {project.title}.</p>
      <Table
        caption={`Members of ${project.title}`}
        rows={members.data?.items}
        error={members.error}
        retry={() => void members.refetch()}
        keyOf={(member) => member.user}
        columns={[
          {
            title: "Name",
            cell: (member) => (
              <>
                {member.display_name} <span className="text-muted">{member.name}</span>
                {member.name === account.name && " (you)"}
              </>
            ),
          },
          {
            title: "Role",
            cell: (member) =>
              manages ? (
                <select
                  aria-label={`Role of ${member.display_name}`}
                  className={`${inputClass} w-auto!`}
                  value={member.role}
                  onChange={(event) => change.mutate({ user: member.user, role: event.target.value })}
                >
                  <RoleOptions roles={roles.data?.items} also={member.role} />
                </select>
              ) : (
                member.role
              ),
          },
          { title: "Since", cell: (member) => moment(member.since) },
          {
            title: "Remove",
            quiet: true,
            right: true,
            cell: (member) =>
              (manages || member.name === account.name) && (
                <Button
                  aria-label={member.name === account.name ? `Leave ${project.title}` : `Remove ${member.display_name}`}
                  onClick={() => remove(member)}
                >
                  {member.name === account.name ? "Leave" : "Remove"}
                </Button>
              ),
          },
        ]}
      />
      <Roles roles={roles.data?.items} />
      {adding && (
        <FormDialog
          title="Add member"
          submit="Add member"
          onClose={() => setAdding(false)}
          send={async (data) => {
            const user = String(data.get("user")).trim();
            await body(
              api.PUT("/api/projects/{project}/members/{user}", {
                params: { path: { project: project.name, user } },
                body: { role: String(data.get("role")) },
              }),
            );
            toast.done(`${user} was added`);
            await reload();
          }}
        >
          {() => (
            <>
              <Field label="User" name="user" required autoFocus hint="The name with which one signs in." />
              <SelectField label="Role" name="role" defaultValue="developer">
                <RoleOptions roles={roles.data?.items} />
              </SelectField>
            </>
          )}
        </FormDialog>
      )}
    </Page>
  );
}

function RoleOptions({ roles = [], also }: { roles: readonly Role[] | undefined; also?: string }) {
  const names = new Set(roles.map(({ name }) => name));
  if (also) names.add(also);
  return [...names].map((name) => (
    <option key={name} value={name}>
      {name}
    </option>
  ));
}

/** What the words of the roles mean. */
function Roles({ roles }: { roles: readonly Role[] | undefined }) {
  if (!roles) return null;
  return (
    <details className="card p-4">
      <summary className="font-medium">What the roles may do</summary>
      <dl className="mt-3 space-y-3 text-sm">
        {roles.map((role) => (
          <div key={role.name}>
            <dt className="font-medium">
              {role.name} <span className="font-normal text-muted">{role.description}</span>
            </dt>
            <dd className="font-mono text-xs wrap-anywhere">{role.permissions.join(", ")}</dd>
          </div>
        ))}
      </dl>
    </details>
  );
}
