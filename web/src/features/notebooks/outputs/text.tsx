import { memo, useMemo } from "react";
import { plainText } from "./plain";

/** More lines than these are not drawn at once. */
const SHOWN = 2000;

/** What a program wrote, with its colours, on the ground that they are made for. */
export const PlainText = memo(function PlainText({ text, label, error = false, dark = false }: TextProps) {
  const lines = useMemo(() => plainText(text), [text]);
  // Colours that a program chose one by one are for a dark ground.
  const terminal = dark || lines.some((line) => line.some(({ color, background }) => color || background));
  const cut = Math.max(0, lines.length - SHOWN);
  // Most texts have no colours at all: one node instead of one for each line.
  const plain = useMemo(
    () =>
      lines.every((line) => line.every(({ className, color, background }) => !(className || color || background)))
        ? lines
            .slice(cut)
            .map((line) => line.map(({ text }) => text).join(""))
            .join("\n")
        : undefined,
    [lines, cut],
  );
  return (
    <section
      aria-label={label}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: a box that scrolls must take the focus to be scrolled by keys
      tabIndex={0}
      className={`nb-text ${terminal ? "terminal" : ""} ${error ? "nb-text-error" : ""}`}
    >
      {cut > 0 && <p className="text-muted">… {cut.toLocaleString()} lines before these</p>}
      {plain !== undefined ? <div>{plain}</div> : null}
      {(plain === undefined ? lines.slice(cut) : []).map((line, at) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a line is where it stands
        <div key={at}>
          {line.length === 0
            ? "\u00a0"
            : line.map(({ text, className, color, background }, part) =>
                className || color || background ? (
                  <span
                    // biome-ignore lint/suspicious/noArrayIndexKey: the runs of a line never change
                    key={part}
                    className={className || undefined}
                    style={color || background ? { color, backgroundColor: background } : undefined}
                  >
                    {text}
                  </span>
                ) : (
                  text
                ),
              )}
        </div>
      ))}
    </section>
  );
});

interface TextProps {
  text: string;
  label: string;
  error?: boolean;
  /** On the ground of terminals in any case. */
  dark?: boolean;
}
