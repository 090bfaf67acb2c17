import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { useEffect, useState } from "react";
import { accountQuery } from "@/features/identity/account";
import { DataSlotsContext } from "@/features/storage/slots";
import { Problem } from "@/shared/api/problem";
import type { Account } from "@/shared/api/types";
import { socket } from "@/shared/live/live";
import { makeRouter } from "./router";
import { dataSlots } from "./slots";

/** Only what may go better the next time is tried again. */
function retry(failures: number, error: Error): boolean {
  const hopeless = error instanceof Problem && error.status > 0 && error.status < 500;
  return !hopeless && failures < 2;
}

function makeClient(account: Account): QueryClient {
  const client = new QueryClient({
    // The event stream says what has changed; asking on every focus would only repeat it.
    defaultOptions: { queries: { retry, staleTime: 30_000, refetchOnWindowFocus: false } },
  });
  client.setQueryData(accountQuery.queryKey, account);
  return client;
}

/** The app of somebody who is signed in. */
export default function Workbench({ account }: { account: Account }) {
  const [client] = useState(() => makeClient(account));
  const [router] = useState(() => makeRouter(client));
  useEffect(() => {
    socket.connect();
    return () => socket.close();
  }, []);
  return (
    <QueryClientProvider client={client}>
      <DataSlotsContext value={dataSlots}>
        <RouterProvider router={router} />
      </DataSlotsContext>
    </QueryClientProvider>
  );
}
