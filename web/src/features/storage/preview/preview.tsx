import type { Dataset, Preview } from "@/shared/api/types";
import { unitOfAll } from "../columns";
import { shownName } from "../shown-text";
import { ArrayPreview, type ArrayShown } from "./array";
import { GeojsonPreview } from "./geojson";
import { HexPreview } from "./hex";
import { JsonTree } from "./json-tree";
import { MarkdownPreview } from "./markdown";
import { PicturePreview } from "./picture";
import { TablePreview } from "./table";
import { TextPreview } from "./text";
import type { Shown, Way } from "./ways";

interface Props {
  id: string;
  name: string;
  mediaType: string;
  size: number;
  shown: Shown;
  way: Way;
  /** What its writer said of it, for units. */
  dataset: Dataset | undefined;
}

/** A look at an upload or dataset. Nothing in it is executed: text stays text, pictures are pictures. */
export function DataPreview({ id, name: given, mediaType, size, shown, way, dataset }: Props) {
  const name = shownName(given);
  switch (way) {
    case "table": {
      const preview = shown as Extract<Preview, { kind: "table" }>;
      return <TablePreview {...{ id, name, mediaType, size, preview, dataset }} />;
    }
    case "features":
      return <GeojsonPreview id={id} name={name} crs={"crs" in shown ? shown.crs : undefined} />;
    case "tree":
      return <JsonTree id={id} name={name} />;
    case "array":
      return <ArrayPreview name={name} array={shown as ArrayShown} unit={unitOfAll(dataset)} />;
    case "picture": {
      const pixels = shown.kind === "image" ? { width: shown.width, height: shown.height } : undefined;
      return <PicturePreview id={id} name={name} size={size} {...(pixels && { pixels })} />;
    }
    case "page":
      return <MarkdownPreview id={id} name={name} />;
    case "text":
      return <TextPreview id={id} name={name} size={size} />;
    case "bytes":
      return <HexPreview id={id} name={name} size={size} />;
  }
}
