import { useQuery, useQueryClient, useSuspenseQuery } from "@tanstack/react-query";
import { Link, Outlet, useMatches, useParams } from "@tanstack/react-router";
import { Suspense } from "react";
import { AccountMenu, SessionGuard, useAccount, useMay } from "@/features/identity/account";
import { projectQuery } from "@/features/projects/queries";
import { ProjectSwitcher } from "@/features/projects/switcher";
import { keysText } from "@/shared/actions/keys";
import { may } from "@/shared/lib/permissions";
import { menuItemClass } from "@/shared/ui/disclosure";
import { Skeleton } from "@/shared/ui/skeleton";
import { Toasts } from "@/shared/ui/toast";
import { ConnectionBanner } from "./banner";
import { stale, useProjectFeed, useUserFeed } from "./feed";
import { Frame, FrameItems, SearchButton } from "./frame";
import { accountNav, projectNav } from "./nav";

/** What is around every screen. */
export function Shell() {
  const { project } = useParams({ strict: false });
  const client = useQueryClient();
  const account = useAccount();
  useUserFeed(account.id);
  const bare = useMatches({ select: (matches) => matches.some(({ staticData }) => staticData.bare) });
  if (bare) {
    return (
      <div className="flex h-full flex-col">
        <ConnectionBanner />
        <main id="main" tabIndex={-1} className="min-h-0 flex-1 outline-none">
          <Outlet />
        </main>
        <Frame project={project} bare />
        <Toasts />
        <SessionGuard onBack={() => stale(client)} />
      </div>
    );
  }
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
        <div data-tour="projects">
          <Suspense fallback={<Skeleton className="h-8 w-40" />}>
            <ProjectSwitcher current={project} />
          </Suspense>
        </div>
        <div className="flex-1" />
        <SearchButton />
        <AccountMenu>
          {(close) => (
            <>
              {accountNav
                .filter(({ permission }) => !permission || may(account, undefined, permission))
                .map(({ to, label, icon: Icon }) => (
                  <Link key={to} to={to} className={menuItemClass} onClick={close}>
                    <Icon aria-hidden className="size-4" />
                    {label}
                  </Link>
                ))}
              <FrameItems close={close} />
            </>
          )}
        </AccountMenu>
      </header>
      <ConnectionBanner />
      <div className="flex min-h-0 flex-1 flex-col md:flex-row">
        {project && <Navigation project={project} />}
        <main id="main" tabIndex={-1} className="min-h-0 min-w-0 flex-1 overflow-auto outline-none">
          <Outlet />
        </main>
      </div>
      <Frame project={project} />
      <Toasts />
      <SessionGuard onBack={() => stale(client)} />
    </div>
  );
}

function Navigation({ project: name }: { project: string }) {
  // A project that is not there is told by its page, with the shell around it.
  const project = useQuery(projectQuery(name)).data;
  const mayHere = useMay(project?.id);
  if (!project) return <div className="shrink-0 md:w-44" />;
  return (
    <nav
      aria-label="Project"
      className="flex shrink-0 gap-1 overflow-x-auto border-line p-2 max-md:border-b md:w-44 md:flex-col md:border-r"
    >
      {projectNav
        .filter(({ permission }) => !permission || mayHere(permission))
        .map(({ to, label, icon: Icon, exact = false, keys }) => (
          <Link
            key={to}
            to={to}
            params={{ project: name }}
            activeOptions={{ exact, includeSearch: false }}
            data-tour={`nav-${label}`}
            title={keys && `${label} (${keysText(keys)})`}
            className="flex min-h-9 items-center gap-2.5 rounded-md px-3 text-sm hover:bg-hover aria-[current=page]:bg-accent-soft aria-[current=page]:font-semibold"
          >
            <Icon aria-hidden className="size-4" />
            {label}
          </Link>
        ))}
    </nav>
  );
}

/** Around the screens of one project: it follows the project's events. */
export function ProjectFrame({ name }: { name: string }) {
  const project = useSuspenseQuery(projectQuery(name)).data;
  const mayHere = useMay(project.id);
  useProjectFeed(project, useAccount().id);
  return (
    <>
      {project.archived && (
        <p className="bg-warn-soft px-4 py-2 text-sm text-warn">
          This project is archived: it can be looked at, and nothing in it can be changed or run.
          {mayHere("projects.manage") && " A manager of it can bring it back."}
        </p>
      )}
      <Outlet />
    </>
  );
}
