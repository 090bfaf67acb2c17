import { queryOptions, useSuspenseQuery } from "@tanstack/react-query";
import { LogOut, UserRound } from "lucide-react";
import { type ReactNode, useEffect, useState } from "react";
import { api, base, body, onSessionLost } from "@/shared/api/client";
import type { Account } from "@/shared/api/types";
import { may } from "@/shared/lib/permissions";
import { socket } from "@/shared/live/live";
import { Dialog } from "@/shared/ui/dialog";
import { Disclosure, menuItemClass } from "@/shared/ui/disclosure";
import { toast } from "@/shared/ui/toast";
import { SignInForm } from "./sign-in";

export const accountQuery = queryOptions({
  queryKey: ["me"],
  queryFn: () => body(api.GET("/api/me")),
  staleTime: 60_000,
});

/** Who is signed in. */
export function useAccount(): Account {
  return useSuspenseQuery(accountQuery).data;
}

/** Whether to offer what needs this permission in this project. */
export function useMay(project: string | undefined): (permission: string) => boolean {
  const account = useAccount();
  return (permission) => may(account, project, permission);
}

async function signOut() {
  try {
    await api.POST("/api/auth/logout");
    // A new document: nothing of this account stays in memory.
    location.assign(base);
  } catch (error) {
    toast.error(error, "Signing out failed");
  }
}

/** @param children further items above “Sign out” */
export function AccountMenu({ children }: { children?: (close: () => void) => ReactNode }) {
  const account = useAccount();
  return (
    <Disclosure
      align="right"
      name={`Account of ${account.display_name}`}
      label={
        <>
          <UserRound aria-hidden className="size-4" />
          <span className="hidden max-w-40 truncate sm:inline">{account.display_name}</span>
        </>
      }
    >
      {(close) => (
        <>
          <p className="px-2.5 py-1.5 text-sm text-muted">
            {account.name}
            {account.roles.length > 0 && ` (${account.roles.join(", ")})`}
          </p>
          {children?.(close)}
          <button type="button" className={menuItemClass} onClick={signOut}>
            <LogOut aria-hidden className="size-4" />
            Sign out
          </button>
        </>
      )}
    </Disclosure>
  );
}

/** Asks for the password when the session has ended, over the page: what was typed there stays. */
export function SessionGuard({ onBack }: { onBack: () => void }) {
  const [lost, setLost] = useState(false);
  const account = useAccount();
  useEffect(() => onSessionLost(() => setLost(true)), []);
  if (!lost) return null;
  return (
    <Dialog title="Your session has ended">
      <p className="mb-4 text-sm text-muted">
        Sign in again as {account.name} to go on where you are; nothing on the page is lost.
      </p>
      <SignInForm
        name={account.name}
        onSignedIn={() => {
          setLost(false);
          socket.connect();
          onBack();
        }}
      />
      <a className="link mt-3 inline-block text-sm" href={base.href}>
        Sign in as somebody else
      </a>
    </Dialog>
  );
}
