import { useInfiniteQuery, useQuery, useQueryClient } from "@tanstack/react-query";
import { Plus } from "lucide-react";
import { useState } from "react";
import { useAccount, useMay } from "@/features/identity/account";
import { rolesQuery, usersQuery } from "@/features/identity/queries";
import { api, body } from "@/shared/api/client";
import type { User } from "@/shared/api/types";
import { ago } from "@/shared/lib/format";
import { Button } from "@/shared/ui/button";
import { Field } from "@/shared/ui/field";
import { FormDialog } from "@/shared/ui/form-dialog";
import { Table } from "@/shared/ui/table";
import { toast } from "@/shared/ui/toast";

type Asked = { what: "new" } | { what: "edit" | "password" | "delete"; user: User };

/** Everybody who may sign in. */
export function Users() {
  const users = useInfiniteQuery(usersQuery);
  const account = useAccount();
  const manages = useMay(undefined)("users.manage");
  const [asked, setAsked] = useState<Asked>();
  const client = useQueryClient();
  const reload = () => client.invalidateQueries({ queryKey: ["users"] });
  const close = () => setAsked(undefined);

  async function setDisabled(user: User, disabled: boolean) {
    try {
      await body(api.PATCH("/api/users/{user}", { params: { path: { user: user.id } }, body: { disabled } }));
      toast.done(disabled ? `${user.name} can't sign in any more` : `${user.name} can sign in again`);
    } catch (error) {
      toast.error(error, "It was not changed");
    }
    await reload();
  }

  return (
    <div className="space-y-4">
      {manages && (
        <Button look="primary" onClick={() => setAsked({ what: "new" })}>
          <Plus aria-hidden className="size-4" />
          New user
        </Button>
      )}
      <Table
        caption="Users"
        rows={users.data?.pages.flatMap((page) => page.items)}
        error={users.error}
        retry={() => void users.refetch()}
        keyOf={(user) => user.id}
        columns={[
          {
            title: "Name",
            cell: (user) => (
              <>
                {user.display_name} <span className="text-muted">{user.name}</span>
                {user.disabled && <span className="ml-2 text-danger">disabled</span>}
              </>
            ),
          },
          { title: "E-mail", cell: (user) => user.email ?? "" },
          { title: "Roles", cell: (user) => user.roles.join(", ") || "none" },
          { title: "Last signed in", cell: (user) => (user.signed_in_at ? ago(user.signed_in_at) : "never") },
          {
            title: "Change",
            quiet: true,
            right: true,
            cell: (user) =>
              manages && (
                <div className="flex justify-end gap-2">
                  <Button aria-label={`Edit ${user.name}`} onClick={() => setAsked({ what: "edit", user })}>
                    Edit
                  </Button>
                  <Button
                    aria-label={`Set a password for ${user.name}`}
                    onClick={() => setAsked({ what: "password", user })}
                  >
                    Password
                  </Button>
                  {user.name !== account.name && (
                    <>
                      <Button
                        aria-label={`${user.disabled ? "Enable" : "Disable"} ${user.name}`}
                        onClick={() => void setDisabled(user, !user.disabled)}
                      >
                        {user.disabled ? "Enable" : "Disable"}
                      </Button>
                      <Button
                        look="danger"
                        aria-label={`Delete ${user.name}`}
                        onClick={() => setAsked({ what: "delete", user })}
                      >
                        Delete
                      </Button>
                    </>
                  )}
                </div>
              ),
          },
        ]}
      />
      {users.hasNextPage && (
        <Button busy={users.isFetchingNextPage} onClick={() => void users.fetchNextPage()}>
          Show more
        </Button>
      )}
      {asked?.what === "new" && <NewUser onClose={close} onDone={reload} />}
      {asked?.what === "edit" && <EditUser user={asked.user} onClose={close} onDone={reload} />}
      {asked?.what === "password" && <SetPassword user={asked.user} onClose={close} />}
      {asked?.what === "delete" && <DeleteUser user={asked.user} onClose={close} onDone={reload} />}
    </div>
  );
}

interface DialogProps {
  onClose: () => void;
  onDone: () => Promise<void>;
}

function RoleBoxes({ chosen }: { chosen: readonly string[] }) {
  const roles = useQuery(rolesQuery);
  return (
    <fieldset>
      <legend className="text-sm font-medium">Roles</legend>
      {roles.data?.items.map((role) => (
        <label key={role.name} className="flex min-h-8 items-center gap-2 text-sm">
          <input
            type="checkbox"
            name="roles"
            value={role.name}
            defaultChecked={chosen.includes(role.name)}
            className="size-4 accent-accent"
          />
          {role.name} <span className="text-muted">{role.description}</span>
        </label>
      ))}
    </fieldset>
  );
}

const rolesIn = (data: FormData) => data.getAll("roles").map(String);
const optional = (data: FormData, name: string) => String(data.get(name) ?? "").trim() || null;

function NewUser({ onClose, onDone }: DialogProps) {
  return (
    <FormDialog
      title="New user"
      submit="Make user"
      onClose={onClose}
      send={async (data) => {
        const user = await body(
          api.POST("/api/users", {
            body: {
              name: String(data.get("name")),
              display_name: optional(data, "display_name"),
              email: optional(data, "email"),
              password: optional(data, "password"),
              roles: rolesIn(data),
            },
          }),
        );
        toast.done(`${user.name} was made`);
        await onDone();
      }}
    >
      {(errorAt) => (
        <>
          <Field label="Name" name="name" required autoFocus autoComplete="off" error={errorAt("/name")} />
          <Field label="Name that others see" name="display_name" error={errorAt("/display_name")} />
          <Field label="E-mail" name="email" type="email" error={errorAt("/email")} />
          <Field
            label="Password"
            name="password"
            type="password"
            autoComplete="new-password"
            minLength={8}
            required
            hint="At least 8 characters; they can change it in their profile."
            error={errorAt("/password")}
          />
          <RoleBoxes chosen={["developer"]} />
        </>
      )}
    </FormDialog>
  );
}

function EditUser({ user, onClose, onDone }: DialogProps & { user: User }) {
  return (
    <FormDialog
      title={`Edit ${user.name}`}
      submit="Save"
      onClose={onClose}
      send={async (data) => {
        const patch = {
          display_name: String(data.get("display_name")),
          email: optional(data, "email"),
          roles: rolesIn(data),
        };
        await body(api.PATCH("/api/users/{user}", { params: { path: { user: user.id } }, body: patch }));
        await onDone();
      }}
    >
      {(errorAt) => (
        <>
          <Field
            label="Name that others see"
            name="display_name"
            required
            defaultValue={user.display_name}
            error={errorAt("/display_name")}
          />
          <Field label="E-mail" name="email" type="email" defaultValue={user.email ?? ""} error={errorAt("/email")} />
          <RoleBoxes chosen={user.roles} />
        </>
      )}
    </FormDialog>
  );
}

function SetPassword({ user, onClose }: { user: User; onClose: () => void }) {
  return (
    <FormDialog
      title={`Set a password for ${user.name}`}
      submit="Set password"
      onClose={onClose}
      send={async (data) => {
        const password = String(data.get("password"));
        await body(api.PATCH("/api/users/{user}", { params: { path: { user: user.id } }, body: { password } }));
        toast.done(`${user.name} has a new password`);
      }}
    >
      {(errorAt) => (
        <Field
          label="New password"
          name="password"
          type="password"
          autoComplete="new-password"
          minLength={8}
          required
          autoFocus
          hint="At least 8 characters. Their sessions end."
          error={errorAt("/password")}
        />
      )}
    </FormDialog>
  );
}

function DeleteUser({ user, onClose, onDone }: DialogProps & { user: User }) {
  return (
    <FormDialog
      title={`Delete ${user.name}?`}
      submit="Delete"
      danger
      onClose={onClose}
      send={async () => {
        await body(api.DELETE("/api/users/{user}", { params: { path: { user: user.id } } }));
        toast.done(`${user.name} was deleted`);
        await onDone();
      }}
    >
      {() => (
        <p>
          Their sessions and tokens end and they are no member of any project any more. What they made stays. This can't
          be undone; to keep somebody out for a while, disable them instead.
        </p>
      )}
    </FormDialog>
  );
}
