// The page's colours as a drawing needs them: resolved, for the theme that is on, or for paper.

import { useSyncExternalStore } from "react";
import "./plots.css";

export interface Theme {
  ink: string;
  muted: string;
  grid: string;
  surface: string;
  /** Marks what is picked. */
  accent: string;
  /** Told apart without seeing red or green, on both grounds. */
  series: readonly string[];
  font: string;
  faded: (color: string, opacity: number) => string;
}

export const SERIES = 8;

/** `rgb(1, 2, 3)` with an opacity. */
export function faded(color: string, opacity: number): string {
  const [red = "0", green = "0", blue = "0"] = color.match(/[\d.]+/g) ?? [];
  return color.startsWith("rgb") ? `rgba(${red}, ${green}, ${blue}, ${opacity})` : color;
}

/** Custom properties hold light-dark(); `color` of an element is where the browser has decided. */
export function readTheme(scheme?: "light" | "dark"): Theme {
  const probe = document.createElement("span");
  if (scheme) probe.style.colorScheme = scheme;
  document.body.append(probe);
  const style = getComputedStyle(probe);
  const color = (name: string) => {
    probe.style.color = `var(--${name})`;
    return style.color;
  };
  const theme: Theme = {
    ink: color("color-ink"),
    muted: color("color-muted"),
    grid: color("color-line"),
    surface: color("color-surface"),
    accent: color("color-danger"),
    series: Array.from({ length: SERIES }, (_, index) => color(`plot-${index + 1}`)),
    font: style.fontFamily,
    faded,
  };
  probe.remove();
  return theme;
}

let now: Theme | undefined;

function watch(changed: () => void): () => void {
  const again = () => {
    now = undefined;
    changed();
  };
  const dark = matchMedia("(prefers-color-scheme: dark)");
  dark.addEventListener("change", again);
  // Somebody's own choice of theme stands at the root.
  const observer = new MutationObserver(again);
  observer.observe(document.documentElement, { attributes: true });
  return () => {
    dark.removeEventListener("change", again);
    observer.disconnect();
  };
}

/** The theme that is on; changes with it. */
export function useTheme(): Theme {
  return useSyncExternalStore(watch, () => {
    now ??= readTheme();
    return now;
  });
}
