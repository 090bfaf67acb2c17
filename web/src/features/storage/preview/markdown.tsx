import { useQuery } from "@tanstack/react-query";
import { useEffect, useRef } from "react";
import { request } from "@/shared/api/client";
import { Failure } from "@/shared/ui/failure";
import { Skeleton } from "@/shared/ui/skeleton";
import { contentPath } from "../queries";
import "./markdown.css";

/** Longer ones are shown as text. */
export const MARKDOWN_LIMIT = 1_000_000;

/** Markdown as a page: without HTML, without pictures from elsewhere, and links that know nothing of us. */
export function MarkdownPreview({ id, name }: { id: string; name: string }) {
  const page = useQuery({
    queryKey: ["content", id, "markdown"],
    queryFn: async ({ signal }) => {
      const [{ render }, text] = await Promise.all([
        import("./render-markdown"),
        request(contentPath(id), { signal }).then((answer) => answer.text()),
      ]);
      return render(text);
    },
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 60_000,
  });
  const box = useRef<HTMLElement>(null);
  useEffect(() => {
    // A copy: what was put into the page once is gone from the fragment.
    if (page.data) box.current?.replaceChildren(page.data.cloneNode(true));
  }, [page.data]);
  if (page.isError) return <Failure error={page.error} retry={() => void page.refetch()} />;
  if (page.isPending) return <Skeleton className="h-64 w-full" />;
  return (
    <section
      ref={box}
      aria-label={`Content of ${name}`}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: a box that scrolls must take the focus to be scrolled by keys
      tabIndex={0}
      className="markdown max-h-[min(36rem,75vh)] overflow-auto rounded-lg border border-line bg-surface px-5 py-4 wrap-anywhere"
    />
  );
}
