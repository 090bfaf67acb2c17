import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { api, body } from "@/shared/api/client";
import { Problem, sentence } from "@/shared/api/problem";
import type { Session } from "@/shared/api/types";
import { ago, moment } from "@/shared/lib/format";
import { Button } from "@/shared/ui/button";
import { Field } from "@/shared/ui/field";
import { Page } from "@/shared/ui/page";
import { Table } from "@/shared/ui/table";
import { toast } from "@/shared/ui/toast";
import { useAccount } from "./account";
import { sessionsQuery } from "./queries";

export function ProfilePage() {
  return (
    <Page title="Profile">
      <div className="grid items-start gap-5 lg:grid-cols-2">
        <AboutYou />
        <Password />
      </div>
      <Sessions />
    </Page>
  );
}

const text = (data: FormData, name: string) => String(data.get(name) ?? "").trim();

function AboutYou() {
  const account = useAccount();
  const client = useQueryClient();
  const save = useMutation({
    mutationFn: (data: FormData) =>
      body(
        api.PATCH("/api/me", {
          body: { display_name: text(data, "display_name"), email: text(data, "email") || null },
        }),
      ),
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: ["me"] });
      toast.done("Your profile was saved");
    },
  });
  const errors = save.error instanceof Problem ? save.error.fields : [];
  const errorAt = (path: string) => errors.find((field) => field.path === path)?.message;
  return (
    <form
      className="card space-y-4 p-4"
      aria-labelledby="about-you"
      onSubmit={(event: FormEvent<HTMLFormElement>) => {
        event.preventDefault();
        save.mutate(new FormData(event.currentTarget));
      }}
    >
      <h2 id="about-you">About you</h2>
      <p className="text-sm text-muted">
        You are <strong>{account.name}</strong>
        {account.roles.length > 0 && `, with the ${account.roles.length === 1 ? "role" : "roles"} `}
        {account.roles.join(", ")}.
      </p>
      <Field
        label="Name that others see"
        name="display_name"
        required
        maxLength={100}
        defaultValue={account.display_name}
        error={errorAt("/display_name")}
      />
      <Field
        label="E-mail"
        name="email"
        type="email"
        autoComplete="email"
        defaultValue={account.email ?? ""}
        error={errorAt("/email")}
      />
      {save.error && errors.length === 0 && (
        <p role="alert" className="text-sm text-danger">
          {sentence(save.error)}
        </p>
      )}
      <Button type="submit" look="primary" busy={save.isPending}>
        Save
      </Button>
    </form>
  );
}

function Password() {
  const [differ, setDiffer] = useState(false);
  const change = useMutation({
    mutationFn: (data: FormData) =>
      body(
        api.PATCH("/api/me", {
          body: { current_password: String(data.get("current")), password: String(data.get("password")) },
        }),
      ),
  });
  const errors = change.error instanceof Problem ? change.error.fields : [];
  const errorAt = (path: string) => errors.find((field) => field.path === path)?.message;
  return (
    <form
      className="card space-y-4 p-4"
      aria-labelledby="password"
      onSubmit={(event: FormEvent<HTMLFormElement>) => {
        event.preventDefault();
        const form = event.currentTarget;
        const data = new FormData(form);
        const same = data.get("password") === data.get("again");
        setDiffer(!same);
        if (!same) return;
        change.mutate(data, {
          onSuccess: () => {
            form.reset();
            toast.done("Your password was changed");
          },
        });
      }}
    >
      <h2 id="password">Password</h2>
      <Field
        label="Present password"
        name="current"
        type="password"
        required
        autoComplete="current-password"
        error={errorAt("/current_password")}
      />
      <Field
        label="New password"
        name="password"
        type="password"
        required
        minLength={8}
        hint="At least 8 characters."
        autoComplete="new-password"
        error={errorAt("/password")}
      />
      <Field
        label="New password again"
        name="again"
        type="password"
        required
        autoComplete="new-password"
        error={differ ? "The two passwords differ." : undefined}
      />
      {change.error && errors.length === 0 && (
        <p role="alert" className="text-sm text-danger">
          {sentence(change.error)}
        </p>
      )}
      <Button type="submit" busy={change.isPending}>
        Change password
      </Button>
    </form>
  );
}

/** The browser's name out of a `User-Agent`, which always claims to be several. */
export function browserOf(agent: string | null | undefined): string {
  if (!agent) return "Unknown program";
  const known = /(Edg|OPR|Firefox|Chrome|Safari|curl|python-requests)\/(\d+)?/;
  const [, name = "", version = ""] = known.exec(agent) ?? [];
  const system = /Windows|Mac OS X|Android|iPhone|Linux/.exec(agent)?.[0];
  const word = { Edg: "Edge", OPR: "Opera" }[name] ?? name;
  return [word ? `${word} ${version}`.trim() : agent.slice(0, 40), system && `on ${system}`].filter(Boolean).join(" ");
}

function Sessions() {
  const sessions = useQuery(sessionsQuery);
  const client = useQueryClient();
  const end = useMutation({
    mutationFn: (session: Session) =>
      body(api.DELETE("/api/sessions/{session}", { params: { path: { session: session.id } } })),
    onSuccess: () => toast.done("That session was ended"),
    onError: (error) => toast.error(error, "The session was not ended"),
    onSettled: () => client.invalidateQueries({ queryKey: ["sessions"] }),
  });
  return (
    <section className="space-y-3" aria-labelledby="sessions">
      <h2 id="sessions">Where you are signed in</h2>
      <Table
        caption="Sessions"
        rows={sessions.data?.items}
        error={sessions.error}
        retry={() => void sessions.refetch()}
        keyOf={(session) => session.id}
        columns={[
          {
            title: "Browser",
            cell: (session) => (
              <>
                {browserOf(session.agent)}
                {session.current && <span className="ml-2 text-muted">(this one)</span>}
              </>
            ),
          },
          { title: "From", cell: (session) => session.address ?? "" },
          { title: "Last seen", cell: (session) => ago(session.seen_at) },
          { title: "Signed in", cell: (session) => moment(session.created_at) },
          {
            title: "End it",
            quiet: true,
            right: true,
            cell: (session) =>
              !session.current && (
                <Button
                  busy={end.isPending && end.variables.id === session.id}
                  aria-label={`End the session of ${browserOf(session.agent)} since ${moment(session.created_at)}`}
                  onClick={() => end.mutate(session)}
                >
                  End
                </Button>
              ),
          },
        ]}
      />
    </section>
  );
}
