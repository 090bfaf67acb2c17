import { useMutation, useQuery } from "@tanstack/react-query";
import { X } from "lucide-react";
import { type FormEvent, useState } from "react";
import { useMay } from "@/features/identity/account";
import { membersQuery, projectsQuery } from "@/features/projects/queries";
import { api, body } from "@/shared/api/client";
import { sentence } from "@/shared/api/problem";
import type { Workspace } from "@/shared/api/types";
import { Button } from "@/shared/ui/button";
import { Dialog } from "@/shared/ui/dialog";
import { Field, inputClass, SelectField } from "@/shared/ui/field";
import { Skeleton } from "@/shared/ui/skeleton";
import { toast } from "@/shared/ui/toast";
import { useTake } from "./use-take";

type Level = Workspace["shares"][number]["level"];

const levels: Record<Level, string> = { view: "see it", use: "open and use it" };

function useSharing(workspace: Workspace) {
  const take = useTake();
  const params = (user: string) => ({ params: { path: { workspace: workspace.id, user } } });
  const path = "/api/workspaces/{workspace}/shares/{user}";
  const share = useMutation({
    mutationFn: ({ user, level }: { user: string; level: Level }) =>
      body(api.PUT(path, { ...params(user), body: { level } })),
    onSuccess: take,
  });
  const unshare = useMutation({
    mutationFn: (user: string) => body(api.DELETE(path, params(user))),
    onSuccess: take,
    onError: (error) => toast.error(error, "The share was not taken away"),
  });
  return { share, unshare };
}

/** With whom it is shared; each share can be changed and taken away. */
export function Shares({ workspace }: { workspace: Workspace }) {
  const { share, unshare } = useSharing(workspace);
  if (workspace.shares.length === 0) return <p className="text-sm text-muted">It is shared with nobody.</p>;
  return (
    <ul aria-label="Shares" className="space-y-1.5">
      {workspace.shares.map(({ user, name, level }) => (
        <li key={user} className="flex flex-wrap items-center gap-2 text-sm">
          <span className="min-w-24 flex-1 font-medium">{name}</span>
          <select
            aria-label={`What ${name} may do`}
            className={`${inputClass} w-auto!`}
            value={level}
            onChange={({ target }) =>
              share.mutate(
                { user, level: target.value as Level },
                { onError: (error) => toast.error(error, "The share was not changed") },
              )
            }
          >
            {Object.entries(levels).map(([level, words]) => (
              <option key={level} value={level}>
                may {words}
              </option>
            ))}
          </select>
          <Button look="quiet" aria-label={`Take the share of ${name} away`} onClick={() => unshare.mutate(user)}>
            <X aria-hidden className="size-4" />
          </Button>
        </li>
      ))}
    </ul>
  );
}

/** Shares with a member of the project. */
export function ShareDialog({ workspace, onClose }: { workspace: Workspace; onClose: () => void }) {
  const { share } = useSharing(workspace);
  const [level, setLevel] = useState<Level>("use");
  const { candidates, loading } = useCandidates(workspace);
  function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const form = event.currentTarget;
    const user = String(new FormData(form).get("user")).trim();
    share.mutate({ user, level }, { onSuccess: () => form.reset() });
  }
  return (
    <Dialog title={`Share ${workspace.title}`} onClose={onClose}>
      <div className="space-y-4">
        <Shares workspace={workspace} />
        <form className="space-y-3 border-t border-line pt-3" onSubmit={submit}>
          {loading ? (
            <Skeleton className="h-16 w-full" />
          ) : candidates ? (
            <SelectField label="Member" name="user" required>
              {candidates.map(({ name, display_name }) => (
                <option key={name} value={name}>
                  {display_name === name ? name : `${display_name} (${name})`}
                </option>
              ))}
            </SelectField>
          ) : (
            <Field label="Member" name="user" required autoFocus hint="The name with which one signs in." />
          )}
          <SelectField
            label="May"
            value={level}
            hint={
              level === "use"
                ? "Whoever opens it acts in it as you: with your files, your kernels, your terminal."
                : "State, stages and log, without opening it."
            }
            onChange={({ target }) => setLevel(target.value as Level)}
          >
            {Object.entries(levels).map(([level, words]) => (
              <option key={level} value={level}>
                {words}
              </option>
            ))}
          </SelectField>
          {share.error && (
            <p role="alert" className="text-sm text-danger">
              {sentence(share.error)}
            </p>
          )}
          {candidates?.length === 0 && (
            <p className="text-sm text-muted">Everybody in this project has it already, or nobody else is a member.</p>
          )}
          <div className="flex justify-end gap-2">
            <Button onClick={onClose}>Done</Button>
            <Button type="submit" look="primary" busy={share.isPending} disabled={loading || candidates?.length === 0}>
              Share
            </Button>
          </div>
        </form>
      </div>
    </Dialog>
  );
}

/** Members who do not have it yet; undefined when one may not see who is one. */
function useCandidates(workspace: Workspace) {
  const may = useMay(workspace.project)("members.view");
  const projects = useQuery(projectsQuery);
  const project = projects.data?.items.find(({ id }) => id === workspace.project)?.name;
  const members = useQuery({ ...membersQuery(project ?? ""), enabled: may && project !== undefined });
  const candidates = members.data?.items.filter(
    ({ user }) => user !== workspace.owner && workspace.shares.every((share) => share.user !== user),
  );
  return { candidates, loading: may && (projects.isPending || members.isLoading) };
}
