import type { LucideIcon } from "lucide-react";
import type { ReactNode } from "react";

interface Props {
  icon: LucideIcon;
  title: string;
  /** What the thing is, in a sentence. */
  children: ReactNode;
  /** The one thing to do. */
  action?: ReactNode;
}

export function Empty({ icon: Icon, title, children, action }: Props) {
  return (
    <div className="card flex flex-col items-center gap-3 px-6 py-10 text-center">
      <Icon aria-hidden className="size-8 text-muted" />
      <h2>{title}</h2>
      <p className="max-w-prose text-muted">{children}</p>
      {action}
    </div>
  );
}
