import { type FormEvent, useState } from "react";
import { Button } from "@/shared/ui/button";
import { inputClass } from "@/shared/ui/field";
import { toast } from "@/shared/ui/toast";
import { useOpen } from "../context";
import type { Run } from "../model/document";

/** What the program asks for; only whoever ran the cell is asked. */
export function InputBox({ run }: { run: Run }) {
  const { session } = useOpen();
  const [busy, setBusy] = useState(false);
  const prompt = run.prompt?.trim() || "The program asks for input";
  if (run.waiting_for && run.waiting_for.id !== session.user.id) return null;
  async function send(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const value = String(new FormData(event.currentTarget).get("value") ?? "");
    setBusy(true);
    try {
      await session.comms.ask("kernel", "input_reply", { run: run.id, value });
    } catch (error) {
      setBusy(false);
      toast.error(error);
    }
  }
  return (
    <form className="nb-input" onSubmit={send}>
      <label className="flex flex-1 flex-wrap items-center gap-2 text-sm">
        <span className="font-mono">{prompt}</span>
        <input
          name="value"
          type={run.password ? "password" : "text"}
          autoComplete="off"
          // biome-ignore lint/a11y/noAutofocus: the program waits for this person alone
          autoFocus
          className={`${inputClass} max-w-md flex-1`}
        />
      </label>
      <Button type="submit" look="primary" busy={busy}>
        Answer
      </Button>
    </form>
  );
}
