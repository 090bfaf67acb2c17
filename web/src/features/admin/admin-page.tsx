import { Link } from "@tanstack/react-router";
import { lazy, Suspense } from "react";
import { useAccount, useMay } from "@/features/identity/account";
import { AuditTrail } from "@/features/identity/audit";
import type { AuditFilter } from "@/features/identity/queries";
import { Page } from "@/shared/ui/page";
import { SkeletonRows } from "@/shared/ui/skeleton";
import { Environments } from "./environments";
import { Projects } from "./projects";
import { Roles } from "./roles";
import { Server } from "./server";
import { type AdminTab, adminTabs } from "./tabs";
import { Units } from "./units";
import { Users } from "./users";

const Workspaces = lazy(() => import("./workspaces").then((m) => ({ default: m.Workspaces })));

interface Props {
  tab: AdminTab;
  audit: AuditFilter;
  onAudit: (filter: AuditFilter) => void;
}

/** What concerns the whole installation; each part for who may see it. */
export function AdminPage({ tab, audit, onAudit }: Props) {
  const may = useMay(undefined);
  const account = useAccount();
  const shown = adminTabs.filter(({ permission }) => may(permission));
  if (shown.length === 0) {
    return (
      <Page title="Administration">
        <p className="text-muted">{account.display_name} may not administer this installation.</p>
      </Page>
    );
  }
  const now = shown.find(({ id }) => id === tab) ?? shown[0];
  return (
    <Page title="Administration">
      <nav aria-label="Parts of the administration" className="flex gap-1 overflow-x-auto border-b border-line">
        {shown.map(({ id, title }) => (
          <Link
            key={id}
            to="/admin/$tab"
            params={{ tab: id }}
            aria-current={id === now?.id ? "page" : undefined}
            className="-mb-px border-b-2 border-transparent px-3 py-2 text-sm whitespace-nowrap hover:bg-hover aria-[current]:border-accent aria-[current]:font-semibold"
          >
            {title}
          </Link>
        ))}
      </nav>
      {now?.id === "users" && <Users />}
      {now?.id === "roles" && <Roles />}
      {now?.id === "projects" && <Projects />}
      {now?.id === "environments" && <Environments />}
      {now?.id === "units" && <Units />}
      {now?.id === "workspaces" && (
        <Suspense fallback={<SkeletonRows rows={4} />}>
          <Workspaces />
        </Suspense>
      )}
      {now?.id === "audit" && <AuditTrail filter={audit} onFilter={onAudit} />}
      {now?.id === "server" && <Server />}
    </Page>
  );
}
