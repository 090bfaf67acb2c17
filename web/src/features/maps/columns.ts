// Which columns say where a row is: by the role that the writer gave them, by their names, by their unit.

import type { MapColumn } from "./data";

export interface Position {
  x: string;
  y: string;
  /** The names or units say longitude and latitude in degrees: then no further system needs to be known. */
  degrees: boolean;
}

const pairs: readonly { x: RegExp; y: RegExp; degrees: boolean }[] = [
  { x: /^(lon|long|lng|longitude)$/, y: /^(lat|latitude)$/, degrees: true },
  {
    x: /^.*[_ ]?(lon|lng|longitude)([_ ](deg|dd|wgs84))?$/,
    y: /^.*[_ ]?(lat|latitude)([_ ](deg|dd|wgs84))?$/,
    degrees: true,
  },
  {
    x: /^(e|east|easting|eastings|utm[_ ]?e|utm[_ ]?x|x[_ ]?utm|rechtswert|coord[_ ]?x)$/,
    y: /^(n|north|northing|northings|utm[_ ]?n|utm[_ ]?y|y[_ ]?utm|hochwert|coord[_ ]?y)$/,
    degrees: false,
  },
  { x: /^.*[_ ]easting$/, y: /^.*[_ ]northing$/, degrees: false },
  { x: /^x([_ ]?(m|coord|coordinate|pos))?$/, y: /^y([_ ]?(m|coord|coordinate|pos))?$/, degrees: false },
];

const angle = /^(deg|degree|degrees|°|degrees?[_ ](east|north))$/i;
const plain = (name: string) => name.trim().toLowerCase();

/** The columns of the position, or null when none can be told. */
export function findPosition(columns: readonly MapColumn[]): Position | null {
  const numeric = columns.filter(({ type }) => type === "number");
  const byRole = (...roles: string[]) => numeric.find(({ role }) => role && roles.includes(plain(role)))?.name;
  const [lon, lat] = [byRole("longitude", "lon"), byRole("latitude", "lat")];
  if (lon && lat) return { x: lon, y: lat, degrees: true };
  const [east, north] = [byRole("easting", "x"), byRole("northing", "y")];
  if (east && north) return { x: east, y: north, degrees: false };

  for (const { x, y, degrees } of pairs) {
    const across = numeric.find(({ name }) => x.test(plain(name)));
    const up = numeric.find((column) => y.test(plain(column.name)) && column !== across);
    if (!across || !up) continue;
    // A longitude in metres is none.
    const angular = [across, up].every(({ unit }) => unit === null || angle.test(unit));
    const named = degrees && angular;
    const united = !degrees && [across, up].every(({ unit }) => unit !== null && /^degrees?[_ ]/i.test(unit));
    return { x: across.name, y: up.name, degrees: named || united };
  }
  // CF conventions: the unit itself says which it is.
  const eastward = numeric.find(({ unit }) => unit !== null && /^degrees?[_ ]e(ast)?$/i.test(unit));
  const northward = numeric.find(({ unit }) => unit !== null && /^degrees?[_ ]n(orth)?$/i.test(unit));
  return eastward && northward ? { x: eastward.name, y: northward.name, degrees: true } : null;
}

/** Whether numbers called longitude and latitude can be those. */
export function inDegrees(x: Float64Array, y: Float64Array): boolean {
  for (let row = 0; row < x.length; row += 1) {
    if (Math.abs(x[row] ?? 0) > 360 || Math.abs(y[row] ?? 0) > 90) return false;
  }
  return true;
}

const identity =
  /^(id|fid|gid|index|row|no|nr|number|time|date|year|month|day|station|code|zone|line|profile|track|segment)$/;

/** The column to colour by before anybody chose: the first numbers that are neither position nor a name. */
export function findValue(columns: readonly MapColumn[], position: Position | null): string | undefined {
  const numeric = columns.filter(({ type, name }) => type === "number" && name !== position?.x && name !== position?.y);
  return (numeric.find(({ name }) => !identity.test(plain(name))) ?? numeric[0])?.name;
}

/** The column that tells lines or profiles apart. */
export function findGroup(columns: readonly MapColumn[]): string | undefined {
  return columns.find(({ name }) =>
    /^(line|profile|track|segment|trace|group)([_ ]?(id|no|name|number))?$/.test(plain(name)),
  )?.name;
}
