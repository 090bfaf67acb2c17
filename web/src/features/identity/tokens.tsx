import { useQuery, useQueryClient } from "@tanstack/react-query";
import { KeyRound, Plus } from "lucide-react";
import { useState } from "react";
import { api, body } from "@/shared/api/client";
import type { IssuedToken, Token } from "@/shared/api/types";
import { ago, moment } from "@/shared/lib/format";
import { Button } from "@/shared/ui/button";
import { Dialog } from "@/shared/ui/dialog";
import { Empty } from "@/shared/ui/empty";
import { Field, SelectField } from "@/shared/ui/field";
import { FormDialog } from "@/shared/ui/form-dialog";
import { Page } from "@/shared/ui/page";
import { Table } from "@/shared/ui/table";
import { CopyButton, toast } from "@/shared/ui/toast";
import { useAccount } from "./account";
import { tokensQuery } from "./queries";

export function TokensPage({ projects }: { projects: readonly { id: string; name: string; title: string }[] }) {
  const tokens = useQuery(tokensQuery());
  const [making, setMaking] = useState(false);
  const [issued, setIssued] = useState<IssuedToken>();
  const [revoking, setRevoking] = useState<Token>();
  const client = useQueryClient();
  const reload = () => client.invalidateQueries({ queryKey: ["tokens"] });
  const make = (
    <Button look="primary" onClick={() => setMaking(true)}>
      <Plus aria-hidden className="size-4" />
      New token
    </Button>
  );
  const rows = tokens.data?.items;
  return (
    <Page title="Tokens" actions={rows && rows.length > 0 && make}>
      <p className="text-muted">
        A token lets a program act as you, within the limits that you give it. Use it as{" "}
        <code>Authorization: Bearer …</code> or with <code>castalia login --token</code>.
      </p>
      <Table
        caption="Your tokens"
        rows={rows}
        error={tokens.error}
        retry={() => void tokens.refetch()}
        keyOf={(token) => token.id}
        empty={
          <Empty icon={KeyRound} title="No tokens yet" action={make}>
            Make one for each program that shall work for you, so that you can take it back alone.
          </Empty>
        }
        columns={[
          { title: "Name", cell: (token) => token.name },
          { title: "May", cell: (token) => token.scopes?.join(", ") ?? "all that you may" },
          {
            title: "In",
            cell: (token) => projects.find(({ id }) => id === token.project)?.title ?? token.project ?? "all projects",
          },
          { title: "Last used", cell: (token) => (token.used_at ? ago(token.used_at) : "never") },
          { title: "Ends", cell: (token) => (token.expires_at ? moment(token.expires_at) : "never") },
          {
            title: "Revoke",
            quiet: true,
            right: true,
            cell: (token) => (
              <Button look="danger" aria-label={`Revoke ${token.name}`} onClick={() => setRevoking(token)}>
                Revoke
              </Button>
            ),
          },
        ]}
      />
      {making && (
        <NewToken
          projects={projects}
          onClose={() => setMaking(false)}
          onIssued={(token) => {
            setIssued(token);
            void reload();
          }}
        />
      )}
      {issued && <Issued token={issued} onClose={() => setIssued(undefined)} />}
      {revoking && (
        <FormDialog
          title={`Revoke ${revoking.name}?`}
          submit="Revoke"
          danger
          onClose={() => setRevoking(undefined)}
          send={async () => {
            await body(api.DELETE("/api/tokens/{token}", { params: { path: { token: revoking.id } } }));
            toast.done(`The token ${revoking.name} was revoked`);
            await reload();
          }}
        >
          {() => <p>Programs that use it are refused from now on. This can't be undone; make a new token instead.</p>}
        </FormDialog>
      )}
    </Page>
  );
}

const DAY = 86_400_000;

interface NewTokenProps {
  projects: readonly { id: string; name: string; title: string }[];
  onClose: () => void;
  onIssued: (token: IssuedToken) => void;
}

function NewToken({ projects, onClose, onIssued }: NewTokenProps) {
  const account = useAccount();
  const [limited, setLimited] = useState(false);
  return (
    <FormDialog
      title="New token"
      submit="Make token"
      onClose={onClose}
      send={async (data) => {
        const days = Number(data.get("days"));
        const scopes = String(data.get("scopes") ?? "").split(/[\s,]+/);
        const token = await body(
          api.POST("/api/tokens", {
            body: {
              name: String(data.get("name")),
              project: String(data.get("project")) || null,
              scopes: limited ? scopes.filter(Boolean) : null,
              expires_at: days > 0 ? new Date(Date.now() + days * DAY).toISOString() : null,
            },
          }),
        );
        onIssued(token);
      }}
    >
      {(errorAt) => (
        <>
          <Field
            label="Name"
            name="name"
            required
            autoFocus
            hint="What it is for: “nightly import”."
            error={errorAt("/name")}
          />
          <SelectField label="Project" name="project">
            <option value="">All projects of {account.display_name}</option>
            {projects.map(({ id, title }) => (
              <option key={id} value={id}>
                {title}
              </option>
            ))}
          </SelectField>
          <SelectField label="Ends" name="days" defaultValue="90">
            <option value="7">in 7 days</option>
            <option value="30">in 30 days</option>
            <option value="90">in 90 days</option>
            <option value="365">in a year</option>
            <option value="0">never</option>
          </SelectField>
          <SelectField
            label="It may do"
            value={limited ? "some" : "all"}
            onChange={(event) => setLimited(event.target.value === "some")}
          >
            <option value="all">all that you may do</option>
            <option value="some">only what you list</option>
          </SelectField>
          {limited && (
            <Field
              label="Permissions"
              name="scopes"
              required
              defaultValue="processes.view datasets.view"
              hint="With spaces between; processes.* means all of processes. You can give only what you have."
              error={errorAt("/scopes") ?? errorAt("/scopes/0")}
            />
          )}
        </>
      )}
    </FormDialog>
  );
}

/** The only time that the secret is shown. */
function Issued({ token, onClose }: { token: IssuedToken; onClose: () => void }) {
  return (
    <Dialog title={`The token ${token.name}`} onClose={onClose}>
      <p className="mb-3 text-sm">Copy it now: it is kept nowhere, and can't be shown again.</p>
      <p className="mb-4 rounded-md bg-hover p-2 wrap-anywhere">
        <CopyButton text={token.secret} label="Copy the token" />
      </p>
      <div className="flex justify-end">
        <Button look="primary" onClick={onClose}>
          I have it
        </Button>
      </div>
    </Dialog>
  );
}
