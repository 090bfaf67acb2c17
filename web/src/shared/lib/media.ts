// Media types in words.

const words: Record<string, string> = {
  "application/vnd.plotly.v1+json": "Figure",
  "application/geo+json": "GeoJSON",
  "application/json": "JSON",
  "application/octet-stream": "Binary",
  "application/pdf": "PDF",
  "application/vnd.apache.parquet": "Parquet table",
  "application/x-ndjson": "JSON lines",
  "application/x-npy": "Array",
  "text/csv": "CSV table",
  "text/html": "HTML",
  "text/markdown": "Markdown",
  "text/plain": "Text",
  "text/tab-separated-values": "TSV table",
};

export function mediaWord(mediaType: string): string {
  const plain = mediaType.split(";")[0]?.trim() ?? "";
  const [top, sub] = plain.split("/");
  return words[plain] ?? (top === "image" ? `${sub?.replace("+xml", "").toUpperCase()} image` : plain);
}
