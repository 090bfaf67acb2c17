// Languages of kernels other than Python's, as one chunk that comes when the first of them is shown.

import { StreamLanguage, type StreamParser } from "@codemirror/language";
import { cpp, csharp, dart, java, kotlin, scala } from "@codemirror/legacy-modes/mode/clike";
import { go } from "@codemirror/legacy-modes/mode/go";
import { haskell } from "@codemirror/legacy-modes/mode/haskell";
import { javascript, typescript } from "@codemirror/legacy-modes/mode/javascript";
import { julia } from "@codemirror/legacy-modes/mode/julia";
import { lua } from "@codemirror/legacy-modes/mode/lua";
import { oCaml } from "@codemirror/legacy-modes/mode/mllike";
import { octave } from "@codemirror/legacy-modes/mode/octave";
import { perl } from "@codemirror/legacy-modes/mode/perl";
import { powerShell } from "@codemirror/legacy-modes/mode/powershell";
import { r } from "@codemirror/legacy-modes/mode/r";
import { ruby } from "@codemirror/legacy-modes/mode/ruby";
import { rust } from "@codemirror/legacy-modes/mode/rust";
import { shell } from "@codemirror/legacy-modes/mode/shell";
import { standardSQL } from "@codemirror/legacy-modes/mode/sql";

/** By the names that kernels have for their languages (`language_info.name`, a kernelspec's `language`). */
const parsers: Readonly<Record<string, StreamParser<unknown>>> = {
  r,
  julia,
  javascript,
  typescript,
  bash: shell,
  sh: shell,
  zsh: shell,
  shell,
  sql: standardSQL,
  sqlite: standardSQL,
  postgresql: standardSQL,
  ruby,
  go,
  rust,
  lua,
  perl,
  powershell: powerShell,
  haskell,
  ocaml: oCaml,
  octave,
  matlab: octave,
  "c++": cpp,
  cpp,
  "c#": csharp,
  java,
  kotlin,
  scala,
  dart,
};

const made = new Map<StreamParser<unknown>, StreamLanguage<unknown>>();

/** The language of this name, if it is one of these. */
export function modeOf(name: string): StreamLanguage<unknown> | undefined {
  const parser = parsers[name.toLowerCase()] ?? parsers[name.toLowerCase().replace(/[\d. ]+$/, "")];
  if (!parser) return undefined;
  const language = made.get(parser) ?? StreamLanguage.define(parser);
  made.set(parser, language);
  return language;
}
