// States of the notebook that were kept: what has changed since, and the way back.

import { useQuery, useQueryClient } from "@tanstack/react-query";
import { History } from "lucide-react";
import { useMemo, useState } from "react";
import { ago, moment } from "@/shared/lib/format";
import { Button } from "@/shared/ui/button";
import { Dialog } from "@/shared/ui/dialog";
import { Empty } from "@/shared/ui/empty";
import { Failure } from "@/shared/ui/failure";
import { Field } from "@/shared/ui/field";
import { FormDialog } from "@/shared/ui/form-dialog";
import { SkeletonRows } from "@/shared/ui/skeleton";
import { toast } from "@/shared/ui/toast";
import { useOpen } from "../context";
import { cellOf, orderOf, textOf, typeOf } from "../model/document";
import { keepVersion, restoreVersion, type Version, versionQuery, versionsQuery } from "../queries";
import { cellDiff, cellsOfFile } from "./diff";

export function Versions() {
  const { session, mayEdit } = useOpen();
  const client = useQueryClient();
  const versions = useQuery(versionsQuery(session.id));
  const [at, setAt] = useState(0);
  const [keeping, setKeeping] = useState(false);
  const again = () => client.invalidateQueries({ queryKey: ["notebook-versions", session.id] });
  const keep = mayEdit && <Button onClick={() => setKeeping(true)}>Keep this version…</Button>;
  const dialog = keeping && (
    <FormDialog
      title="Keep this version"
      submit="Keep"
      onClose={() => setKeeping(false)}
      send={async (data) => {
        await keepVersion(session.id, String(data.get("name")).trim());
        await again();
      }}
    >
      {(errorAt) => <Field label="Name" name="name" required autoFocus maxLength={100} error={errorAt("/name")} />}
    </FormDialog>
  );
  if (versions.isError) return <Failure error={versions.error} retry={() => void versions.refetch()} />;
  if (versions.isPending) return <SkeletonRows rows={3} className="h-12" />;
  // The slider goes from the oldest to the newest.
  const all = versions.data.items.toReversed();
  const chosen = all[Math.min(all.length - 1, all.length - 1 - at)];
  return (
    <div className="space-y-3">
      {keep}
      {chosen === undefined ? (
        <Empty icon={History} title="No versions yet">
          A version is the notebook as it was at some moment, with its outputs.
        </Empty>
      ) : (
        <>
          <label className="block text-sm">
            <span className="font-medium">{nameOf(chosen)}</span>{" "}
            <span className="text-muted" title={moment(chosen.created_at)}>
              {ago(chosen.created_at)}
              {chosen.by && `, ${chosen.by.name}`}
            </span>
            <input
              type="range"
              className="mt-1 w-full accent-accent"
              min={0}
              max={all.length - 1}
              value={all.length - 1 - at}
              disabled={all.length < 2}
              onChange={(event) => setAt(all.length - 1 - Number(event.target.value))}
            />
          </label>
          <Changes key={chosen.version} version={chosen} onRestored={() => void again()} />
        </>
      )}
      {dialog}
    </div>
  );
}

const nameOf = ({ name, kind, version }: Version): string =>
  name || (kind === "auto" ? "Kept by itself" : String(version));

function Changes({ version, onRestored }: { version: Version; onRestored: () => void }) {
  const { session, mayEdit } = useOpen();
  const whole = useQuery(versionQuery(session.id, String(version.version)));
  const [asking, setAsking] = useState(false);
  const [busy, setBusy] = useState(false);
  const diff = useMemo(() => {
    if (!whole.data) return [];
    const now = orderOf(session.doc).map((id) => {
      const cell = cellOf(session.doc, id);
      return { id, type: typeOf(cell), text: textOf(cell) };
    });
    return cellDiff(cellsOfFile(whole.data.content), now).filter(({ kind }) => kind !== "same");
  }, [whole.data, session.doc]);
  if (whole.isError) return <Failure error={whole.error} retry={() => void whole.refetch()} />;
  if (whole.isPending) return <SkeletonRows rows={2} className="h-16" />;
  const words = {
    added: "Added since",
    removed: "Removed since",
    changed: "Changed since",
    moved: "Moved since",
    same: "",
  };
  return (
    <div className="space-y-3">
      {mayEdit && <Button onClick={() => setAsking(true)}>Go back to this version…</Button>}
      {diff.length === 0 && <p className="text-sm text-muted">Its texts are those of now.</p>}
      <ul className="space-y-2" aria-label="Changes since then">
        {diff.map(({ id, kind, lines }) => (
          <li key={`${kind} ${id}`} className="card overflow-hidden">
            <p className="border-b border-line px-2 py-1 text-xs font-medium">{words[kind]}</p>
            {lines.length > 0 && (
              <pre className="max-h-56 overflow-auto text-xs">
                {lines.map(({ kind, text }, at) => (
                  <div
                    // biome-ignore lint/suspicious/noArrayIndexKey: a line is where it stands
                    key={at}
                    className={`px-2 ${kind === "added" ? "bg-completed-soft" : kind === "removed" ? "bg-danger-soft" : ""}`}
                  >
                    {kind === "added" ? "+ " : kind === "removed" ? "- " : "  "}
                    {text}
                  </div>
                ))}
              </pre>
            )}
          </li>
        ))}
      </ul>
      {asking && (
        <Dialog title={`Go back to ${nameOf(version)}?`} onClose={() => setAsking(false)}>
          <p className="mb-4 text-sm">
            Everybody in the notebook sees it as it was then. What it is now is kept as a version first.
          </p>
          <div className="flex justify-end gap-2">
            <Button onClick={() => setAsking(false)}>Cancel</Button>
            <Button
              look="primary"
              busy={busy}
              onClick={async () => {
                setBusy(true);
                try {
                  await restoreVersion(session.id, String(version.version));
                  onRestored();
                  setAsking(false);
                } catch (error) {
                  toast.error(error);
                }
                setBusy(false);
              }}
            >
              Go back
            </Button>
          </div>
        </Dialog>
      )}
    </div>
  );
}
