import { CircleAlert } from "lucide-react";
import { Problem, sentence } from "@/shared/api/problem";
import { Button } from "./button";
import { CopyButton } from "./toast";

/** Stands where something could not be loaded. */
export function Failure({ error, retry }: { error: unknown; retry?: () => void }) {
  const requestId = error instanceof Problem ? error.requestId : null;
  return (
    <div role="alert" className="card flex items-start gap-3 border-danger p-4">
      <CircleAlert aria-hidden className="mt-0.5 size-5 shrink-0 text-danger" />
      <div className="space-y-2">
        <p className="wrap-anywhere">{sentence(error)}</p>
        {requestId && <CopyButton text={requestId} label="Copy the request's id" />}
        {retry && <Button onClick={retry}>Try again</Button>}
      </div>
    </div>
  );
}
