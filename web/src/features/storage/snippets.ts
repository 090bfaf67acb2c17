// How to get at an upload or a dataset from elsewhere.

import type { Dataset, Upload } from "@/shared/api/types";

export interface Snippet {
  title: string;
  about: string;
  text: string;
}

/** A text as the shell takes it for one word. */
export const shellWord = (text: string): string =>
  /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;

const python = (text: string) => JSON.stringify(text);
const fileName = (name: string) => name.split("/").at(-1) || "data";

/** `bucket` is the project's name. */
export function snippets(item: Upload | Dataset, bucket: string, server: string): Snippet[] {
  const s3 = { title: "S3", about: "In the project's bucket, for S3 clients", text: `s3://${bucket}/${item.key}` };
  if (!("process" in item)) {
    return [
      { title: "Reference", about: "As an input of a process", text: `upload:${item.name}` },
      s3,
      {
        title: "Python",
        about: "In the `run` of a process type whose input it is",
        text: `with storage.open(${python(`upload:${item.name}`)}) as file:\n    data = file.read()`,
      },
    ];
  }
  const client = `castalia.Client(${python(server)})`;
  return [
    { title: "Reference", about: "As an input of a process", text: `dataset:${item.id}` },
    {
      title: "Python",
      about: "With an API token in CASTALIA_TOKEN, or after `castalia login`",
      text: `import castalia\n${client}.dataset(${python(item.id)}).to(${python(fileName(item.name))})`,
    },
    {
      title: "Command line",
      about: "After `castalia login`",
      text: `castalia dataset get ${item.id} -o ${shellWord(fileName(item.name))}`,
    },
    s3,
  ];
}
