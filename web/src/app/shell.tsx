import { useQueryClient, useSuspenseQuery } from "@tanstack/react-query";
import { Link, Outlet, useParams } from "@tanstack/react-router";
import { Coins, Database, House, type LucideIcon, Workflow } from "lucide-react";
import { Suspense } from "react";
import { AccountMenu, SessionGuard, useMay } from "@/features/identity/account";
import { projectQuery } from "@/features/projects/queries";
import { ProjectSwitcher } from "@/features/projects/switcher";
import { Skeleton } from "@/shared/ui/skeleton";
import { Toasts } from "@/shared/ui/toast";
import { ConnectionBanner } from "./banner";
import { stale, useProjectFeed } from "./feed";

/** What is around every screen. */
export function Shell() {
  const { project } = useParams({ strict: false });
  const client = useQueryClient();
  return (
    <div className="flex h-full flex-col">
      {/* A button: a link to #main would be relative to <base>. */}
      <button
        type="button"
        className="sr-only focus:not-sr-only focus:absolute focus:z-50 focus:m-2 focus:rounded focus:bg-surface focus:p-2"
        onClick={() => document.getElementById("main")?.focus()}
      >
        Skip to the content
      </button>
      <header className="flex min-h-14 items-center gap-2 border-b border-line bg-surface px-4">
        <Link to="/" className="flex items-center gap-2 rounded font-semibold" aria-label="Castalia, start">
          <img src="favicon.svg" alt="" className="size-7" />
          <span className="hidden sm:inline">Castalia</span>
        </Link>
        <Suspense fallback={<Skeleton className="h-8 w-40" />}>
          <ProjectSwitcher current={project} />
        </Suspense>
        <div className="flex-1" />
        <AccountMenu />
      </header>
      <ConnectionBanner />
      <div className="flex min-h-0 flex-1 flex-col md:flex-row">
        {project && <Navigation project={project} />}
        <main id="main" tabIndex={-1} className="min-h-0 min-w-0 flex-1 overflow-auto outline-none">
          <Outlet />
        </main>
      </div>
      <Toasts />
      <SessionGuard onBack={() => stale(client)} />
    </div>
  );
}

function Navigation({ project }: { project: string }) {
  return (
    <nav
      aria-label="Project"
      className="flex shrink-0 gap-1 overflow-x-auto border-line p-2 max-md:border-b md:w-48 md:flex-col md:border-r"
    >
      <Item to="/projects/$project" project={project} icon={House} label="Home" exact />
      <Item to="/projects/$project/processes" project={project} icon={Workflow} label="Processes" />
      <Item to="/projects/$project/data" project={project} icon={Database} label="Data" />
      <Item to="/projects/$project/ledger" project={project} icon={Coins} label="Ledger" />
    </nav>
  );
}

interface ItemProps {
  to: "/projects/$project" | "/projects/$project/processes" | "/projects/$project/data" | "/projects/$project/ledger";
  project: string;
  icon: LucideIcon;
  label: string;
  exact?: boolean;
}

function Item({ to, project, icon: Icon, label, exact = false }: ItemProps) {
  return (
    <Link
      to={to}
      params={{ project }}
      activeOptions={{ exact }}
      className="flex min-h-9 items-center gap-2.5 rounded-md px-3 text-sm hover:bg-hover aria-[current=page]:bg-accent-soft aria-[current=page]:font-semibold"
    >
      <Icon aria-hidden className="size-4" />
      {label}
    </Link>
  );
}

/** Around the screens of one project: it follows the project's events. */
export function ProjectFrame({ name }: { name: string }) {
  const project = useSuspenseQuery(projectQuery(name)).data;
  const may = useMay(project.id);
  useProjectFeed(project);
  return (
    <>
      {project.archived && (
        <p className="bg-warn-soft px-4 py-2 text-sm text-warn">
          This project is archived: it can be looked at, and nothing in it can be changed or run.
          {may("projects.manage") && " A manager of it can bring it back."}
        </p>
      )}
      <Outlet />
    </>
  );
}
