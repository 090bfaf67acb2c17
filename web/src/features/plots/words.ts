// Words on a plot.

/** Plotly reads a little HTML in titles and names, links among it: names out of data are text. */
export const plainText = (text: string): string => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;");

export const withUnit = (name: string, unit: string | null): string => (unit ? `${bare(name, unit)} (${unit})` : name);

/** A heading without the unit that stands in it: `co2 (ppm)` is co2. */
export function bare(name: string, unit: string | null): string {
  const [, alone, inside] = /^(.*\S)\s*[([]([^()[\]]+)[)\]]\s*$/.exec(name) ?? [];
  return alone && inside === unit ? alone : name;
}
