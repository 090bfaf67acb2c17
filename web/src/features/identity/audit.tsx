import { useInfiniteQuery } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import type { Event } from "@/shared/api/types";
import { moment } from "@/shared/lib/format";
import { Button } from "@/shared/ui/button";
import { CodeBlock } from "@/shared/ui/code-block";
import { Field } from "@/shared/ui/field";
import { Table } from "@/shared/ui/table";
import { CopyButton } from "@/shared/ui/toast";
import { type AuditFilter, auditQuery } from "./queries";

interface Props {
  /** Of the whole installation when absent. */
  project?: string;
  filter: AuditFilter;
  onFilter: (filter: AuditFilter) => void;
}

/** Who did what, newest first; every committed change is here. */
export function AuditTrail({ project, filter, onFilter }: Props) {
  const trail = useInfiniteQuery(auditQuery(project, filter));
  const [open, setOpen] = useState<string>();
  const filtered = Boolean(filter.actor || filter.type);
  return (
    <div className="space-y-4">
      <form
        className="flex flex-wrap items-end gap-3"
        onSubmit={(event: FormEvent<HTMLFormElement>) => {
          event.preventDefault();
          const data = new FormData(event.currentTarget);
          const text = (name: string) => String(data.get(name)).trim() || undefined;
          onFilter({ actor: text("actor"), type: text("type") });
        }}
      >
        <Field label="Who" name="actor" defaultValue={filter.actor ?? ""} placeholder="name or id" />
        <Field label="What" name="type" defaultValue={filter.type ?? ""} placeholder="process.created" />
        <Button type="submit">Filter</Button>
        {filtered && (
          <Button type="reset" look="quiet" onClick={() => onFilter({})}>
            Show all
          </Button>
        )}
      </form>
      <Table
        caption="Audit trail, newest first"
        rows={trail.data?.pages.flatMap((page) => page.items)}
        error={trail.error}
        retry={() => void trail.refetch()}
        keyOf={(event) => event.id}
        empty={<p className="card p-6 text-center text-muted">Nothing {filtered ? "fits the filter" : "yet"}.</p>}
        columns={[
          { title: "Time", cell: (event) => <span className="whitespace-nowrap">{moment(event.at)}</span> },
          { title: "Who", cell: (event) => event.actor_name || event.actor },
          { title: "What", cell: (event) => <code>{event.type}</code> },
          {
            title: "Details",
            cell: (event) => (
              <Details
                event={event}
                open={open === event.id}
                onToggle={() => setOpen(open === event.id ? undefined : event.id)}
              />
            ),
          },
        ]}
      />
      {trail.hasNextPage && (
        <Button busy={trail.isFetchingNextPage} onClick={() => void trail.fetchNextPage()}>
          Show older
        </Button>
      )}
    </div>
  );
}

function Details({ event, open, onToggle }: { event: Event; open: boolean; onToggle: () => void }) {
  const data = (event.data ?? {}) as Record<string, unknown>;
  const name = [data.name, data.title, data.state].filter((part) => typeof part === "string").join(" · ");
  return (
    <div className="space-y-2">
      <button type="button" className="link text-left" aria-expanded={open} onClick={onToggle}>
        {name || event.topic}
      </button>
      {open && (
        <>
          <CodeBlock label={`What was recorded of ${event.type}`}>{JSON.stringify(data, null, 2)}</CodeBlock>
          <CopyButton text={event.request_id} label="Copy the request's id" />
        </>
      )}
    </div>
  );
}
