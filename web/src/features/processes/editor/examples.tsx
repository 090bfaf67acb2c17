import { Sparkles } from "lucide-react";
import { useState } from "react";
import { Button } from "@/shared/ui/button";
import { changes, type Example, type Parameters } from "./types";

interface Props {
  examples: readonly Example[];
  /** What stands in the form. */
  now: Parameters;
  onFill: (parameters: Parameters) => void;
}

/** Fills the form with what is known to work; what stood there can be put back. */
export function Examples({ examples, now, onFill }: Props) {
  const [put, setPut] = useState<Parameters>();
  if (examples.length === 0) return null;
  return (
    <fieldset className="space-y-2">
      <legend className="mb-1.5 text-sm font-medium">Fill in an example</legend>
      {examples.map((example) => {
        const filled = changes(example.parameters, { ...example.parameters, ...pick(now, example.parameters) });
        return (
          <button
            key={example.title}
            type="button"
            aria-pressed={filled.length === 0}
            className="flex w-full items-start gap-2.5 rounded-md border border-edge px-3 py-2 text-left text-sm hover:bg-hover aria-pressed:border-accent aria-pressed:bg-accent-soft"
            onClick={() => {
              setPut(now);
              onFill(example.parameters);
            }}
          >
            <Sparkles aria-hidden className="mt-0.5 size-4 shrink-0 text-accent" />
            <span>
              <span className="block font-medium">{example.title}</span>
              {example.about && <span className="block text-muted">{example.about}</span>}
            </span>
          </button>
        );
      })}
      {put && (
        <p role="status" className="flex flex-wrap items-center gap-2 text-sm text-muted">
          The example is filled in.
          <Button
            look="quiet"
            onClick={() => {
              onFill(put);
              setPut(undefined);
            }}
          >
            Put back what was there
          </Button>
        </p>
      )}
    </fieldset>
  );
}

/** What the form has for the example's parameters. */
function pick(now: Parameters, example: Parameters): Parameters {
  return Object.fromEntries(Object.keys(example).map((name) => [name, now[name]]));
}
