// Every screen has an address; what is chosen on it (version, tab, type) stands in the search part.

import { type QueryClient, useSuspenseQuery } from "@tanstack/react-query";
import {
  createRootRouteWithContext,
  createRoute,
  createRouter,
  Link,
  redirect,
  useParams,
} from "@tanstack/react-router";
import { lazy } from "react";
import { isAdminTab } from "@/features/admin/tabs";
import type { AuditFilter } from "@/features/identity/queries";
import type { Tab } from "@/features/processes/detail-page";
import type { ListSearch } from "@/features/processes/list-page";
import { projectQuery, projectsQuery } from "@/features/projects/queries";
import { choiceFrom } from "@/features/storage/browse/choice";
import { base } from "@/shared/api/client";
import type { ProjectView } from "@/shared/api/types";
import type { Settings } from "@/shared/panels/panel";
import { Failure } from "@/shared/ui/failure";
import { Page } from "@/shared/ui/page";
import { SkeletonRows } from "@/shared/ui/skeleton";
import { isState } from "@/shared/ui/state";
import type { BenchSearch } from "./bench/bench-page";
import type { SoloSearch } from "./bench/solo-page";
import { ProjectFrame, Shell } from "./shell";
import { ProcessNeighbours } from "./slots";

const HomePage = lazy(() => import("./home-page").then((module) => ({ default: module.HomePage })));
const NoProjectPage = lazy(() => import("./home-page").then((module) => ({ default: module.NoProjectPage })));
const LedgerPage = lazy(() => import("@/features/projects/ledger").then((m) => ({ default: m.LedgerPage })));
const DataPage = lazy(() => import("@/features/storage/data-page").then((m) => ({ default: m.DataPage })));
const DataItemPage = lazy(() =>
  import("@/features/storage/data-item-page").then((module) => ({ default: module.DataItemPage })),
);
const FiguresPage = lazy(() =>
  import("@/features/plots/figures/list-page").then((module) => ({ default: module.FiguresPage })),
);
const FigurePage = lazy(() => import("./figure-page").then((module) => ({ default: module.FigurePage })));
const FlowPage = lazy(() => import("@/features/flow/flow-page").then((m) => ({ default: m.FlowPage })));
const ProcessListPage = lazy(() =>
  import("@/features/processes/list-page").then((module) => ({ default: module.ProcessListPage })),
);
const ProcessPage = lazy(() =>
  import("@/features/processes/detail-page").then((module) => ({ default: module.ProcessPage })),
);
const NewProcessPage = lazy(() =>
  import("@/features/processes/new-page").then((module) => ({ default: module.NewProcessPage })),
);

const BenchPage = lazy(() => import("./bench/bench-page").then((module) => ({ default: module.BenchPage })));
const SoloPage = lazy(() => import("./bench/solo-page").then((module) => ({ default: module.SoloPage })));
const MembersPage = lazy(() => import("@/features/projects/members").then((m) => ({ default: m.MembersPage })));
const SettingsPage = lazy(() => import("@/features/projects/settings").then((m) => ({ default: m.SettingsPage })));
const AuditTrail = lazy(() => import("@/features/identity/audit").then((m) => ({ default: m.AuditTrail })));
const ProfilePage = lazy(() => import("@/features/identity/profile").then((m) => ({ default: m.ProfilePage })));
const TokensPage = lazy(() => import("@/features/identity/tokens").then((m) => ({ default: m.TokensPage })));
const loadNotebooks = () => import("@/features/notebooks/notebook-screens");
const NotebooksPage = lazy(() => loadNotebooks().then((m) => ({ default: m.NotebooksPage })));
const NotebookPage = lazy(() => loadNotebooks().then((m) => ({ default: m.NotebookPage })));
const WorkspacesPage = lazy(() => import("@/features/workspaces/screens").then((m) => ({ default: m.WorkspacesPage })));
const WorkspacePage = lazy(() => import("@/features/workspaces/screens").then((m) => ({ default: m.WorkspacePage })));
const AdminPage = lazy(() => import("@/features/admin/admin-page").then((m) => ({ default: m.AdminPage })));

const LAST = "castalia.project";

const text = (value: unknown) => (typeof value === "string" && value !== "" ? value : undefined);
const count = (value: unknown) => (Number.isInteger(value) && Number(value) > 0 ? Number(value) : undefined);
const index = (value: unknown) => (Number.isInteger(value) && Number(value) >= 0 ? Number(value) : undefined);
const tabs: readonly Tab[] = ["outputs", "log", "parameters", "compare"];
const isTab = (value: unknown): value is Tab => tabs.some((tab) => tab === value);

const root = createRootRouteWithContext<{ client: QueryClient }>()({ component: Shell });

const start = createRoute({
  getParentRoute: () => root,
  path: "/",
  // The project one was in last, else the first.
  beforeLoad: async ({ context }) => {
    const { items } = await context.client.ensureQueryData(projectsQuery);
    const last = localStorage.getItem(LAST);
    const project = items.find(({ name }) => name === last) ?? items[0];
    if (project) throw redirect({ to: "/projects/$project", params: { project: project.name }, replace: true });
  },
  component: NoProjectPage,
});

const project = createRoute({
  getParentRoute: () => root,
  path: "projects/$project",
  loader: async ({ context, params }) => {
    await context.client.ensureQueryData(projectQuery(params.project));
    localStorage.setItem(LAST, params.project);
  },
  component: function Project() {
    const { project: name } = project.useParams();
    return <ProjectFrame key={name} name={name} />;
  },
});

/** The project that the address names; its route has loaded it. */
function useProject(): ProjectView {
  const name = useParams({ from: "/projects/$project" }).project;
  return useSuspenseQuery(projectQuery(name)).data;
}

const home = createRoute({
  getParentRoute: () => project,
  path: "/",
  component: () => <HomePage project={useProject()} />,
});

const processes = createRoute({
  getParentRoute: () => project,
  path: "processes",
  validateSearch: (search): ListSearch => ({
    state: isState(search.state) ? search.state : undefined,
    type: text(search.type),
    q: text(search.q),
  }),
  component: () => <ProcessListPage project={useProject()} search={processes.useSearch()} />,
});

const process = createRoute({
  getParentRoute: () => project,
  path: "processes/$process",
  validateSearch: (search): { version?: number; tab?: Tab; compare?: number; line?: number } => ({
    version: count(search.version),
    tab: isTab(search.tab) ? search.tab : undefined,
    compare: count(search.compare),
    line: count(search.line),
  }),
  component: function Process() {
    const { process: id } = process.useParams();
    const project = useProject();
    const after = <ProcessNeighbours project={project} process={id} />;
    return <ProcessPage key={id} {...process.useSearch()} project={project} id={id} after={after} />;
  },
});

const flow = createRoute({
  getParentRoute: () => project,
  path: "flow",
  validateSearch: (search): { process?: string } => ({ process: text(search.process) }),
  component: function Flow() {
    return <FlowPage project={useProject()} process={flow.useSearch().process} />;
  },
});

const fresh = createRoute({
  getParentRoute: () => project,
  path: "new",
  validateSearch: (search): { type?: string; example?: number; from?: string; version?: number } => ({
    type: text(search.type),
    example: index(search.example),
    from: text(search.from),
    version: count(search.version),
  }),
  component: function New() {
    return <NewProcessPage {...fresh.useSearch()} project={useProject()} />;
  },
});

const data = createRoute({
  getParentRoute: () => project,
  path: "data",
  validateSearch: choiceFrom,
  component: () => <DataPage project={useProject()} />,
});

const item = createRoute({
  getParentRoute: () => project,
  path: "data/$data",
  component: function Item() {
    const { data: id } = item.useParams();
    return <DataItemPage key={id} project={useProject()} id={id} />;
  },
});

const figures = createRoute({
  getParentRoute: () => project,
  path: "figures",
  component: () => <FiguresPage project={useProject()} />,
});

const figure = createRoute({
  getParentRoute: () => project,
  path: "figures/$figure",
  validateSearch: (search): { data?: string; kind?: "map" } => ({
    data: text(search.data),
    ...(search.kind === "map" && { kind: "map" as const }),
  }),
  component: function Figure() {
    const { figure: id } = figure.useParams();
    const { data: of, kind } = figure.useSearch();
    return <FigurePage key={`${id} ${kind} ${of}`} project={useProject()} id={id} data={of} kind={kind} />;
  },
});

const notebooks = createRoute({
  getParentRoute: () => project,
  path: "notebooks",
  component: () => <NotebooksPage project={useProject()} />,
});

const notebook = createRoute({
  getParentRoute: () => project,
  path: "notebooks/$notebook",
  // What one points at comes before the click, and beside the project on a page that is opened anew.
  loader: ({ context, params }) => {
    loadNotebooks().then(
      (m) => m.warm(context.client, params.notebook),
      () => {},
    );
  },
  component: function Notebook() {
    const { notebook: id } = notebook.useParams();
    return <NotebookPage key={id} project={useProject()} id={id} />;
  },
});

const workspaces = createRoute({
  getParentRoute: () => project,
  path: "workspaces",
  component: () => <WorkspacesPage project={useProject()} />,
});

const workspace = createRoute({
  getParentRoute: () => project,
  path: "workspaces/$workspace",
  component: function Workspace() {
    const { workspace: id } = workspace.useParams();
    return <WorkspacePage key={id} project={useProject()} id={id} />;
  },
});

const ledger = createRoute({
  getParentRoute: () => project,
  path: "ledger",
  component: () => <LedgerPage project={useProject().name} />,
});

const bench = createRoute({
  getParentRoute: () => project,
  path: "bench",
  validateSearch: (search): BenchSearch => ({
    layout: text(search.layout),
    process: text(search.process),
    version: count(search.version),
    data: text(search.data),
    dock: text(search.dock),
    workspace: text(search.workspace),
  }),
  component: () => <BenchPage project={useProject()} search={bench.useSearch()} />,
});

const panel = createRoute({
  getParentRoute: () => project,
  path: "panel/$widget",
  validateSearch: (search): SoloSearch => ({
    settings:
      typeof search.settings === "object" && search.settings !== null && !Array.isArray(search.settings)
        ? (search.settings as Settings)
        : undefined,
    window: text(search.window),
    name: text(search.name),
  }),
  // The shell stays away.
  staticData: { bare: true },
  component: function Panel() {
    const { widget } = panel.useParams();
    return <SoloPage project={useProject()} widget={widget} search={panel.useSearch()} />;
  },
});

const members = createRoute({
  getParentRoute: () => project,
  path: "members",
  component: () => <MembersPage project={useProject()} />,
});

const settings = createRoute({
  getParentRoute: () => project,
  path: "settings",
  component: () => <SettingsPage key={useProject().id} project={useProject()} />,
});

const auditFilter = (search: Record<string, unknown>): AuditFilter => ({
  actor: text(search.actor),
  type: text(search.type),
});

const audit = createRoute({
  getParentRoute: () => project,
  path: "audit",
  validateSearch: auditFilter,
  component: function Audit() {
    const filter = audit.useSearch();
    const navigate = audit.useNavigate();
    const { name, title } = useProject();
    return (
      <Page title="Audit">
        <p className="text-muted">Everything that was changed in {title}, and who did it.</p>
        <AuditTrail
          key={JSON.stringify(filter)}
          project={name}
          filter={filter}
          onFilter={(search) => void navigate({ search })}
        />
      </Page>
    );
  },
});

const profile = createRoute({ getParentRoute: () => root, path: "profile", component: () => <ProfilePage /> });

const tokens = createRoute({
  getParentRoute: () => root,
  path: "tokens",
  loader: ({ context }) => context.client.ensureQueryData(projectsQuery),
  component: () => <TokensPage projects={useSuspenseQuery(projectsQuery).data.items} />,
});

const administration = createRoute({
  getParentRoute: () => root,
  path: "admin",
  beforeLoad: () => {
    throw redirect({ to: "/admin/$tab", params: { tab: "users" }, replace: true });
  },
});

const administrationTab = createRoute({
  getParentRoute: () => root,
  path: "admin/$tab",
  validateSearch: auditFilter,
  component: function Administration() {
    const { tab } = administrationTab.useParams();
    const filter = administrationTab.useSearch();
    const navigate = administrationTab.useNavigate();
    return (
      <AdminPage tab={isAdminTab(tab) ? tab : "users"} audit={filter} onAudit={(search) => void navigate({ search })} />
    );
  },
});

function Pending() {
  return (
    <Page title="Loading">
      <SkeletonRows rows={5} />
    </Page>
  );
}

function NotFound() {
  return (
    <Page title="No such page">
      <p>
        There is nothing at this address, or you may not see it.{" "}
        <Link className="link" to="/">
          Go to the start
        </Link>
        .
      </p>
    </Page>
  );
}

export function makeRouter(client: QueryClient) {
  return createRouter({
    routeTree: root.addChildren([
      start,
      profile,
      tokens,
      administration,
      administrationTab,
      project.addChildren([
        home,
        processes,
        process,
        flow,
        fresh,
        data,
        item,
        figures,
        figure,
        notebooks,
        notebook,
        workspaces,
        workspace,
        ledger,
        bench,
        panel,
        members,
        audit,
        settings,
      ]),
    ]),
    basepath: base.pathname,
    context: { client },
    defaultPreload: "intent",
    defaultPendingMs: 200,
    defaultPendingComponent: Pending,
    defaultNotFoundComponent: NotFound,
    defaultErrorComponent: ({ error, reset }) => (
      <Page title="Something went wrong">
        <Failure error={error} retry={reset} />
      </Page>
    ),
    scrollRestoration: true,
  });
}

declare module "@tanstack/react-router" {
  interface StaticDataRouteOption {
    /** Shown without the shell: header, navigation. */
    bare?: boolean;
  }
  interface Register {
    router: ReturnType<typeof makeRouter>;
  }
}
