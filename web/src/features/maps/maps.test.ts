import type { Polygon } from "geojson";
import { describe, expect, it } from "vitest";
import { colourOf, paint, rangeOf, stopsOf } from "./colours";
import { findGroup, findPosition, findValue } from "./columns";
import { contours, roundLevels } from "./contour";
import { parseCrs } from "./crs";
import type { MapColumn, MapData } from "./data";
import { axesOfExtent, extent, gridFromRows, latitude, mercator, pictures, valueAt } from "./grid";
import { ticks } from "./legend";
import { moved, newLayer, readSettings } from "./model";
import { cells, parse } from "./parse";
import { complaint, fromLonLat, place, toLonLat } from "./place";
import { planOf, usualKind } from "./plan";
import { shapes, tracks, zooms } from "./prepare";
import { inBox, neighbour, rowsIn, scaleBar } from "./rows";
import { degreesText, net, unrolled } from "./world";

const bytesOf = (text: string) => new TextEncoder().encode(text).buffer as ArrayBuffer;
const known = (text: string) => {
  const crs = parseCrs(text);
  if (!crs) throw new Error(`${text} is not known`);
  return crs;
};

describe("coordinate systems", () => {
  // Code, x, y, longitude, latitude: computed with PROJ 9.5.
  const exact: [number, number, number, number, number][] = [
    [4326, 0.3, 0.2, 0.3, 0.2],
    [3857, 33395.847, 22263.943, 0.3, 0.2],
    [3035, 3995332.923, 3540271.809, 4.925, 54.865],
    [3034, 3684790.222, 3119080.229, 4.925, 54.865],
    [2157, 623161.297, 762297.38, -7.65, 53.61],
    [2154, 513095.497, 6608996.063, 0.56, 46.555],
    [2180, 530085.639, 533347.29, 19.445, 52.665],
    [3006, 624798.126, 6900444.63, 17.4, 62.215],
    [3067, 434830.06, 7171822.022, 25.635, 64.665],
    [3301, 533659.772, 6535806.878, 24.585, 58.96],
    [3059, 496969.127, 326292.314, 23.95, 57.08],
    [3346, 450555.39, 6137470.534, 23.22, 55.37],
    [3765, 518246.148, 4944469.443, 16.73, 44.64],
    [3794, 522704.885, 134518.878, 15.295, 46.35],
    [2193, 1583056.998, 5515061.058, 172.8, -40.515],
    [3577, 154499.861, -2880659.587, 133.57, -26.58],
    [3978, 220996.773, 1486225.937, -90.57, 62.535],
    [5070, 39621.702, 1561494.855, -95.55, 37.095],
    [5179, 1118696.839, 1627514.603, 128.795, 34.635],
    [3031, 8696.309, 1660857.454, 0.3, -74.8],
    [3413, 1145708.078, -1133772.635, 0.3, 75.2],
    [3976, 8670.287, 1655887.66, 0.3, -74.8],
    [3995, 8464.962, -1616673.853, 0.3, 75.2],
    [3395, 33395.847, 243324.005, 0.3, 2.2],
    [6933, 28945.884, 25514.607, 0.3, 0.2],
    [32633, 524767.346, 4672025.939, 15.3, 42.2],
    [32733, 525682.485, 5594397.402, 15.3, -39.8],
    [25832, 516770.271, 6703794.728, 9.305, 60.47],
    [26910, 518840.014, 6247302.579, -122.695, 56.37],
    [28355, 529457.817, 6696688.58, 147.305, -29.86],
    [7855, 529457.817, 6696688.58, 147.305, -29.86],
  ];
  it.each(exact)("EPSG:%i agrees with PROJ", (code, x, y, lon, lat) => {
    const crs = known(`EPSG:${code}`);
    const [east, north] = toLonLat(crs)(x, y);
    expect(east).toBeCloseTo(lon, 6);
    expect(north).toBeCloseTo(lat, 6);
    const [back, up] = fromLonLat(crs)(lon, lat);
    expect(Math.hypot(back - x, up - y)).toBeLessThan(0.01);
  });

  const rough: [number, number, number, number, number][] = [
    [27700, 324447.065, 632470.233, -3.2, 55.58],
    [29902, 203689.374, 262220.942, -7.945, 53.61],
    [28992, 163352.55, 493028.971, 5.51, 52.425],
    [31370, 176930.653, 155006.429, 4.75, 50.705],
    [2056, 2682599.782, 1207677.027, 8.525, 47.015],
    [21781, 682599.782, 207677.027, 8.525, 47.015],
    [31287, 423722.324, 445675.613, 13.65, 47.91],
    [31467, 3521308.128, 5693965.978, 9.305, 51.38],
    [31469, 5424688.951, 5423577.059, 13.97, 48.945],
    [5514, -520236.828, -1123950.785, 17.625, 49.595],
    [2100, 520337.814, 4262696.402, 24.235, 38.515],
    [23700, 707224.018, 224275.074, 19.805, 47.36],
    [23032, 516494.359, 6721821.436, 9.3, 60.63],
  ];
  it.each(rough)("EPSG:%i is within a few metres and says so", (code, x, y, lon, lat) => {
    const crs = known(`EPSG:${code}`);
    const [east, north] = toLonLat(crs)(x, y);
    const metres = Math.hypot((east - lon) * 111_320 * Math.cos((lat * Math.PI) / 180), (north - lat) * 111_320);
    expect(metres).toBeLessThan(12);
    expect(crs.rough).toBe(true);
  });

  it("reads the ways in which a system is named", () => {
    for (const text of [
      "EPSG:32633",
      "epsg 32633",
      "32633",
      "UTM 33N",
      "WGS 84 / UTM zone 33N",
      "urn:ogc:def:crs:EPSG::32633",
      "http://www.opengis.net/def/crs/EPSG/0/32633",
    ]) {
      expect(parseCrs(text)?.id, text).toBe("EPSG:32633");
    }
    expect(parseCrs("urn:ogc:def:crs:OGC:1.3:CRS84")?.id).toBe("EPSG:4326");
    expect(parseCrs("utm 33 s")?.id).toBe("EPSG:32733");
    expect(parseCrs("+proj=utm +zone=33")?.definition).toBe("+proj=utm +zone=33");
    for (const text of ["", "EPSG:99999", "local grid", "EPSG:32661", "+proj=utm +zone=10 +nadgrids=ca.gsb"]) {
      expect(parseCrs(text), text).toBeNull();
    }
  });

  it("complains of a definition that can't be used", () => {
    expect(complaint(known("+proj=nothing +x=1"))).toContain("proj4");
    expect(complaint(known("EPSG:2056"))).toBeNull();
  });

  it("loses rows without a place, and only those", () => {
    const { lon, lost } = place(known("32633"), [500000, Number.NaN, 500000], [5_400_000, 5_400_000, Number.NaN]);
    expect(lost).toBe(2);
    expect(lon[0]).toBeCloseTo(15, 9);
    expect(lon[1]).toBeNaN();
  });
});

const column = (name: string, values: number[], unit: string | null = null, role?: string): MapColumn => ({
  name,
  unit,
  type: "number",
  values: Float64Array.from(values),
  ...(role && { role }),
});

describe("columns", () => {
  it("finds positions by role, name and unit", () => {
    expect(findPosition([column("a", [1], null, "longitude"), column("b", [1], null, "latitude")])).toEqual({
      x: "a",
      y: "b",
      degrees: true,
    });
    expect(findPosition([column("Latitude", [1]), column("Longitude", [1])])).toEqual({
      x: "Longitude",
      y: "Latitude",
      degrees: true,
    });
    expect(findPosition([column("easting", [1], "m"), column("northing", [1], "m")])).toEqual({
      x: "easting",
      y: "northing",
      degrees: false,
    });
    expect(findPosition([column("p", [1], "degrees_east"), column("q", [1], "degrees_north")])).toEqual({
      x: "p",
      y: "q",
      degrees: true,
    });
    // Called a longitude, but in metres: no longitude.
    expect(findPosition([column("lon", [1], "m"), column("lat", [1], "m")])?.degrees).toBe(false);
    expect(findPosition([column("time", [1]), column("co2", [1])])).toBeNull();
  });

  it("colours by the first values that are no names, and tells lines apart", () => {
    const list = [column("line", [1]), column("x", [1]), column("y", [1]), column("gravity", [1])];
    expect(findValue(list, findPosition(list))).toBe("gravity");
    expect(findGroup(list)).toBe("line");
  });
});

describe("reading", () => {
  it("reads tables as they are written", () => {
    expect(cells('\ufeff# note\na;"b;c"\r\n1;"x ""y""\nz"\r\n\r\n2;3')).toEqual([
      ["a", "b;c"],
      ["1", 'x "y"\nz'],
      ["2", "3"],
    ]);
    const data = parse(bytesOf("easting (m),name,mag\n1,a,2\n,b,NaN\n"), "text/csv", "t.csv");
    expect(data.columns.map(({ name, unit, type }) => [name, unit, type])).toEqual([
      ["easting", "m", "number"],
      ["name", null, "text"],
      ["mag", null, "number"],
    ]);
    expect(Array.from(data.columns[0]?.values as Float64Array)).toEqual([1, Number.NaN]);
    expect(() => parse(bytesOf("a,b\n"), "text/csv", "t.csv")).toThrow("no table");
  });

  it("reads GeoJSON with its system, properties and heights", () => {
    const point = (coordinates: number[], properties: object) => ({
      type: "Feature",
      geometry: { type: "Point", coordinates },
      properties,
    });
    const features = [point([1, 2, 30], { mag: 4, place: "here" }), point([3, 4], { mag: null })];
    const data = parse(bytesOf(JSON.stringify({ type: "FeatureCollection", features })), "application/geo+json", "q");
    expect([data.rows, data.crs]).toEqual([2, "EPSG:4326"]);
    expect(data.columns.map(({ name }) => name)).toEqual(["mag", "place", "z"]);
    const crs = { type: "name", properties: { name: "urn:ogc:def:crs:EPSG::32633" } };
    expect(
      parse(bytesOf(JSON.stringify({ type: "FeatureCollection", crs, features })), "application/geo+json", "q").crs,
    ).toBe("urn:ogc:def:crs:EPSG::32633");
    expect(() => parse(bytesOf("{}"), "application/json", "q")).toThrow("neither GeoJSON nor a grid");
    expect(() => parse(bytesOf("{"), "application/json", "q")).toThrow("not valid JSON");
  });

  it("reads grids of JSON and arrays of NumPy", () => {
    const grid = parse(
      bytesOf(
        JSON.stringify({
          crs: "EPSG:32633",
          x: [0, 1],
          y: [0, 1],
          values: [
            [1, 2],
            [3, null],
          ],
          unit: "m",
        }),
      ),
      "application/json",
      "g",
    );
    expect(Array.from(grid.grid?.z ?? [])).toEqual([1, 2, 3, Number.NaN]);
    expect(grid.crs).toBe("EPSG:32633");
    expect(() =>
      parse(bytesOf(JSON.stringify({ x: [0, 1], y: [0, 1], values: [[1, 2]] })), "application/json", "g"),
    ).toThrow("2 values for 2 × 2");

    const header = `${"{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }".padEnd(117)}\n`;
    const bytes = new Uint8Array(10 + header.length + 24);
    bytes.set([0x93, ...new TextEncoder().encode("NUMPY"), 1, 0, header.length, 0]);
    bytes.set(new TextEncoder().encode(header), 10);
    for (let at = 0; at < 6; at += 1) new DataView(bytes.buffer).setFloat32(10 + header.length + 4 * at, at / 2, true);
    const array = parse(bytes.buffer, "application/x-npy", "a.npy");
    expect(array.unplaced).toBe(true);
    expect(Array.from(array.grid?.z ?? [])).toEqual([0, 0.5, 1, 1.5, 2, 2.5]);
    expect(() => parse(bytes.buffer.slice(0, -4), "application/x-npy", "a.npy")).toThrow("cut off");
  });
});

describe("plans", () => {
  const table = (x: string, y: string): MapData => ({
    rows: 2,
    columns: [column(x, [14.1, 14.2]), column(y, [48.1, 48.2]), column("v", [1, 2])],
  });
  const layer = (change = {}) => ({ ...newLayer([], "up_1", "n", "points"), ...change });

  it("takes longitude and latitude by their names, and asks for the rest", () => {
    expect(planOf(layer(), table("lon", "lat"))).toMatchObject({
      crs: { id: "EPSG:4326" },
      crsFrom: "columns",
      columns: { value: "v" },
    });
    expect(planOf(layer(), table("x", "y")).need?.what).toBe("crs");
    expect(planOf(layer({ crs: "32633" }), table("x", "y"))).toMatchObject({
      crs: { id: "EPSG:32633" },
      crsFrom: "layer",
    });
    expect(planOf(layer(), table("a", "b")).need?.what).toBe("columns");
    expect(planOf(layer({ x: "a", y: "b", crs: "4326" }), table("a", "b")).need).toBeUndefined();
    // Numbers that can't be degrees are not taken for degrees.
    const metres: MapData = { rows: 1, columns: [column("lon", [450_000]), column("lat", [5_400_000])] };
    expect(planOf(layer(), metres).need?.what).toBe("crs");
  });

  it("does not guess when the data names a system that is unknown", () => {
    expect(planOf(layer(), { ...table("lon", "lat"), crs: "EPSG:99999" }).need?.text).toContain("EPSG:99999");
  });

  it("asks where an array lies, and says when points are no grid", () => {
    const grid = {
      x: Float64Array.of(0, 1),
      y: Float64Array.of(0, 1),
      z: Float64Array.of(1, 2, 3, 4),
      name: "v",
      unit: null,
    };
    const array: MapData = { rows: 4, columns: [], grid, unplaced: true };
    expect(usualKind(array)).toBe("grid");
    expect(planOf(layer({ kind: "grid", crs: "32633" }), array).need?.what).toBe("extent");
    expect(planOf(layer({ kind: "grid", crs: "32633", extent: [0, 0, 10, 10] }), array)).toMatchObject({
      grid: { x: Float64Array.of(2.5, 7.5), y: Float64Array.of(7.5, 2.5) },
    });
    const scattered: MapData = {
      rows: 9,
      columns: [
        column("lon", [1, 2, 3, 4, 5, 6, 7, 8, 9]),
        column("lat", [3, 1, 4, 1.5, 9, 2.6, 5, 3.5, 8]),
        column("v", Array(9).fill(1)),
      ],
    };
    expect(planOf(layer({ kind: "grid" }), scattered).need?.what).toBe("kind");
  });
});

describe("grids", () => {
  const grid = {
    x: Float64Array.of(10, 11, 12),
    y: Float64Array.of(40, 50, 60),
    z: Float64Array.of(0, 1, 2, 10, 11, 12, 20, 21, 22),
    name: "v",
    unit: null,
  };
  const same = toLonLat(known("4326"));

  it("finds the grid in a long table in any order, with holes", () => {
    const rows = [2, 0, 1, 5, 4, 8, 7, 6];
    const found = gridFromRows(
      Float64Array.from(rows, (at) => 10 + (at % 3)),
      Float64Array.from(rows, (at) => 40 + 10 * Math.floor(at / 3)),
      Float64Array.from(rows),
    );
    expect(Array.from(found?.x ?? [])).toEqual([10, 11, 12]);
    expect(Array.from(found?.z ?? [])).toEqual([0, 1, 2, Number.NaN, 4, 5, 6, 7, 8]);
  });

  it("lies right on a Mercator map", () => {
    expect(extent(grid)).toEqual([9.5, 35, 12.5, 65]);
    const [picture] = pictures(grid, same, same, false);
    if (!picture) throw new Error("no picture");
    expect(picture.bounds).toEqual([9.5, 35, 12.5, 65]);
    // Every pixel has the value of the cell in which its own latitude lies, though the rows of the picture are Mercator's.
    const [top, bottom] = [mercator(65), mercator(35)];
    for (let row = 0; row < picture.height; row += 1) {
      const lat = latitude(top + ((bottom - top) * (row + 0.5)) / picture.height);
      if (Math.abs((lat % 10) - 5) < 0.2) continue;
      const at = row * picture.width + Math.floor(picture.width / 2);
      expect(picture.values[at]).toBe(10 * (Math.round(lat / 10) - 4) + 1);
    }
  });

  it("is where its system says, to a pixel", () => {
    const utm = known("32633");
    const survey = {
      ...grid,
      x: Float64Array.of(455_000, 456_000, 457_000),
      y: Float64Array.of(5_411_000, 5_412_000, 5_413_000),
    };
    const [picture] = pictures(survey, toLonLat(utm), fromLonLat(utm), false);
    if (!picture) throw new Error("no picture");
    const [west, south, east, north] = picture.bounds;
    for (let node = 0; node < 9; node += 1) {
      const [lon, lat] = toLonLat(utm)(survey.x[node % 3] as number, survey.y[Math.floor(node / 3)] as number);
      const column_ = Math.floor(((lon - west) / (east - west)) * picture.width);
      const row = Math.floor(
        ((mercator(north) - mercator(lat)) / (mercator(north) - mercator(south))) * picture.height,
      );
      expect(picture.values[row * picture.width + column_]).toBe(survey.z[node]);
    }
  });

  it("is cut at the 180th meridian", () => {
    const pacific = { ...grid, x: Float64Array.of(170, 180, 190) };
    expect(pictures(pacific, same, same, false).map(({ bounds }) => [bounds[0], bounds[2]])).toEqual([
      [165, 180],
      [-180, -165],
    ]);
  });

  it("goes smoothly between nodes and not beyond its cells", () => {
    expect(valueAt(grid, 10.5, 45, true)).toBeCloseTo(5.5);
    expect(valueAt(grid, 10.4, 44, false)).toBe(0);
    expect(valueAt(grid, 9.4, 45, false)).toBeNaN();
    expect(axesOfExtent(2, 1, [0, 0, 4, 4])).toEqual({ x: Float64Array.of(1, 3), y: Float64Array.of(2) });
  });
});

describe("contours", () => {
  it("chooses round levels", () => {
    expect(roundLevels(0.3, 9.7, 10)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect(roundLevels(0, 1, 4)).toEqual([0.5]);
    expect(roundLevels(1, 1, 4)).toEqual([]);
  });

  it("draws a circle as one closed line at its radius", () => {
    const axis = Float64Array.from({ length: 41 }, (_, index) => index - 20);
    const z = Float64Array.from({ length: 41 * 41 }, (_, at) => Math.hypot((at % 41) - 20, Math.floor(at / 41) - 20));
    const lines = contours({ x: axis, y: axis, z }, [10]);
    expect(lines).toHaveLength(1);
    const points = lines[0]?.points ?? [];
    expect(points[0]).toEqual(points.at(-1));
    for (const [x, y] of points) expect(Math.hypot(x, y)).toBeCloseTo(10, 1);
  });

  it("parts at a saddle, ends at the border and goes around holes", () => {
    const axis = Float64Array.of(0, 1);
    expect(contours({ x: axis, y: axis, z: Float64Array.of(1, 0, 0, 1) }, [0.4])).toHaveLength(2);
    expect(contours({ x: axis, y: axis, z: Float64Array.of(0, 1, 0, 1) }, [0.5])).toEqual([
      {
        level: 0.5,
        points: expect.arrayContaining([
          [0.5, 0],
          [0.5, 1],
        ]),
      },
    ]);
    expect(contours({ x: axis, y: axis, z: Float64Array.of(0, 1, 0, Number.NaN) }, [0.5])).toEqual([]);
  });
});

describe("shapes and tracks", () => {
  it("reprojects every geometry and knows its middle", () => {
    const square: Polygon = {
      type: "Polygon",
      coordinates: [
        [
          [0, 0],
          [111_319.490793, 0],
          [111_319.490793, 111_325.142866],
          [0, 0],
        ],
      ],
    };
    const made = shapes(known("3857"), [square, null], Float64Array.of(7, 8), null);
    const shape = made.features.features[0]?.geometry as Polygon;
    const [east = 0, north = 0] = shape.coordinates[0]?.[2] ?? [];
    expect([east, north].map((value) => value.toFixed(6))).toEqual(["1.000000", "1.000000"]);
    expect(made.features.features[0]).toMatchObject({ id: 0, properties: { v: 7 } });
    expect([made.lost, made.marks.lon[0]?.toFixed(6), made.marks.lon[1]]).toEqual([1, "0.500000", Number.NaN]);
  });

  it("draws one point for each small cell of a zoom, and all of them in the end", () => {
    const crowd = Float64Array.from({ length: 1000 }, (_, row) => 10 + row * 1e-4);
    const from = zooms(crowd, new Float64Array(1000));
    const shown = (zoom: number) => from.filter((least) => least <= zoom).length;
    expect(shown(0)).toBe(1);
    // A tenth of a degree is 582 pixels of 512-pixel tiles at zoom 12, so 194 cells of three.
    expect(Math.abs(shown(12) - 194)).toBeLessThan(3);
    expect(shown(14)).toBe(1000);
    expect(Array.from(zooms(Float64Array.of(0, 90), Float64Array.of(0, 0)))).toEqual([0, 0]);
  });

  it("joins rows by their line and takes the short way over 180°", () => {
    const made = tracks(
      known("4326"),
      [179, -179, 0, 1, Number.NaN, 2],
      [0, 0, 0, 0, 0, 0],
      ["a", "a", "b", "b", "b", "b"],
    );
    expect(made.features.features.map(({ geometry }) => (geometry as { coordinates: unknown }).coordinates)).toEqual([
      [
        [179, 0],
        [181, 0],
      ],
      [
        [0, 0],
        [1, 0],
      ],
    ]);
  });

  it("unrolls rings over the 180th meridian and around a pole", () => {
    expect(
      unrolled([
        [179, 1],
        [-179, 1],
        [-179, 2],
        [179, 1],
      ]),
    ).toEqual([
      [179, 1],
      [181, 1],
      [181, 2],
      [179, 1],
    ]);
    const pole = unrolled([
      [-120, -80],
      [0, -80],
      [120, -80],
      [-120, -80],
    ]);
    expect(pole.slice(-3)).toEqual([
      [240, -90],
      [-120, -90],
      [-120, -80],
    ]);
  });
});

describe("legends and settings", () => {
  it("paints values as the legend says", () => {
    const stops = stopsOf("greys", false);
    expect(colourOf(0, [0, 1], stops)).toBe("rgb(17, 17, 17)");
    expect(colourOf(9, [0, 1], stopsOf("greys", true))).toBe("rgb(17, 17, 17)");
    expect(Array.from(paint([0, Number.NaN], [0, 1], stops))).toEqual([17, 17, 17, 255, 0, 0, 0, 0]);
    expect(ticks([-0.8, 6.4])).toEqual(["-0.8", "2.8", "6.4"]);
    expect(ticks([0, 0.001])).toEqual(["0", "0.0005", "0.001"]);
    expect(rangeOf([Number.NaN, 3, 1])).toEqual([1, 3]);
    expect(rangeOf([Number.NaN])).toBeNull();
  });

  it("reads settings that others wrote with care", () => {
    const settings = readSettings({
      layers: [
        { data: "up_1", kind: "points", colour: "url(x)", opacity: 7, range: [3, 1], id: "a" },
        { data: "up_1", kind: "globe" },
        5,
        { data: "up_2", kind: "grid", id: "a" },
      ],
      view: { lon: 1, lat: 99, zoom: 3 },
    });
    expect(settings.layers).toHaveLength(1);
    expect(settings.layers[0]).toMatchObject({ opacity: 1, colour: "#0f766e", range: undefined });
    expect(settings.view).toEqual({ lon: 1, lat: 85, zoom: 3 });
    expect(readSettings({ layers: "x", view: 3 }).layers).toEqual([]);
  });

  it("moves layers within the list", () => {
    const [a, b] = [newLayer([], "1", "a", "points"), newLayer([newLayer([], "1", "a", "points")], "2", "b", "points")];
    expect(b.id).toBe("layer-1");
    expect(moved([a, b], a.id, 1)).toEqual([b, a]);
    expect(moved([a, b], a.id, -1)).toEqual([a, b]);
  });
});

describe("where rows are", () => {
  const marks = { lon: Float64Array.of(0, 10, Number.NaN, 179), lat: Float64Array.of(0, 10, 0, 0) };
  it("finds those in a frame, over the 180th meridian too", () => {
    expect(rowsIn(marks, [-1, -1, 11, 11])).toEqual([0, 1]);
    expect(rowsIn(marks, [170, -5, 190, 5])).toEqual([3]);
    expect(inBox([-190, -5, -170, 5], 179, 0)).toBe(true);
  });
  it("goes from point to point, round and round, within the view while it has any", () => {
    expect(neighbour(marks, [-180, -90, 180, 90], undefined, 1)).toBe(0);
    expect(neighbour(marks, [-180, -90, 180, 90], 1, 1)).toBe(3);
    expect(neighbour(marks, [-180, -90, 180, 90], 0, -1)).toBe(3);
    expect(neighbour(marks, [-1, -1, 11, 11], 1, 1)).toBe(0);
    expect(neighbour(marks, [50, 50, 51, 51], 1, 1)).toBe(3);
  });
  it("measures the ground", () => {
    const bar = scaleBar(0, 0, 100);
    expect(bar.metres).toBe(5_000_000);
    expect(bar.pixels).toBeCloseTo(63.9, 1);
  });
  it("names and nets degrees", () => {
    expect([degreesText(-122.5, "lon"), degreesText(190, "lon"), degreesText(-0, "lat")]).toEqual([
      "122.5° W",
      "170° W",
      "0°",
    ]);
    const labels = net([14.38, 48.85, 14.46, 48.92]).features.flatMap(({ properties }) => properties?.text ?? []);
    expect(labels).toContain("48.9° N");
  });
});
