import { useMutation, useQuery } from "@tanstack/react-query";
import {
  Boxes,
  CodeXml,
  FlaskConical,
  FolderOpen,
  type LucideIcon,
  MessagesSquare,
  NotebookPen,
  Play,
} from "lucide-react";
import { useId, useState } from "react";
import { useMay } from "@/features/identity/account";
import { api, body } from "@/shared/api/client";
import type { Project, Service, Workspace } from "@/shared/api/types";
import { duration, plural } from "@/shared/lib/format";
import { Button } from "@/shared/ui/button";
import { Failure } from "@/shared/ui/failure";
import { inputClass } from "@/shared/ui/field";
import { SkeletonRows } from "@/shared/ui/skeleton";
import { toast } from "@/shared/ui/toast";
import { servicesQuery } from "./queries";
import { useTake } from "./use-take";
import { profileOf, resourcesInWords } from "./words";

const icons: Record<string, LucideIcon> = {
  lab: FlaskConical,
  notebook: NotebookPen,
  "code-server": CodeXml,
  waiide: CodeXml,
  chat: MessagesSquare,
  files: FolderOpen,
};

export const serviceIcon = (name: string): LucideIcon => icons[name] ?? Boxes;

/** Opening a new workspace; answers with it. */
export function useOpen(project: Project, onOpened: (workspace: Workspace) => void) {
  const take = useTake();
  return useMutation({
    mutationFn: ({ service, profile }: { service: string; profile: string | undefined }) =>
      body(
        api.POST("/api/workspaces", {
          body: { service, project: project.name, new: true, ...(profile && { profile }) },
        }),
      ),
    onSuccess: (workspace) => {
      take(workspace);
      onOpened(workspace);
    },
    onError: (error) => toast.error(error, "The workspace was not opened"),
  });
}

interface Props {
  project: Project;
  /** How many of each service there are already. */
  workspaces: readonly Workspace[];
  onOpened: (workspace: Workspace) => void;
}

/** The services that can be opened, each with its sizes and how long it usually takes. */
export function Launcher({ project, workspaces, onOpened }: Props) {
  const services = useQuery(servicesQuery);
  const open = useOpen(project, onOpened);
  const may = useMay(project.id);
  if (services.isError) return <Failure error={services.error} retry={() => void services.refetch()} />;
  if (services.isPending) return <SkeletonRows rows={2} className="h-28" />;
  const { items } = services.data;
  if (items.length === 0) {
    return (
      <p className="card p-6 text-center text-muted">
        This server has no service that can be opened. Whoever looks after it adds definitions.
      </p>
    );
  }
  const allowed = may("workspaces.open") && !project.archived;
  const missing = items.filter(({ available }) => !available);
  return (
    <>
      <ul aria-label="Services" className="grid gap-3 @lg:grid-cols-2 @4xl:grid-cols-3">
        {items
          .filter(({ available }) => available)
          .map((service) => (
            <ServiceCard
              key={service.name}
              service={service}
              count={workspaces.filter((one) => one.service === service.name).length}
              allowed={allowed}
              busy={open.isPending && open.variables.service === service.name}
              onOpen={(profile) => open.mutate({ service: service.name, profile })}
            />
          ))}
      </ul>
      {missing.length > 0 && (
        <details className="text-sm">
          <summary className="font-medium">{plural(missing.length, "service")} not available here</summary>
          <ul className="mt-2 space-y-1.5">
            {missing.map(({ name, title, why }) => (
              <li key={name} className="wrap-anywhere">
                <span className="font-medium">{title}</span>: <span className="text-muted">{why}</span>
              </li>
            ))}
          </ul>
        </details>
      )}
    </>
  );
}

interface CardProps {
  service: Service;
  count: number;
  allowed: boolean;
  busy: boolean;
  onOpen: (profile: string | undefined) => void;
}

function ServiceCard({ service, count, allowed, busy, onOpen }: CardProps) {
  const [chosen, setChosen] = useState<string>();
  const profile = profileOf(service, chosen);
  const Icon = serviceIcon(service.name);
  return (
    <li className="card flex flex-col gap-2 p-4" data-service={service.name}>
      <h3 className="flex items-center gap-2 font-medium">
        <Icon aria-hidden className="size-5 shrink-0 text-accent" />
        {service.title}
      </h3>
      <p className="flex-1 text-sm text-muted">{service.description}</p>
      {service.profiles.length > 1 && (
        <ProfileChoice service={service} profile={profile?.name ?? ""} onProfile={setChosen} />
      )}
      <p className="text-sm text-muted first-letter:uppercase">
        {service.profiles.length === 1 && profile && `${resourcesInWords(profile.resources ?? {})}. `}
        {service.usual_ms == null ? "Not started here yet." : `Usually ready in ${duration(service.usual_ms)}.`}
      </p>
      {allowed && (
        <Button
          look={count === 0 ? "primary" : "plain"}
          className="self-start"
          busy={busy}
          aria-label={`${count === 0 ? "Open" : "Open another"} ${service.title}`}
          onClick={() => onOpen(service.profiles.length > 1 ? profile?.name : undefined)}
        >
          <Play aria-hidden className="size-4" />
          {count === 0 ? "Open" : "Open another"}
        </Button>
      )}
    </li>
  );
}

interface ChoiceProps {
  service: Service;
  profile: string;
  onProfile: (profile: string) => void;
}

/** A size, with what it may use. */
export function ProfileChoice({ service, profile, onProfile }: ChoiceProps) {
  const id = useId();
  const now = profileOf(service, profile);
  return (
    <div className="space-y-1">
      <label htmlFor={id} className="block text-sm font-medium">
        Size
      </label>
      <select
        id={id}
        className={inputClass}
        value={now?.name ?? ""}
        aria-describedby={`${id}-hint`}
        onChange={({ target }) => onProfile(target.value)}
      >
        {service.profiles.map(({ name, title }) => (
          <option key={name} value={name}>
            {title || name}
          </option>
        ))}
      </select>
      <p id={`${id}-hint`} className="text-sm text-muted">
        {now && resourcesInWords(now.resources ?? {})}
      </p>
    </div>
  );
}
