// Where a comment is written. After an `@` members of the project are offered, by keys as everywhere.

import { useQuery } from "@tanstack/react-query";
import { type FormEvent, type KeyboardEvent, useId, useRef, useState } from "react";
import { membersQuery } from "@/features/projects/queries";
import { Button } from "@/shared/ui/button";
import { inputClass } from "@/shared/ui/field";
import { toast } from "@/shared/ui/toast";
import { useOpen } from "../context";
import { beingNamed, whoCouldBe } from "./mentions";

export function WriteBox({ label, onWrite }: { label: string; onWrite: (text: string) => Promise<void> }) {
  const { project } = useOpen();
  const [busy, setBusy] = useState(false);
  const [naming, setNaming] = useState<{ from: number; needle: string }>();
  const [at, setAt] = useState(0);
  const area = useRef<HTMLTextAreaElement>(null);
  const list = useId();
  const members = useQuery({ ...membersQuery(project.name), enabled: naming !== undefined });
  const found = naming ? whoCouldBe(members.data?.items ?? [], naming.needle) : [];
  const active = found[Math.min(at, found.length - 1)];

  const look = () => {
    const { value, selectionStart } = area.current ?? { value: "", selectionStart: 0 };
    setNaming(beingNamed(value, selectionStart));
    setAt(0);
  };
  const choose = (name: string) => {
    if (!area.current || !naming) return;
    area.current.setRangeText(`@${name} `, naming.from, area.current.selectionStart, "end");
    area.current.focus();
    setNaming(undefined);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (!active || event.nativeEvent.isComposing) return;
    const { key } = event;
    if (key === "ArrowDown") setAt((now) => (now + 1) % found.length);
    else if (key === "ArrowUp") setAt((now) => (now + found.length - 1) % found.length);
    else if (key === "Enter" || key === "Tab") choose(active.name);
    else if (key === "Escape") setNaming(undefined);
    else return;
    event.preventDefault();
    event.stopPropagation();
  };

  async function send(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const form = event.currentTarget;
    const text = String(new FormData(form).get("text") ?? "").trim();
    if (text === "") return;
    setBusy(true);
    try {
      await onWrite(text);
      form.reset();
    } catch (error) {
      toast.error(error);
    }
    setBusy(false);
  }

  return (
    <form className="space-y-2" onSubmit={send}>
      <label className="block text-sm font-medium">
        {label}
        <textarea
          ref={area}
          name="text"
          rows={2}
          required
          maxLength={10_000}
          aria-autocomplete="list"
          aria-controls={active ? list : undefined}
          aria-activedescendant={active ? `${list}-${active.name}` : undefined}
          className={`${inputClass} mt-1 font-normal`}
          onChange={look}
          onKeyDown={onKeyDown}
          onBlur={() => setNaming(undefined)}
        />
      </label>
      {active && (
        <div id={list} role="listbox" aria-label="Members" className="card p-1 text-sm">
          {found.map((member) => (
            // biome-ignore lint/a11y/useFocusableInteractive: the field above has the focus and the keys
            <div
              key={member.name}
              id={`${list}-${member.name}`}
              role="option"
              aria-selected={member === active}
              className="cursor-pointer rounded px-2 py-1 aria-selected:bg-accent-soft"
              // Before the field loses the focus.
              onPointerDown={(event) => {
                event.preventDefault();
                choose(member.name);
              }}
            >
              {member.display_name} <span className="text-muted">@{member.name}</span>
            </div>
          ))}
        </div>
      )}
      <Button type="submit" busy={busy}>
        Write
      </Button>
    </form>
  );
}
