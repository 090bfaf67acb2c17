// Which data a plot means: fixed ones, or the newest that a process wrote under a name.

import { queryOptions } from "@tanstack/react-query";
import { api, body } from "@/shared/api/client";
import { Problem } from "@/shared/api/problem";

/** The id of the newest complete output; asked again whenever the project gets a dataset. */
export const newestQuery = (project: string, process: string, output: string) =>
  queryOptions({
    // Below the key of the project's datasets, which the event stream refreshes.
    queryKey: ["datasets", project, "newest", process, output],
    queryFn: async () => {
      const page = await body(api.GET("/api/datasets", { params: { query: { project, process, limit: 500 } } }));
      const [newest] = page.items
        .filter(({ name, partial }) => name === output && !partial)
        .sort((a, b) => b.version - a.version);
      if (newest) return newest.id;
      throw new Problem(404, "no_output", `the process has written no “${output}” yet`);
    },
  });
