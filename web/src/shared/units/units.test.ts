import { expect, it } from "vitest";
import { alternatives, convert, convertible, dimensionOf, inverse, isFrequency } from "./units";

it.each([
  [1.5, "km", "m", 1500],
  [90, "s", "min", 1.5],
  [250, "ms", "s", 0.25],
  [2, "d", "h", 48],
  [2, "Hz", "1/d", 172_800],
  [1, "1/yr", "Hz", 1 / (365.25 * 86_400)],
  [1, "cycles per year", "1/yr", 1],
  [12, "cycles per year", "1/month", 1],
  [3, "kHz", "Hz", 3000],
  [25, "degC", "K", 298.15],
  [298.15, "K", "°C", 25],
  [32, "degF", "degC", 0],
  [50, "%", "1", 0.5],
  [420, "ppm", "%", 0.042],
  [1013.25, "hPa", "Pa", 101_325],
  [1, "bar", "mbar", 1000],
  [48_000, "nT", "µT", 48],
  [36, "km/h", "m/s", 10],
  [5.5, "km/s", "m s^-1", 5500],
  [5.5, "km·s⁻¹", "m s**-1", 5500],
  [200, "s/km", "s/m", 0.2],
  [980, "mGal", "m/s2", 0.0098],
  [2.7, "g/cm^3", "kg m-3", 2700],
  [180, "degrees", "rad", Math.PI],
  [3, "kilometers", "m", 3000],
  [2, "feet", "m", 0.6096],
])("%d %s are, in %s, %d", (value, from, to, expected) => {
  expect(convertible(from, to)).toBe(true);
  expect(convert(value, from, to)).toBeCloseTo(expected, 10);
});

it("keeps apart what can't be converted, and what it does not know", () => {
  expect(convertible("m", "s")).toBe(false);
  expect(convertible("m", null)).toBe(false);
  expect(convertible("m/s", "m/s^2")).toBe(false);
  expect(convertible("flurbs", "flurbs")).toBe(true);
  expect(convertible("flurbs", "m")).toBe(false);
  expect(convertible("dB", "1")).toBe(false);
  expect(convertible(null, null)).toBe(true);
  expect(convert(7, "flurbs", "m")).toBe(7);
});

it("tells minutes from milli-inches, metres from minutes, and pascals from a per-year", () => {
  expect(dimensionOf("min")).toBe("time1");
  expect(dimensionOf("m")).toBe("length1");
  expect(dimensionOf("Pa")).toBe(dimensionOf("bar"));
  expect(dimensionOf("cd")).toBe("light1");
});

it("takes a temperature per something as a difference", () => {
  expect(convert(30, "degC/km", "K/m")).toBeCloseTo(0.03);
});

it("names the inverse and the usual companions of a unit", () => {
  expect(inverse("s")).toBe("Hz");
  expect(isFrequency(inverse("yr"))).toBe(true);
  expect(dimensionOf(inverse("km/s"))).toBe(dimensionOf("s/km"));
  expect(alternatives("km")).toEqual(["km", "mm", "cm", "m", "ft", "mi", "nmi"]);
  expect(alternatives("flurbs")).toEqual(["flurbs"]);
});
