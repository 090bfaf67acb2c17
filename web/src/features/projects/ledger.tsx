import { useInfiniteQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { lazy, Suspense, useMemo } from "react";
import type { Entry } from "@/shared/api/types";
import { credits, moment } from "@/shared/lib/format";
import { Button } from "@/shared/ui/button";
import { Failure } from "@/shared/ui/failure";
import { Page } from "@/shared/ui/page";
import { Skeleton, SkeletonRows } from "@/shared/ui/skeleton";
import { ledgerQuery } from "./queries";
import { dearest, spendingByDay } from "./spending";

const LedgerChart = lazy(() => import("./ledger-chart"));

/** What each kind of row is called, and how it changes what is available and the balance. */
const kinds: Record<string, { word: string; available: number; balance: number }> = {
  topup: { word: "Credit added", available: 1, balance: 1 },
  hold: { word: "Set aside", available: -1, balance: 0 },
  // It is taken from what was set aside.
  debit: { word: "Spent", available: 0, balance: -1 },
  release: { word: "Given back", available: 1, balance: 0 },
  expire: { word: "Given back", available: 1, balance: 0 },
  adjustment: { word: "Adjusted", available: 1, balance: 1 },
};

function Change({ sign, amount }: { sign: number; amount: number }) {
  const change = sign * amount;
  return (
    <td className="text-right whitespace-nowrap tabular-nums">
      {sign !== 0 && `${change > 0 ? "+" : ""}${credits(change)}`}
    </td>
  );
}

export function LedgerPage({ project }: { project: string }) {
  const ledger = useInfiniteQuery(ledgerQuery(project));
  const first = ledger.data?.pages[0];
  const entries = ledger.data?.pages.flatMap((page) => page.entries) ?? [];
  return (
    <Page title="Ledger">
      <dl className="grid gap-3 sm:grid-cols-3">
        <Amount label="Available" micro={first?.available} hint="what new work may use" />
        <Amount label="Set aside" micro={first?.held} hint="for queued and running work" />
        <Amount label="Balance" micro={first?.balance} hint="added minus spent" />
      </dl>
      {first && entries.length > 0 && <Charts entries={entries} balance={first.balance} project={project} />}
      {ledger.isError ? (
        <Failure error={ledger.error} retry={() => void ledger.refetch()} />
      ) : ledger.isPending ? (
        <SkeletonRows rows={6} />
      ) : (
        <section className="card overflow-x-auto" aria-label="Journal">
          <table className="grid-table">
            <caption className="sr-only">Every movement of credit, newest first</caption>
            <thead>
              <tr>
                <th scope="col">Time</th>
                <th scope="col">What</th>
                <th scope="col">For</th>
                <th scope="col">Note</th>
                <th scope="col" className="text-right!">
                  Available
                </th>
                <th scope="col" className="text-right!">
                  Balance
                </th>
              </tr>
            </thead>
            <tbody>
              {entries.map((entry) => (
                <Row key={entry.id} entry={entry} project={project} />
              ))}
            </tbody>
          </table>
        </section>
      )}
      {ledger.hasNextPage && (
        <Button busy={ledger.isFetchingNextPage} onClick={() => void ledger.fetchNextPage()}>
          Show older
        </Button>
      )}
    </Page>
  );
}

/** Of the entries that are loaded: "Show older" lengthens them. */
function Charts({ entries, balance, project }: { entries: readonly Entry[]; balance: number; project: string }) {
  const points = useMemo(() => spendingByDay(entries, balance), [entries, balance]);
  const costs = useMemo(() => dearest(entries, 5), [entries]);
  const most = costs[0]?.spent ?? 1;
  return (
    <div className="grid gap-3 lg:grid-cols-[2fr_1fr]">
      <section className="card p-3" aria-labelledby="over-time">
        <h2 id="over-time" className="mb-2">
          Over time
        </h2>
        <Suspense fallback={<Skeleton className="h-60 w-full" />}>
          <LedgerChart points={points} label="Balance and spending by day; the table below has every entry" />
        </Suspense>
      </section>
      <section className="card p-3" aria-labelledby="dearest">
        <h2 id="dearest" className="mb-2">
          What cost most
        </h2>
        {costs.length === 0 && <p className="text-sm text-muted">Nothing has been spent yet.</p>}
        <ol className="space-y-2 text-sm">
          {costs.map(({ process, name, spent }) => (
            <li key={process}>
              <div className="flex justify-between gap-2">
                <Link
                  className="link truncate"
                  to="/projects/$project/processes/$process"
                  params={{ project, process }}
                >
                  {name}
                </Link>
                <span className="tabular-nums">{credits(spent)}</span>
              </div>
              <div aria-hidden className="h-2 rounded bg-hover">
                <div className="h-2 rounded bg-running" style={{ width: `${(100 * spent) / most}%` }} />
              </div>
            </li>
          ))}
        </ol>
      </section>
    </div>
  );
}

function Amount({ label, micro, hint }: { label: string; micro: number | undefined; hint: string }) {
  return (
    <div className="card p-4">
      <dt className="text-sm text-muted">
        {label} <span className="sr-only">in credits</span>
      </dt>
      <dd className="text-2xl font-semibold tabular-nums">
        {micro === undefined ? <Skeleton className="h-9 w-32" /> : credits(micro)}
      </dd>
      <dd className="text-sm text-muted">{hint}</dd>
    </div>
  );
}

function Row({ entry, project }: { entry: Entry; project: string }) {
  const { word, available, balance } = kinds[entry.kind] ?? { word: entry.kind, available: 1, balance: 1 };
  return (
    <tr>
      <td className="whitespace-nowrap text-muted">{moment(entry.time)}</td>
      <td>{word}</td>
      <td>
        {entry.process && (
          <Link
            className="link wrap-anywhere"
            to="/projects/$project/processes/$process"
            params={{ project, process: entry.process }}
            search={{ version: entry.version ?? undefined }}
          >
            {entry.process_name ?? `${entry.process.slice(0, 9)}…${entry.process.slice(-4)}`} v{entry.version}
          </Link>
        )}
      </td>
      <td className="text-muted">{entry.note}</td>
      <Change sign={available} amount={entry.amount} />
      <Change sign={balance} amount={entry.amount} />
    </tr>
  );
}
