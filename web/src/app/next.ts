/** Where one wanted to go before signing in (`?next=`); only to places of our own origin. */
export function nextAddress(search: string = location.search, origin: string = location.origin): string | undefined {
  const next = new URLSearchParams(search).get("next");
  const url = next && URL.canParse(next, origin) ? new URL(next, origin) : undefined;
  return url?.origin === origin ? url.href : undefined;
}
