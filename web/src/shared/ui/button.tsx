import type { ButtonHTMLAttributes } from "react";

type Look = "primary" | "plain" | "quiet" | "danger";

const looks: Record<Look, string> = {
  primary: "bg-accent text-on-accent hover:brightness-110 border border-transparent",
  plain: "border border-edge bg-surface hover:bg-hover",
  quiet: "border border-transparent hover:bg-hover",
  danger: "border border-danger text-danger bg-surface hover:bg-danger-soft",
};

/** The look of a button, for links that act like one. */
export function buttonClass(look: Look = "plain", extra = ""): string {
  return `inline-flex min-h-9 items-center justify-center gap-2 rounded-md px-3 py-1.5 text-sm font-medium whitespace-nowrap disabled:opacity-55 ${looks[look]} ${extra}`;
}

interface Props extends ButtonHTMLAttributes<HTMLButtonElement> {
  look?: Look;
  /** Shows that it works and takes no second click; the words stay, so that nothing jumps. */
  busy?: boolean;
}

export function Button({ look = "plain", busy = false, className = "", disabled, type = "button", ...rest }: Props) {
  return (
    <button
      {...rest}
      type={type}
      disabled={disabled || busy}
      aria-busy={busy || undefined}
      className={buttonClass(look, `${className} ${busy ? "animate-pulse" : ""}`)}
    />
  );
}
