// What is shown before one is in: sign-in, first-run set-up, or that the server is away. It loads neither the
// router nor the query cache; the workbench is fetched while one types.

import { lazy, type ReactNode, Suspense, useCallback, useEffect, useState } from "react";
import { SignInForm } from "@/features/identity/sign-in";
import { api, body } from "@/shared/api/client";
import { Problem, sentence } from "@/shared/api/problem";
import type { Account } from "@/shared/api/types";
import { Button } from "@/shared/ui/button";
import { nextAddress } from "./next";

const loadWorkbench = () => import("./workbench");
const Workbench = lazy(loadWorkbench);
const SetUpForm = lazy(() => import("@/features/identity/set-up").then((m) => ({ default: m.SetUpForm })));

type Stage =
  | { at: "asking" }
  | { at: "sign-in" }
  | { at: "set-up" }
  | { at: "away"; error: unknown }
  | { at: "in"; account: Account };

async function ask(): Promise<Stage> {
  try {
    const account = await body(api.GET("/api/me"));
    const next = nextAddress();
    if (next === undefined) return { at: "in", account };
    // A page of a workspace had sent one here.
    location.replace(next);
    return { at: "asking" };
  } catch (error) {
    if (!(error instanceof Problem) || error.status !== 401) return { at: "away", error };
  }
  try {
    const { needed } = await body(api.GET("/api/setup"));
    return { at: needed ? "set-up" : "sign-in" };
  } catch (error) {
    return { at: "away", error };
  }
}

export function Gate() {
  const [stage, setStage] = useState<Stage>({ at: "asking" });
  const enter = useCallback(() => void ask().then(setStage), []);
  useEffect(() => {
    enter();
    void loadWorkbench();
  }, [enter]);

  switch (stage.at) {
    case "asking":
      return <Opening />;
    case "sign-in":
      return (
        <Card title="Sign in">
          <SignInForm onSignedIn={enter} />
        </Card>
      );
    case "set-up":
      return (
        <Card title="Welcome to Castalia">
          <Suspense>
            <SetUpForm token={new URLSearchParams(location.search).get("token") ?? ""} onSignedIn={enter} />
          </Suspense>
        </Card>
      );
    case "away":
      return (
        <Card title="Castalia can't be opened">
          <p role="alert" className="mb-4">
            {sentence(stage.error)}.
          </p>
          <Button look="primary" onClick={enter}>
            Try again
          </Button>
        </Card>
      );
    case "in":
      return (
        <Suspense fallback={<Opening />}>
          <Workbench account={stage.account} />
        </Suspense>
      );
  }
}

function Opening() {
  return (
    <p role="status" className="sr-only">
      Opening Castalia…
    </p>
  );
}

function Card({ title, children }: { title: string; children: ReactNode }) {
  useEffect(() => {
    document.title = `${title} · Castalia`;
  }, [title]);
  return (
    <main className="flex min-h-full flex-col items-center justify-center p-4">
      <div className="mb-6 flex items-center gap-3">
        <img src="favicon.svg" alt="" className="size-10" />
        <span className="text-xl font-semibold">Castalia</span>
      </div>
      <div className="card w-full max-w-sm p-6 shadow-sm">
        <h1 className="mb-4">{title}</h1>
        {children}
      </div>
    </main>
  );
}
