import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { lineageQuery } from "../queries";
import { shownName } from "../shown-text";

/** What a dataset was made from and into, as two lists. */
export function LineageLists({ project, id }: { project: string; id: string }) {
  const lineage = useQuery(lineageQuery(id));
  if (!lineage.data) return null;
  const { nodes, edges, root } = lineage.data;
  const named = (ids: string[]) => nodes.filter((node) => ids.includes(node.id));
  const from = named(edges.filter((edge) => edge.to === root).map((edge) => edge.from));
  const into = named(edges.filter((edge) => edge.from === root).map((edge) => edge.to));
  return (
    <section aria-label="Lineage" className="@container">
      <div className="grid gap-4 @md:grid-cols-2">
        {(
          [
            ["Made from", from, "It was made from no data."],
            ["Made into", into, "Nothing was made from it yet."],
          ] as const
        ).map(([title, list, none]) => (
          <div key={title}>
            <h2 className="mb-2">{title}</h2>
            <ul className="space-y-1 rounded-lg border border-line px-4 py-3 text-sm">
              {list.length === 0 && <li className="text-muted">{none}</li>}
              {list.map((node) => (
                <li key={node.id} className="wrap-anywhere">
                  {node.gone ? (
                    <>
                      {shownName(node.name)} <span className="text-muted">(deleted)</span>
                    </>
                  ) : (
                    <Link className="link" to="/projects/$project/data/$data" params={{ project, data: node.id }}>
                      {shownName(node.name)}
                    </Link>
                  )}
                </li>
              ))}
            </ul>
          </div>
        ))}
      </div>
    </section>
  );
}
