import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { type FormEvent, useState } from "react";
import { api, body } from "@/shared/api/client";
import { Problem, sentence } from "@/shared/api/problem";
import { Button } from "@/shared/ui/button";
import { Dialog } from "@/shared/ui/dialog";
import { Field } from "@/shared/ui/field";

/** A name for addresses and the bucket, from a title that people read. */
export function slug(title: string): string {
  const plain = title.normalize("NFKD").toLowerCase();
  return plain
    .replace(/\p{Mark}/gu, "")
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-+|-+$/g, "")
    .slice(0, 63);
}

export function NewProjectDialog({ onClose }: { onClose: () => void }) {
  const [title, setTitle] = useState("");
  const [name, setName] = useState<string>();
  const client = useQueryClient();
  const navigate = useNavigate();
  const make = useMutation({
    mutationFn: () => body(api.POST("/api/projects", { body: { name: name ?? slug(title), title } })),
    onSuccess: async (project) => {
      await client.invalidateQueries({ queryKey: ["projects"] });
      await client.invalidateQueries({ queryKey: ["me"] });
      onClose();
      await navigate({ to: "/projects/$project", params: { project: project.name } });
    },
  });
  const fields = make.error instanceof Problem ? make.error.fields : [];

  function submit(event: FormEvent) {
    event.preventDefault();
    make.mutate();
  }

  return (
    <Dialog title="New project" onClose={onClose}>
      <form onSubmit={submit} className="space-y-4">
        <Field
          label="Title"
          required
          autoFocus
          value={title}
          onChange={(event) => setTitle(event.target.value)}
          error={fields.find(({ path }) => path === "/title")?.message}
        />
        <Field
          label="Name in addresses"
          hint="3 to 63 of a-z, 0-9 and -. It can't be changed later."
          required
          value={name ?? slug(title)}
          onChange={(event) => setName(event.target.value)}
          error={fields.find(({ path }) => path === "/name")?.message}
        />
        {make.error && fields.length === 0 && (
          <p role="alert" className="text-sm text-danger">
            {sentence(make.error)}
          </p>
        )}
        <div className="flex justify-end gap-2">
          <Button onClick={onClose}>Close</Button>
          <Button type="submit" look="primary" busy={make.isPending}>
            Make project
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
