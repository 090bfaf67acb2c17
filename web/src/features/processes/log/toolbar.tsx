import {
  ArrowDown,
  ArrowDownToLine,
  ArrowUp,
  CircleAlert,
  Clock,
  Download,
  type LucideIcon,
  Search,
  WrapText,
} from "lucide-react";
import type { ButtonHTMLAttributes, Ref } from "react";
import { Button } from "@/shared/ui/button";
import { inputClass } from "@/shared/ui/field";
import { type Kind, kinds } from "./lines";

type Step = (by: 1 | -1) => void;

interface Props {
  find: Ref<HTMLInputElement>;
  filter: string;
  onFilter: (text: string) => void;
  kind: Kind;
  onKind: (kind: Kind) => void;
  /** Whether the search is open where there is little room. */
  finding: boolean;
  onFind: () => void;
  search: string;
  onSearch: (text: string) => void;
  /** How many lines were found; undefined when nothing is searched for. */
  hits: number | undefined;
  /** Which of them is marked, from 1. */
  hit: number;
  onStep: Step;
  onError: Step;
  errors: number | undefined;
  wrap: boolean;
  onWrap: (wrap: boolean) => void;
  times: boolean;
  onTimes: (times: boolean) => void;
  following: boolean;
  onFollow: (following: boolean) => void;
  onDownload: () => void;
  /** Escape in the search. */
  onLeave: () => void;
  status: string;
}

export function Toolbar(props: Props) {
  const { search, hits, onStep, onError, wrap, times, following } = props;
  return (
    <div className="flex flex-wrap items-center gap-x-3 gap-y-1.5 text-sm">
      <div className="flex min-w-[min(22rem,100%)] flex-1 gap-1.5">
        <input
          type="search"
          aria-label="Show only lines with"
          placeholder="Show only lines with…"
          className={inputClass}
          value={props.filter}
          onChange={(event) => props.onFilter(event.target.value)}
        />
        <select
          aria-label="Which lines"
          className={`${inputClass} w-auto! max-w-40`}
          value={props.kind}
          onChange={(event) => props.onKind(event.target.value as Kind)}
        >
          {Object.entries(kinds).map(([kind, word]) => (
            <option key={kind} value={kind}>
              {word}
            </option>
          ))}
        </select>
      </div>
      <search
        className={`min-w-[min(18rem,100%)] flex-1 items-center gap-1 ${props.finding || search ? "flex" : "hidden @2xl:flex"}`}
      >
        <input
          ref={props.find}
          type="search"
          aria-label="Search in the log"
          aria-keyshortcuts="Control+F"
          placeholder="Search…"
          className={inputClass}
          value={search}
          onChange={(event) => props.onSearch(event.target.value)}
          onKeyDown={(event) => {
            if (event.key === "Enter") onStep(event.shiftKey ? -1 : 1);
            else if (event.key === "Escape") {
              props.onSearch("");
              props.onLeave();
            } else return;
            event.preventDefault();
          }}
        />
        <span role="status" className="whitespace-nowrap text-muted tabular-nums empty:hidden">
          {search && hits !== undefined && `${props.hit.toLocaleString()}/${hits.toLocaleString()}`}
        </span>
        <Tool words="Previous match" keys="Shift+F3" icon={ArrowUp} disabled={!hits} onClick={() => onStep(-1)} />
        <Tool words="Next match" keys="F3" icon={ArrowDown} disabled={!hits} onClick={() => onStep(1)} />
      </search>
      <div className="flex flex-wrap items-center gap-1 @5xl:ml-auto">
        <Button title="Previous error (Shift+F8)" aria-label="Previous error" onClick={() => onError(-1)}>
          <CircleAlert aria-hidden className="size-4 text-danger" />
          <ArrowUp aria-hidden className="size-4" />
        </Button>
        <Button title="Next error (F8)" aria-label="Next error" onClick={() => onError(1)}>
          <CircleAlert aria-hidden className="size-4 text-danger" />
          <ArrowDown aria-hidden className="size-4" />
        </Button>
        {props.errors !== undefined && (
          <span role="status" className="px-1 whitespace-nowrap text-muted tabular-nums">
            {props.errors === 1 ? "1 error" : `${props.errors.toLocaleString()} errors`}
          </span>
        )}
        <span className="@2xl:hidden">
          <Tool words="Open the search" keys="Ctrl+F" icon={Search} onClick={props.onFind} />
        </span>
        <Tool words="Wrap long lines" icon={WrapText} aria-pressed={wrap} onClick={() => props.onWrap(!wrap)} />
        <Tool words="Show times" icon={Clock} aria-pressed={times} onClick={() => props.onTimes(!times)} />
        <Tool words="Download" icon={Download} onClick={props.onDownload} />
        <Button
          aria-pressed={following}
          className="aria-pressed:bg-accent-soft"
          onClick={() => props.onFollow(!following)}
        >
          <ArrowDownToLine aria-hidden className="size-4" />
          {following ? "Following" : "Follow"}
        </Button>
        <p className="pl-1 text-muted tabular-nums" role="status">
          {props.status}
        </p>
      </div>
    </div>
  );
}

interface ToolProps extends ButtonHTMLAttributes<HTMLButtonElement> {
  words: string;
  keys?: string;
  icon: LucideIcon;
}

function Tool({ words, keys, icon: Icon, ...rest }: ToolProps) {
  return (
    <Button
      {...rest}
      look="quiet"
      title={keys ? `${words} (${keys})` : words}
      aria-label={words}
      className="px-2! aria-pressed:bg-accent-soft"
    >
      <Icon aria-hidden className="size-4" />
    </Button>
  );
}
