import { useMutation } from "@tanstack/react-query";
import type { FormEvent, ReactNode } from "react";
import { Problem, sentence } from "@/shared/api/problem";
import { Button } from "./button";
import { Dialog } from "./dialog";

interface Props {
  title: string;
  /** What the button says: "Add member". */
  submit: string;
  /** Sends what was filled in; may throw a `Problem`, whose fields are told at their inputs. */
  send: (data: FormData) => Promise<unknown>;
  onClose: () => void;
  danger?: boolean;
  /** The inputs; `errorAt("/name")` is what the server said about one. */
  children: (errorAt: (path: string) => string | undefined) => ReactNode;
}

/** A dialog with a form: it closes when the server took it, and says why when it did not. */
export function FormDialog({ title, submit, send, onClose, danger = false, children }: Props) {
  const sending = useMutation({ mutationFn: send, onSuccess: onClose });
  const fields = sending.error instanceof Problem ? sending.error.fields : [];
  return (
    <Dialog title={title} onClose={onClose}>
      <form
        className="space-y-4"
        onSubmit={(event: FormEvent<HTMLFormElement>) => {
          event.preventDefault();
          sending.mutate(new FormData(event.currentTarget));
        }}
      >
        {children((path) => fields.find((field) => field.path === path)?.message)}
        {sending.error && fields.length === 0 && (
          <p role="alert" className="text-sm text-danger">
            {sentence(sending.error)}
          </p>
        )}
        <div className="flex justify-end gap-2">
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" look={danger ? "danger" : "primary"} busy={sending.isPending}>
            {submit}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
