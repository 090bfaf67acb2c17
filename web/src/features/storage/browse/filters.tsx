import { useQuery } from "@tanstack/react-query";
import { Search } from "lucide-react";
import { type RefObject, useEffect, useState } from "react";
import type { Project } from "@/shared/api/types";
import { inputClass } from "@/shared/ui/field";
import { producersQuery } from "../queries";
import { type Choice, type Sort, sorts, typeGroups } from "./choice";

const sortWords: Record<Sort, string> = {
  "-created_at": "Newest",
  created_at: "Oldest",
  name: "A to Z",
  "-name": "Z to A",
  "-size": "Largest",
  size: "Smallest",
};

interface Props {
  project: Project;
  choice: Choice;
  onChoice: (next: Choice) => void;
}

/** What narrows and orders the list, besides its search. */
export function Filters({ project, choice, onChoice }: Props) {
  const producers = useQuery(producersQuery(project.name));
  const change = (part: Partial<Choice>) => onChoice({ ...choice, ...part });
  return (
    <div className="grid grid-cols-2 gap-2 @sm:grid-cols-4">
      <Select label="From" value={choice.kind} onValue={(kind) => change({ kind: kind as Choice["kind"] })}>
        <option value="">All files</option>
        <option value="uploads">Uploads</option>
        <option value="datasets">Datasets</option>
      </Select>
      <Select label="Type" value={choice.type} onValue={(type) => change({ type })}>
        <option value="">Any type</option>
        {Object.entries(typeGroups).map(([word, { label }]) => (
          <option key={word} value={word}>
            {label}
          </option>
        ))}
      </Select>
      <Select label="Written by" value={choice.process} onValue={(process) => change({ process })}>
        <option value="">Any process</option>
        {choice.process && !producers.data?.some(({ id }) => id === choice.process) && (
          <option value={choice.process}>{choice.process}</option>
        )}
        {producers.data?.map(({ id, name }) => (
          <option key={id} value={id}>
            {name}
          </option>
        ))}
      </Select>
      <Select label="Order" value={choice.sort ?? "-created_at"} onValue={(sort) => change({ sort: sort as Sort })}>
        {sorts.map((sort) => (
          <option key={sort} value={sort}>
            {sortWords[sort]}
          </option>
        ))}
      </Select>
    </div>
  );
}

const TYPING = 250;

interface SearchProps {
  value: string;
  onValue: (value: string) => void;
  input: RefObject<HTMLInputElement | null>;
}

/** Searches when one pauses in typing. */
export function SearchField({ value, onValue, input }: SearchProps) {
  const [typed, setTyped] = useState(value);
  // An address that changes, or a cleared filter, shows here.
  useEffect(() => setTyped(value), [value]);
  useEffect(() => {
    if (typed === value) return;
    const timer = setTimeout(() => onValue(typed), TYPING);
    return () => clearTimeout(timer);
  });
  return (
    <div className="relative min-w-32 flex-1">
      <Search aria-hidden className="pointer-events-none absolute top-2.5 left-2.5 size-4 text-muted" />
      <input
        ref={input}
        type="search"
        aria-label="Search by name"
        placeholder="Search by name"
        className={`${inputClass} pl-8`}
        value={typed}
        onChange={(event) => setTyped(event.target.value)}
      />
    </div>
  );
}

interface SelectProps {
  label: string;
  value: string | undefined;
  onValue: (value: string | undefined) => void;
  children: React.ReactNode;
}

function Select({ label, value, onValue, children }: SelectProps) {
  return (
    <select
      aria-label={label}
      title={label}
      className={`${inputClass} min-w-0 truncate px-1.5!`}
      value={value ?? ""}
      onChange={(event) => onValue(event.target.value || undefined)}
    >
      {children}
    </select>
  );
}
