import { useQuery } from "@tanstack/react-query";
import { Pause, Play, X } from "lucide-react";
import { useEffect, useReducer, useRef, useState } from "react";
import { Problem, sentence } from "@/shared/api/problem";
import { bytes, duration, plural } from "@/shared/lib/format";
import { Button } from "@/shared/ui/button";
import { inputClass } from "@/shared/ui/field";
import { ProgressBar } from "@/shared/ui/state";
import { shownName } from "../shown-text";
import type { Uploading } from "./drop-target";
import { difference, fingerprint } from "./fingerprint";
import { type Answer, answer, cancel, goOn, pauseSending, resume, type Sending, useSendings } from "./sending";
import { end, offsetOf } from "./tus";
import { forget, left, type Unfinished, watch } from "./unfinished";

const SHOWN = 30;

/** What is on its way, what broke, and what this browser began and never finished. */
export function Transfers({ uploading }: { uploading: Uploading }) {
  const sendings = useSendings(uploading.project.id);
  const unfinished = useLeft(uploading.project.id, sendings);
  if (sendings.length === 0 && (unfinished.length === 0 || !uploading.allowed)) return null;
  const asking = sendings.filter(({ phase }) => phase === "asking");
  const more = sendings.length - SHOWN;
  return (
    <section aria-label="Uploads on their way" className="max-h-64 shrink-0 overflow-auto">
      {asking.length > 1 && (
        <div className="mb-2 flex flex-wrap items-center gap-2 text-sm">
          <span className="font-medium">{plural(asking.length, "name is", "names are")} taken.</span>
          <Answers
            label="for all"
            onAnswer={(how) =>
              answer(
                asking.map(({ id }) => id),
                how,
              )
            }
          />
        </div>
      )}
      <ul className="space-y-2">
        {sendings.slice(0, SHOWN).map((sending) => (
          <SendingRow key={sending.id} sending={sending} />
        ))}
        {more > 0 && <li className="text-sm text-muted">and {plural(more, "more file")}</li>}
        {uploading.allowed &&
          unfinished.map((entry) => <UnfinishedRow key={entry.upload} entry={entry} uploading={uploading} />)}
      </ul>
    </section>
  );
}

/** Those that nobody sends; another tab may begin or end one at any time. */
function useLeft(project: string, sendings: readonly Sending[]): readonly Unfinished[] {
  const [, look] = useReducer((count: number) => count + 1, 0);
  useEffect(() => {
    const timer = setInterval(look, 4000);
    const stop = watch(look);
    return () => {
      clearInterval(timer);
      stop();
    };
  }, []);
  const own = new Set(sendings.map(({ upload }) => upload));
  return left(project).filter(({ upload }) => !own.has(upload));
}

const row = "card flex flex-wrap items-center gap-x-3 gap-y-1 p-2 text-sm";

function SendingRow({ sending }: { sending: Sending }) {
  const { id, file, phase, sent, error } = sending;
  const name = shownName(sending.name);
  const moves = phase === "sending" || phase === "checking" || phase === "retrying" || phase === "waiting";
  return (
    <li className={row} data-phase={phase}>
      <span className="min-w-40 flex-1 truncate font-medium" title={name}>
        {name}
      </span>
      <span className="text-muted tabular-nums">{said(sending)}</span>
      <span className="flex gap-1">
        {moves && phase !== "checking" && (
          <Icon icon={Pause} label={`Pause ${name}`} onClick={() => pauseSending(id)} />
        )}
        {phase === "paused" && <Icon icon={Play} label={`Go on with ${name}`} onClick={() => resume(id)} />}
        {phase !== "checking" && <Icon icon={X} label={`Cancel ${name}`} onClick={() => cancel(id)} />}
      </span>
      {(moves || phase === "paused") && file.size > 0 && (
        <div className="w-full">
          <ProgressBar fraction={sent / file.size} label={`Progress of ${name}`} />
        </div>
      )}
      {phase === "retrying" && (
        <p className="w-full text-warn">The server can't be reached; it goes on by itself from where it stands.</p>
      )}
      {phase === "asking" && (
        <div className="flex w-full flex-wrap items-center gap-2" role="alert">
          <span>There is a file of this name already.</span>
          <Answers label={name} onAnswer={(how) => answer([id], how)} />
        </div>
      )}
      {phase === "failed" && <Failed sending={sending} error={error} />}
    </li>
  );
}

function said({ phase, sent, file, speed }: Sending): string {
  const far = `${bytes(sent)} of ${bytes(file.size)}`;
  switch (phase) {
    case "waiting":
      return `${bytes(file.size)}, waits for its turn`;
    case "checking":
      return "Checking and storing…";
    case "paused":
      return `Paused at ${far}`;
    case "asking":
    case "failed":
      return bytes(file.size);
    default: {
      if (!speed) return far;
      const left = ((file.size - sent) / speed) * 1000;
      return `${far}, ${bytes(speed)}/s, ${left < 1000 ? "almost done" : `${duration(Math.round(left / 1000) * 1000)} left`}`;
    }
  }
}

function Answers({ label, onAnswer }: { label: string; onAnswer: (how: Answer) => void }) {
  const button = (how: Answer, words: string) => (
    <Button aria-label={`${words}: ${label}`} onClick={() => onAnswer(how)}>
      {words}
    </Button>
  );
  return (
    <>
      {button("replace", "Replace it")}
      {button("both", "Keep both")}
      {button("skip", "Skip")}
    </>
  );
}

/** Codes after which another name helps. */
const NAMES = ["invalid_key", "key_conflict", "in_use"];

function Failed({ sending, error }: { sending: Sending; error: unknown }) {
  const [name, setName] = useState(sending.name);
  const rename = error instanceof Problem && NAMES.includes(error.code);
  return (
    <form
      className="flex w-full flex-wrap items-center gap-2"
      onSubmit={(event) => {
        event.preventDefault();
        resume(sending.id, { name });
      }}
    >
      <p role="alert" className="w-full text-danger wrap-anywhere">
        {sentence(error)}
      </p>
      {rename && (
        <input
          aria-label={`Another name for ${shownName(sending.name)}`}
          className={`${inputClass} max-w-80 flex-1`}
          value={name}
          onChange={(event) => setName(event.target.value)}
        />
      )}
      <Button type="submit">{rename ? "Upload by this name" : "Try again"}</Button>
    </form>
  );
}

/** An upload of an earlier visit: the browser lets no page read a file again that was not chosen again. */
function UnfinishedRow({ entry, uploading }: { entry: Unfinished; uploading: Uploading }) {
  const input = useRef<HTMLInputElement>(null);
  const [wrong, setWrong] = useState<string>();
  const { project } = uploading;
  const stands = useQuery({
    queryKey: ["unfinished", entry.upload],
    queryFn: async ({ signal }) => {
      try {
        return await offsetOf(entry.upload, signal);
      } catch (error) {
        if (!(error instanceof Problem && error.status === 404)) throw error;
        // It has expired on the server.
        forget(entry.upload);
        return null;
      }
    },
    staleTime: 0,
  });
  if (stands.data === null || stands.data === entry.file.size) {
    if (stands.data === entry.file.size) forget(entry.upload);
    return null;
  }
  const name = shownName(entry.name);

  async function check(file: File) {
    const other = difference(entry.file, await fingerprint(file));
    setWrong(other && `This is not the same file: ${other}.`);
    if (!other) goOn({ id: project.id, name: project.name }, entry, file);
  }

  return (
    <li className={row} data-phase="unfinished">
      <span className="min-w-40 flex-1 truncate font-medium" title={name}>
        {name}
      </span>
      <span className="text-muted tabular-nums">
        Unfinished{stands.data !== undefined && `: ${bytes(stands.data)} of ${bytes(entry.file.size)} are there`}
      </span>
      <Button onClick={() => input.current?.click()} aria-label={`Choose the file again to go on: ${name}`}>
        Choose the file again to go on
      </Button>
      <Icon
        icon={X}
        label={`Give up ${name}`}
        onClick={() => {
          forget(entry.upload);
          end(entry.upload).catch(() => {});
        }}
      />
      <input
        ref={input}
        type="file"
        hidden
        aria-label={`The file ${name} again`}
        onChange={(event) => {
          const file = event.target.files?.[0];
          event.target.value = "";
          if (file) void check(file);
        }}
      />
      {wrong && (
        <p role="alert" className="w-full text-danger wrap-anywhere">
          {wrong}
        </p>
      )}
    </li>
  );
}

function Icon({ icon: Shape, label, onClick }: { icon: typeof X; label: string; onClick: () => void }) {
  return (
    <Button look="quiet" className="px-2!" aria-label={label} title={label} onClick={onClick}>
      <Shape aria-hidden className="size-4" />
    </Button>
  );
}
