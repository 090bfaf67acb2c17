// One line of a log, and what kind of line it is. The kind is a small number, so that a million of them are small.

import { stripped } from "./ansi";

export const streams = ["stdout", "stderr", "system", "progress"] as const;
export type Stream = (typeof streams)[number];

/** As the server sends it. */
export interface LogLine {
  /** From 1, without gaps. */
  seq: number;
  /** Milliseconds UTC. */
  time: number;
  stream: Stream;
  line: string;
  fraction?: number;
}

export const PLAIN = 0;
export const WARNING = 1;
export const ERROR = 2;

const LEVEL = /^[^A-Za-z]{0,40}(DEBUG|TRACE|INFO|NOTICE|WARN(?:ING)?|ERROR|CRITICAL|FATAL)\b/;
const ERRONEOUS =
  /^(?:Traceback \(most recent call last\)|(?:[\w.]*\.)?\w*(?:Error|Exception)\b(?::|$)|(?:fatal |internal )?error:|thread .* panicked at)/;
const WARNS = /^(?:.*\b\w*Warning: |warning:)/i;
const GRAVE = /\b(?:killed|exceeded|failed|lost|signal)\b/i;

/**
 * How bad a line is. A level that it begins with decides; what a program writes to stderr counts as an error unless
 * it says otherwise; on stdout only what has the form of an error does, because results speak of errors, too.
 */
export function level(stream: Stream, text: string): number {
  if (stream === "progress") return PLAIN;
  const said = LEVEL.exec(text)?.[1];
  if (said)
    return said === "ERROR" || said === "CRITICAL" || said === "FATAL" ? ERROR : said.startsWith("WARN") ? 1 : 0;
  if (WARNS.test(text)) return WARNING;
  if (stream === "system") return GRAVE.test(text) ? ERROR : PLAIN;
  return stream === "stderr" || ERRONEOUS.test(text) ? ERROR : PLAIN;
}

/** Stream and level of a line in one number below 16. */
export const kindOf = ({ stream, line }: LogLine): number =>
  streams.indexOf(stream) | (level(stream, stripped(line)) << 2);

export const streamOf = (kind: number): Stream => streams[kind & 3] as Stream;
export const levelOf = (kind: number): number => kind >> 2;

/** What stands in a line: of progress also how far it is. */
export function textOf({ stream, line, fraction }: LogLine): string {
  return stream === "progress" ? `${Math.round((fraction ?? 0) * 100)}% ${line}` : line;
}

/** The choices of which lines to show. */
export const kinds = {
  all: "All lines",
  errors: "Errors",
  warnings: "Warnings and errors",
  stdout: "Standard output",
  stderr: "Standard error",
  system: "From Castalia",
  progress: "Progress",
} as const;
export type Kind = keyof typeof kinds;

export const isKind = (value: unknown): value is Kind => typeof value === "string" && Object.hasOwn(kinds, value);

/** Whether a line is of the chosen kind. */
export function isOf(kind: Kind, line: number): boolean {
  if (kind === "all") return true;
  if (kind === "errors") return levelOf(line) === ERROR;
  if (kind === "warnings") return levelOf(line) >= WARNING;
  return streamOf(line) === kind;
}

/** Whether a text has the needle, without regard to colours and case; `needle` is in lower case. */
export const has = (text: string, needle: string): boolean => stripped(text).toLowerCase().includes(needle);
