// Coordinate reference systems by their names: codes of the EPSG register, urn: and http: forms of them, or a proj4
// text. The definitions are those of PROJ; national datums carry their usual shift to WGS 84, which is good to a few
// metres. What is not known here is never guessed: the person is asked.

export interface Crs {
  /** `EPSG:32633`, or the proj4 text itself. */
  id: string;
  title: string;
  /** What proj4 takes. */
  definition: string;
  /** Degrees of longitude and latitude instead of lengths. */
  geographic: boolean;
  /** Where the shift of the datum is only known to some metres. */
  rough?: boolean;
}

const shift = (values: string) => `+towgs84=${values} `;
const DHDN = shift("598.1,73.7,418.2,0.202,0.045,-2.455,6.7");
const MGI = shift("577.326,90.129,463.919,5.137,1.474,5.297,2.4232");
const SWISS = shift("674.374,15.056,405.346");
const SJTSK = shift("589,76,480");

/** Code, name, definition without `+units=m +no_defs`. */
const single: readonly (readonly [number, string, string])[] = [
  [4326, "WGS 84, longitude and latitude", "+proj=longlat +datum=WGS84"],
  [3857, "Web Mercator", "+proj=merc +a=6378137 +b=6378137 +lat_ts=0 +lon_0=0 +x_0=0 +y_0=0 +k=1 +nadgrids=@null"],
  [4258, "ETRS89, longitude and latitude", "+proj=longlat +ellps=GRS80 +towgs84=0,0,0"],
  [4269, "NAD83, longitude and latitude", "+proj=longlat +ellps=GRS80 +towgs84=0,0,0"],
  [4283, "GDA94, longitude and latitude", "+proj=longlat +ellps=GRS80 +towgs84=0,0,0"],
  [7844, "GDA2020, longitude and latitude", "+proj=longlat +ellps=GRS80 +towgs84=0,0,0"],
  [3035, "ETRS89 LAEA Europe", "+proj=laea +lat_0=52 +lon_0=10 +x_0=4321000 +y_0=3210000 +ellps=GRS80"],
  [
    3034,
    "ETRS89 LCC Europe",
    "+proj=lcc +lat_0=52 +lon_0=10 +lat_1=35 +lat_2=65 +x_0=4000000 +y_0=2800000 +ellps=GRS80",
  ],
  [
    27700,
    "British National Grid",
    `+proj=tmerc +lat_0=49 +lon_0=-2 +k=0.9996012717 +x_0=400000 +y_0=-100000 +ellps=airy ${shift("446.448,-125.157,542.06,0.15,0.247,0.842,-20.489")}`,
  ],
  [
    29902,
    "Irish Grid",
    `+proj=tmerc +lat_0=53.5 +lon_0=-8 +k=1.000035 +x_0=200000 +y_0=250000 +a=6377340.189 +rf=299.3249646 ${shift("482.5,-130.6,564.6,-1.042,-0.214,-0.631,8.15")}`,
  ],
  [
    2157,
    "Irish Transverse Mercator",
    "+proj=tmerc +lat_0=53.5 +lon_0=-8 +k=0.99982 +x_0=600000 +y_0=750000 +ellps=GRS80",
  ],
  [
    28992,
    "Netherlands RD New",
    `+proj=sterea +lat_0=52.1561605555556 +lon_0=5.38763888888889 +k=0.9999079 +x_0=155000 +y_0=463000 +ellps=bessel ${shift("565.4171,50.3319,465.5524,-0.398957,0.343988,-1.87740,4.0725")}`,
  ],
  [
    31370,
    "Belgian Lambert 72",
    `+proj=lcc +lat_0=90 +lon_0=4.36748666666667 +lat_1=51.1666672333333 +lat_2=49.8333339 +x_0=150000.013 +y_0=5400088.438 +ellps=intl ${shift("-106.8686,52.2978,-103.7239,0.3366,-0.457,1.8422,-1.2747")}`,
  ],
  [
    2154,
    "France Lambert-93",
    "+proj=lcc +lat_0=46.5 +lon_0=3 +lat_1=49 +lat_2=44 +x_0=700000 +y_0=6600000 +ellps=GRS80",
  ],
  [
    2056,
    "Switzerland LV95",
    `+proj=somerc +lat_0=46.9524055555556 +lon_0=7.43958333333333 +k_0=1 +x_0=2600000 +y_0=1200000 +ellps=bessel ${SWISS}`,
  ],
  [
    21781,
    "Switzerland LV03",
    `+proj=somerc +lat_0=46.9524055555556 +lon_0=7.43958333333333 +k_0=1 +x_0=600000 +y_0=200000 +ellps=bessel ${SWISS}`,
  ],
  [
    31287,
    "Austria Lambert",
    `+proj=lcc +lat_0=47.5 +lon_0=13.3333333333333 +lat_1=49 +lat_2=46 +x_0=400000 +y_0=400000 +ellps=bessel ${MGI}`,
  ],
  [31466, "Germany Gauss-Krüger 2", `+proj=tmerc +lat_0=0 +lon_0=6 +k=1 +x_0=2500000 +y_0=0 +ellps=bessel ${DHDN}`],
  [31467, "Germany Gauss-Krüger 3", `+proj=tmerc +lat_0=0 +lon_0=9 +k=1 +x_0=3500000 +y_0=0 +ellps=bessel ${DHDN}`],
  [31468, "Germany Gauss-Krüger 4", `+proj=tmerc +lat_0=0 +lon_0=12 +k=1 +x_0=4500000 +y_0=0 +ellps=bessel ${DHDN}`],
  [31469, "Germany Gauss-Krüger 5", `+proj=tmerc +lat_0=0 +lon_0=15 +k=1 +x_0=5500000 +y_0=0 +ellps=bessel ${DHDN}`],
  [
    5514,
    "Czechia and Slovakia Krovak East North",
    `+proj=krovak +lat_0=49.5 +lon_0=24.8333333333333 +alpha=30.2881397527778 +k=0.9999 +x_0=0 +y_0=0 +ellps=bessel ${SJTSK}`,
  ],
  [2180, "Poland CS92", "+proj=tmerc +lat_0=0 +lon_0=19 +k=0.9993 +x_0=500000 +y_0=-5300000 +ellps=GRS80"],
  [3006, "Sweden SWEREF99 TM", "+proj=utm +zone=33 +ellps=GRS80"],
  [3067, "Finland TM35FIN", "+proj=utm +zone=35 +ellps=GRS80"],
  [
    3301,
    "Estonia 1997",
    "+proj=lcc +lat_0=57.5175539305556 +lon_0=24 +lat_1=59.3333333333333 +lat_2=58 +x_0=500000 +y_0=6375000 +ellps=GRS80",
  ],
  [3059, "Latvia TM", "+proj=tmerc +lat_0=0 +lon_0=24 +k=0.9996 +x_0=500000 +y_0=-6000000 +ellps=GRS80"],
  [3346, "Lithuania TM", "+proj=tmerc +lat_0=0 +lon_0=24 +k=0.9998 +x_0=500000 +y_0=0 +ellps=GRS80"],
  [
    2100,
    "Greek Grid",
    `+proj=tmerc +lat_0=0 +lon_0=24 +k=0.9996 +x_0=500000 +y_0=0 +ellps=GRS80 ${shift("-199.87,74.79,246.62")}`,
  ],
  [3765, "Croatia TM", "+proj=tmerc +lat_0=0 +lon_0=16.5 +k=0.9999 +x_0=500000 +y_0=0 +ellps=GRS80"],
  [3794, "Slovenia National Grid", "+proj=tmerc +lat_0=0 +lon_0=15 +k=0.9999 +x_0=500000 +y_0=-5000000 +ellps=GRS80"],
  [
    23700,
    "Hungary EOV",
    `+proj=somerc +lat_0=47.1443937222222 +lon_0=19.0485717777778 +k_0=0.99993 +x_0=650000 +y_0=200000 +ellps=GRS67 ${shift("52.17,-71.82,-14.9")}`,
  ],
  [
    2193,
    "New Zealand Transverse Mercator",
    "+proj=tmerc +lat_0=0 +lon_0=173 +k=0.9996 +x_0=1600000 +y_0=10000000 +ellps=GRS80",
  ],
  [3577, "Australian Albers", "+proj=aea +lat_0=0 +lon_0=132 +lat_1=-18 +lat_2=-36 +x_0=0 +y_0=0 +ellps=GRS80"],
  [3978, "Canada Atlas Lambert", "+proj=lcc +lat_0=49 +lon_0=-95 +lat_1=49 +lat_2=77 +x_0=0 +y_0=0 +ellps=GRS80"],
  [
    5070,
    "Conterminous USA Albers",
    "+proj=aea +lat_0=23 +lon_0=-96 +lat_1=29.5 +lat_2=45.5 +x_0=0 +y_0=0 +ellps=GRS80",
  ],
  [5179, "Korea Unified CS", "+proj=tmerc +lat_0=38 +lon_0=127.5 +k=0.9996 +x_0=1000000 +y_0=2000000 +ellps=GRS80"],
  [3031, "Antarctic Polar Stereographic", "+proj=stere +lat_0=-90 +lat_ts=-71 +lon_0=0 +x_0=0 +y_0=0 +datum=WGS84"],
  [3413, "Sea Ice Polar Stereographic North", "+proj=stere +lat_0=90 +lat_ts=70 +lon_0=-45 +x_0=0 +y_0=0 +datum=WGS84"],
  [3976, "Sea Ice Polar Stereographic South", "+proj=stere +lat_0=-90 +lat_ts=-70 +lon_0=0 +x_0=0 +y_0=0 +datum=WGS84"],
  [3995, "Arctic Polar Stereographic", "+proj=stere +lat_0=90 +lat_ts=71 +lon_0=0 +x_0=0 +y_0=0 +datum=WGS84"],
  [3395, "World Mercator", "+proj=merc +lon_0=0 +k=1 +x_0=0 +y_0=0 +datum=WGS84"],
  [6933, "EASE-Grid 2.0 Global", "+proj=cea +lat_ts=30 +lon_0=0 +x_0=0 +y_0=0 +datum=WGS84"],
];

/** Families of zones: first code, first and last zone, and what they are. */
const zoned: readonly { base: number; from: number; to: number; title: string; definition: string; south?: boolean }[] =
  [
    { base: 32600, from: 1, to: 60, title: "WGS 84 UTM zone", definition: "+datum=WGS84" },
    { base: 32700, from: 1, to: 60, title: "WGS 84 UTM zone", definition: "+datum=WGS84", south: true },
    { base: 25800, from: 28, to: 38, title: "ETRS89 UTM zone", definition: "+ellps=GRS80" },
    { base: 26900, from: 1, to: 23, title: "NAD83 UTM zone", definition: "+ellps=GRS80" },
    { base: 23000, from: 28, to: 38, title: "ED50 UTM zone", definition: "+ellps=intl +towgs84=-87,-98,-121" },
    { base: 28300, from: 48, to: 58, title: "GDA94 MGA zone", definition: "+ellps=GRS80", south: true },
    { base: 7800, from: 46, to: 59, title: "GDA2020 MGA zone", definition: "+ellps=GRS80", south: true },
  ];

function ofCode(code: number): Crs | null {
  const id = `EPSG:${code}`;
  for (const [known, title, definition] of single) {
    if (known === code) return made(id, title, definition);
  }
  for (const { base, from, to, title, definition, south } of zoned) {
    const zone = code - base;
    if (zone < from || zone > to) continue;
    const half = south ? " +south" : "";
    return made(id, `${title} ${zone}${south ? "S" : "N"}`, `+proj=utm +zone=${zone}${half} ${definition}`);
  }
  return null;
}

function made(id: string, title: string, definition: string): Crs {
  const geographic = definition.includes("+proj=longlat");
  const rough = /\+towgs84=(?!0,0,0)/.test(definition);
  const units = geographic ? "" : " +units=m";
  return { id, title, definition: `${definition.trim()}${units} +no_defs`, geographic, ...(rough && { rough }) };
}

export const WGS84 = ofCode(4326) as Crs;

/** Those of a list to choose from: without the zones, for which one types the number. */
export const listed: readonly Crs[] = single.map(([code]) => ofCode(code) as Crs);

const PLAIN = /^(?:epsg[:\s]*)?(\d{4,6})$/i;
const URN = /(?:urn:ogc:def:crs:|\/def\/crs\/)epsg[:/][\d.]*[:/](\d{4,6})$/i;
const LONLAT = /(?:^|[:/])(?:crs:?84|wgs ?84)$/i;
/** `33N`, `UTM 33 S`, `WGS 84 / UTM zone 33N`. */
const UTM = /^(?:wgs ?84\s*\/?\s*)?utm\s*(?:zone\s*)?(\d{1,2})\s*([ns])$/i;

/** The system that a text names, or null when it is not known here. */
export function parseCrs(text: string): Crs | null {
  const given = text.trim();
  const code = PLAIN.exec(given)?.[1] ?? URN.exec(given)?.[1];
  if (code) return Number(code) === 900913 ? ofCode(3857) : ofCode(Number(code));
  if (LONLAT.test(given)) return WGS84;
  const [, zone, half] = UTM.exec(given) ?? [];
  if (zone && half) return ofCode((half.toLowerCase() === "s" ? 32700 : 32600) + Number(zone));
  // Shift grids are files that are not here; without them the result would be wrong by up to hundreds of metres.
  if (/^\+proj=\w+/.test(given) && !/\+nadgrids=(?!@null)/.test(given)) {
    return {
      id: given,
      title: "Own definition",
      definition: given,
      geographic: /\+proj=(longlat|latlong)\b/.test(given),
    };
  }
  return null;
}
