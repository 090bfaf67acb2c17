// An open notebook: the document, the connection, and one of the two ways to look at it.

import "./notebook.css";
import "./editor/editor.css";
import { lazy, Suspense, useCallback, useEffect, useMemo, useReducer, useState, useSyncExternalStore } from "react";
import { useAccount } from "@/features/identity/account";
import { sessionLost } from "@/shared/api/client";
import { Problem } from "@/shared/api/problem";
import type { ProjectView } from "@/shared/api/types";
import { Button } from "@/shared/ui/button";
import { Dialog } from "@/shared/ui/dialog";
import { ErrorBoundary } from "@/shared/ui/error-boundary";
import { Failure } from "@/shared/ui/failure";
import { SkeletonRows } from "@/shared/ui/skeleton";
import { toast } from "@/shared/ui/toast";
import { Banners } from "./banners";
import { Focus } from "./cells/focus";
import { ListView } from "./cells/list-view";
import { type Open, OpenContext } from "./context";
import { Commands } from "./model/commands";
import { NotebookSession } from "./model/session";
import type { Notebook } from "./queries";
import type { SidePart } from "./side/side";
import { ToolBar, type View } from "./tool-bar";
import { useNotebookActions } from "./use-notebook-actions";

const Side = lazy(() => import("./side/side"));
const CanvasView = lazy(() => import("./canvas/canvas-view").then((m) => ({ default: m.CanvasView })));

interface Props {
  project: ProjectView;
  notebook: Notebook;
  view: View;
  onView: (view: View) => void;
}

/** The session of a notebook while it is shown. */
function useSession({ id, may }: Notebook): NotebookSession | undefined {
  const { id: user, display_name: name } = useAccount();
  const [session, setSession] = useState<NotebookSession>();
  const { comment, run, edit } = may;
  useEffect(() => {
    const made = new NotebookSession(id, { id: user, name }, { comment, run, edit });
    setSession(made);
    void made.start();
    return () => {
      setSession(undefined);
      made.close();
    };
  }, [id, user, name, comment, run, edit]);
  return session;
}

export default function NotebookView(props: Props) {
  const session = useSession(props.notebook);
  return session ? <Live key={session.id} {...props} session={session} /> : <Loading />;
}

function Loading() {
  return (
    <div className="p-4">
      <SkeletonRows rows={5} className="h-16" />
    </div>
  );
}

function Live({ project, view, onView, session }: Props & { session: NotebookSession }) {
  const [, redraw] = useReducer((count: number) => count + 1, 0);
  useEffect(() => session.watch(redraw), [session]);
  const [restarting, setRestarting] = useState(false);
  const [side, setSide] = useState<SidePart>();
  const { turn } = session;
  const { may, provider } = session;
  const { edit: mayEdit, run: mayRun } = may;
  // A document that is loaded anew has parts of its own.
  // biome-ignore lint/correctness/useExhaustiveDependencies: `turn` stands for the document
  const parts = useMemo(() => {
    const focus = new Focus();
    return { focus, commands: new Commands(session, focus) };
  }, [session, turn]);
  const open = useMemo<Open>(
    () => ({ project, session, ...parts, mayEdit, mayRun, onSide: setSide }),
    [project, session, parts, mayEdit, mayRun],
  );
  const state = useSyncExternalStore(provider.watch, () => provider.state);
  const restart = useCallback(() => setRestarting(true), []);
  useNotices(session);
  useNotebookActions(open, { restart, view, onView, onSide: setSide });

  if (state.stop) {
    const { kind } = state.stop;
    if (kind === "signed-out") return <SignedOut session={session} />;
    if (kind === "forbidden") return <Gone text="You may no longer see this notebook." />;
    if (kind === "deleted") return <Gone text="This notebook has been deleted." />;
    if (kind === "too-big") return <Gone text="The last change was too large for the server: undo it, or split it." />;
  }
  return (
    <OpenContext value={open}>
      <div key={turn} className="flex h-full min-h-0 flex-col bg-page" data-notebook-link={state.link}>
        <ToolBar view={view} onView={onView} onRestart={restart} side={side} onSide={setSide} />
        <Banners />
        <div className="flex min-h-0 flex-1">
          <div className="min-w-0 flex-1">
            {!state.synced && state.link !== "offline" ? (
              <Loading />
            ) : (
              <ErrorBoundary>
                {view === "canvas" ? (
                  <Suspense fallback={<Loading />}>
                    <CanvasView onRestart={restart} />
                  </Suspense>
                ) : (
                  <ListView onRestart={restart} />
                )}
              </ErrorBoundary>
            )}
          </div>
          {side && state.synced && (
            <ErrorBoundary>
              <Suspense fallback={null}>
                <Side part={side} onPart={setSide} />
              </Suspense>
            </ErrorBoundary>
          )}
        </div>
      </div>
      {restarting && (
        <Dialog title="Restart the kernel?" onClose={() => setRestarting(false)}>
          <p className="mb-4 text-sm">
            All variables are lost, for everybody in this notebook, and what waits to run does not run. Texts and
            outputs stay.
          </p>
          <div className="flex justify-end gap-2">
            <Button onClick={() => setRestarting(false)}>Cancel</Button>
            <Button
              look="danger"
              onClick={() => {
                setRestarting(false);
                void parts.commands.restart();
              }}
            >
              Restart
            </Button>
          </div>
        </Dialog>
      )}
    </OpenContext>
  );
}

function Gone({ text }: { text: string }) {
  return (
    <div className="p-4">
      <Failure error={new Problem(403, "gone", text)} />
    </div>
  );
}

/** The app's own dialog asks for the password; a new connection is tried afterwards. */
function SignedOut({ session }: { session: NotebookSession }) {
  useEffect(() => sessionLost(), []);
  return (
    <div className="space-y-3 p-4">
      <p>Your session has ended. What you wrote is kept on this computer.</p>
      <Button onClick={() => session.again()}>Connect again</Button>
    </div>
  );
}

/** What the server has to say to the people in a notebook. */
function useNotices(session: NotebookSession) {
  useEffect(
    () =>
      session.comms.listen(({ channel, method, message }) => {
        if (channel !== "notebook" || method !== "notice") return;
        const { level, text } = (message ?? {}) as { level?: string; text?: string };
        if (!text) return;
        if (level === "error") toast.error(new Error(text));
        else if (level === "warn" || level === "warning") toast.warn(text);
        else toast.done(text);
      }),
    [session],
  );
}
