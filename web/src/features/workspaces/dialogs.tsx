import { useState } from "react";
import { api, body } from "@/shared/api/client";
import type { Service, Workspace } from "@/shared/api/types";
import { Button } from "@/shared/ui/button";
import { Dialog } from "@/shared/ui/dialog";
import { Field } from "@/shared/ui/field";
import { FormDialog } from "@/shared/ui/form-dialog";
import { ProfileChoice } from "./launcher";
import { localTimes } from "./place";
import { profileOf } from "./words";

interface Props {
  workspace: Workspace;
  onClose: () => void;
}

export function RenameDialog({ workspace, onDone, onClose }: Props & { onDone: (workspace: Workspace) => void }) {
  return (
    <FormDialog
      title={`Rename ${workspace.title}`}
      submit="Rename"
      onClose={onClose}
      send={async (data) => {
        const title = String(data.get("title")).trim();
        const params = { path: { workspace: workspace.id } };
        onDone(await body(api.PATCH("/api/workspaces/{workspace}", { params, body: { title } })));
      }}
    >
      {(errorAt) => (
        <Field
          label="Name"
          name="title"
          required
          autoFocus
          maxLength={100}
          defaultValue={workspace.title}
          error={errorAt("/title")}
          hint={`Its address stays: ${workspace.path}`}
        />
      )}
    </FormDialog>
  );
}

/** A deletion can't be taken back, so it takes two steps. */
export function DeleteDialog({ workspace, onDone, onClose }: Props & { onDone: () => void }) {
  return (
    <FormDialog
      title={`Delete ${workspace.title}?`}
      submit="Delete with all its files"
      danger
      onClose={onClose}
      send={async () => {
        await api.DELETE("/api/workspaces/{workspace}", { params: { path: { workspace: workspace.id } } });
        onDone();
      }}
    >
      {() => (
        <>
          <p className="text-sm">
            Its volume goes with it: every file that was made in this workspace, and its logs. Nobody can bring them
            back. What was uploaded to the project or written by processes stays.
          </p>
          <label className="flex items-start gap-2 text-sm">
            <input type="checkbox" required className="mt-0.5 size-4 shrink-0 accent-danger" />
            The files in this workspace are not needed any more.
          </label>
        </>
      )}
    </FormDialog>
  );
}

interface StopProps extends Props {
  verb: "Stop" | "Restart";
  onYes: () => void;
}

function WhatEnds({ workspace, also = "" }: { workspace: Workspace; also?: string }) {
  return (
    <div className="mb-4 space-y-2 text-sm">
      <p>Everything that runs in it ends: kernels, terminals, what is not saved. Its files stay{also}.</p>
      {workspace.idle && <p className="text-muted">Now: {localTimes(workspace.idle.text)}.</p>}
    </div>
  );
}

export function StopDialog({ workspace, verb, onYes, onClose }: StopProps) {
  return (
    <Dialog title={`${verb} ${workspace.title}?`} onClose={onClose}>
      <WhatEnds workspace={workspace} also={verb === "Stop" ? ", and it can be started again" : ""} />
      <div className="flex justify-end gap-2">
        <Button onClick={onClose}>Let it run</Button>
        <Button look="danger" onClick={onYes}>
          {verb}
        </Button>
      </div>
    </Dialog>
  );
}

export function TrustDialog({ workspace, onTrust, onClose }: Props & { onTrust: () => void }) {
  return (
    <Dialog title={`Open the workspace of ${workspace.owner_name}?`} onClose={onClose}>
      <p className="mb-4 text-sm">
        Its pages come from what {workspace.owner_name} runs in it. In your browser they can do what you can do here:
        see your data, change it, and sign with your name. Open it only if you trust {workspace.owner_name} and what is
        installed in it. You are asked once for each workspace.
      </p>
      <div className="flex justify-end gap-2">
        <Button onClick={onClose}>Cancel</Button>
        <Button look="primary" onClick={onTrust}>
          Trust it and open
        </Button>
      </div>
    </Dialog>
  );
}

interface StartProps extends Props {
  service: Service;
  verb?: "Start" | "Restart";
  onStart: (profile: string) => void;
}

export function StartDialog({ workspace, service, verb = "Start", onStart, onClose }: StartProps) {
  const [profile, setProfile] = useState(() => profileOf(service, workspace.profile)?.name ?? "");
  return (
    <Dialog title={`${verb} ${workspace.title}`} onClose={onClose}>
      <form
        className="space-y-4"
        onSubmit={(event) => {
          event.preventDefault();
          onStart(profile);
        }}
      >
        <ProfileChoice service={service} profile={profile} onProfile={setProfile} />
        {verb === "Restart" && <WhatEnds workspace={workspace} />}
        <div className="flex justify-end gap-2">
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" look="primary">
            {verb}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
