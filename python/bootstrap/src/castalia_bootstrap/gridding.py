"""Scattered points to a regular grid, with contours for a map.

The methods and their sources are in `castalia_bootstrap.interpolation`, the contours in `castalia_bootstrap.contours`.
Coordinates are longitude and latitude in degrees (EPSG:4326). Where the points cluster around the antimeridian, longitudes
are counted from 0 to 360, so that the grid has no seam there; contours may then have longitudes above 180, which
RFC 7946 (section 3.1.9) leaves to the reader.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Annotated, Any, Literal

import numpy as np
from castalia.process import Field, Input, InputError, Range, Unit

from castalia_bootstrap import contours, interpolation
from castalia_bootstrap.points import CRS, MEDIA_TYPES, Points, collection, compact, feature, read_points, unwrapped

if TYPE_CHECKING:
    from castalia.process import Storage
    from numpy.typing import NDArray

    Array = NDArray[np.float64]

log = logging.getLogger("castalia.gridding")

MAX_NODES = 250_000


def lattice(points: Points, region: list[float] | None, step: float | None) -> interpolation.Lattice:
    """The grid over the region (default: the points and 2 % around them), by default some 150 nodes along the longer side."""
    if region:
        west, south, east, north = region
        if not (west < east and south < north and south >= -90 and north <= 90):
            raise InputError(f"region {region} must be west, south, east, north with west < east and south < north")
    else:
        margin_x, margin_y = max(0.02 * np.ptp(points.lon), 1e-3), max(0.02 * np.ptp(points.lat), 1e-3)
        west, east = float(points.lon.min() - margin_x), float(points.lon.max() + margin_x)
        if east - west > 360:
            west, east = (west + east) / 2 - 180, (west + east) / 2 + 180
        south, north = max(-90.0, float(points.lat.min() - margin_y)), min(90.0, float(points.lat.max() + margin_y))
    step = step or max(east - west, north - south) / 150
    columns, rows = max(4, round((east - west) / step) + 1), max(4, round((north - south) / step) + 1)
    if columns * rows > MAX_NODES:
        raise InputError(
            f"a step of {step:g} degrees gives {columns} x {rows} nodes, more than {MAX_NODES}; take a larger step or a smaller region"
        )
    return interpolation.Lattice(np.linspace(west, east, columns), np.linspace(south, north, rows))


class Gridding:
    """Scattered points to a regular grid with contours.

    Interpolates values at points (longitude, latitude) to a grid in EPSG:4326 by minimum curvature with tension, linear
    triangles, inverse distance or nearest neighbour, and draws contour lines as GeoJSON.
    """

    title = "Gridding and contours"
    version = "1"
    deterministic = True
    resources = {"cpu": 1, "memory_mb": 2048, "storage_mb": 512, "deadline_s": 1800}
    outputs = [
        {
            "name": "grid",
            "media_type": "application/json",
            "description": "crs, shape [lat, lon], lon, lat, values (rows from south to north, null where empty)",
        },
        {"name": "contours", "media_type": "application/geo+json", "description": "Contour lines with the property level"},
        {"name": "points", "media_type": "application/geo+json", "description": "The points used, with their value"},
        {"name": "figure", "media_type": "application/vnd.plotly.v1+json", "description": "Map of the grid"},
        {"name": "summary", "media_type": "application/json", "description": "Method, region, statistics and fit at the points"},
    ]
    examples = [
        {
            "title": "Depth of the earthquakes below California",
            "about": "A smooth surface through the depths of a week's earthquakes, empty where none is near.",
            "parameters": {
                "input": "upload:earthquakes.geojson",
                "value_column": "z",
                "region": [-125, 32, -113, 42],
                "tension": 0.5,
                "max_distance_km": 60,
            },
        }
    ]

    def run(
        self,
        storage: Storage,
        input: Annotated[str, Input(*MEDIA_TYPES)],
        value_column: str = "auto",
        lon_column: str = "auto",
        lat_column: str = "auto",
        method: Literal["minimum_curvature", "linear", "inverse_distance", "nearest"] = "minimum_curvature",
        step: Annotated[float, Range(above=0), Unit("deg")] | None = None,
        region: Annotated[list[float], Field(minItems=4, maxItems=4), Unit("deg")] | None = None,
        tension: Annotated[float, Range(0, 1)] = 0.25,
        power: Annotated[float, Range(0.1, 10)] = 2.0,
        neighbours: Annotated[int, Range(1, 200)] = 16,
        max_distance_km: Annotated[float, Range(above=0), Unit("km")] | None = None,
        levels: list[float] | None = None,
        level_count: Annotated[int, Range(0, 100)] = 10,
    ) -> None:
        """Grid the points.

        Parameters
        ----------
        input : reference
            Points as GeoJSON or as a table with columns of longitude and latitude in degrees.
        value_column : str
            Column or GeoJSON property to grid; `auto` takes the first numeric one; `z` is the third coordinate of GeoJSON.
        lon_column : str
            Column of the longitude; `auto` looks for lon, longitude, long, lng, x.
        lat_column : str
            Column of the latitude; `auto` looks for lat, latitude, y.
        method : str
            How to interpolate.
        step : float
            Distance of the nodes in degrees; empty for some 150 nodes along the longer side.
        region : list
            West, south, east, north in degrees; empty for the extent of the points.
        tension : float
            Tension of the minimum-curvature surface: 0 bends least, 1 overshoots least; 0.25 suits potential fields.
        power : float
            Exponent of the inverse distance.
        neighbours : int
            Number of nearest points for the inverse distance.
        max_distance_km : float
            Nodes farther than this from every point stay empty, in km.
        levels : list
            Contour levels in the unit of the value; empty for `level_count` round ones.
        level_count : int
            About how many contour levels to draw when `levels` is empty.
        """
        storage.progress(0.0, "reading")
        points = read_points(storage, input, lon_column, lat_column, value_column)
        points.lon = unwrapped(points.lon) if not region else region[0] + np.mod(points.lon - region[0], 360.0)
        grid = lattice(points, region, step)
        log.info("grid of %d x %d nodes, %.4g..%.4g E, %.4g..%.4g N", *grid.shape, grid.lon[0], grid.lon[-1], grid.lat[0], grid.lat[-1])
        storage.progress(0.2, f"gridding ({method})")
        values = self._interpolate(points, grid, method, tension, power, neighbours)
        if max_distance_km is not None:
            far = interpolation.distance_km(points.lon, points.lat, grid) > max_distance_km
            values[far] = np.nan
            log.info("%d of %d nodes are farther than %g km from every point and stay empty", int(far.sum()), far.size, max_distance_km)
        if not np.isfinite(values).any():
            raise InputError("the grid is empty everywhere; widen the region, or raise max_distance_km")
        overshoot = max(np.nanmax(values) - points.value.max(), points.value.min() - np.nanmin(values))
        if overshoot > 0.2 * np.ptp(points.value):
            log.warning(
                "the surface exceeds the range of the points by %.3g, away from the points; raise tension or set max_distance_km", overshoot
            )
        storage.progress(0.7, "contouring")
        chosen = levels if levels else contours.nice_levels(float(np.nanmin(values)), float(np.nanmax(values)), level_count)
        drawn = [(level, line) for level in chosen for line in contours.lines(grid.lon, grid.lat, values, level)]
        log.info("%d contour lines at %d levels", len(drawn), len(chosen))
        storage.progress(0.9, "writing")
        _write(storage, points, grid, values, method, chosen, drawn)
        storage.progress(1.0, "done")

    @staticmethod
    def _interpolate(points: Points, grid: interpolation.Lattice, method: str, tension: float, power: float, neighbours: int) -> Array:
        data = (points.lon, points.lat, points.value, grid)
        if method == "nearest":
            return interpolation.nearest(*data)
        if method == "linear":
            return interpolation.linear(*data)
        if method == "inverse_distance":
            return interpolation.inverse_distance(*data, power, neighbours)
        return interpolation.minimum_curvature(*data, tension)


def _misfit(points: Points, grid: interpolation.Lattice, values: Array) -> float | None:
    """Root mean square difference between the points and the grid at the nearest node."""
    row = np.rint((points.lat - grid.lat[0]) / (grid.lat[1] - grid.lat[0])).astype(int)
    column = np.rint((points.lon - grid.lon[0]) / (grid.lon[1] - grid.lon[0])).astype(int)
    inside = (row >= 0) & (row < len(grid.lat)) & (column >= 0) & (column < len(grid.lon))
    difference = points.value[inside] - values[row[inside], column[inside]]
    return float(np.sqrt(np.nanmean(difference**2))) if np.isfinite(difference).any() else None


def _write(
    storage: Storage,
    points: Points,
    grid: interpolation.Lattice,
    values: Array,
    method: str,
    levels: list[float],
    drawn: list[tuple[float, Any]],
) -> None:
    units = {points.name: points.unit} if points.unit else {}
    document = {
        "crs": CRS,
        "name": points.name,
        "unit": points.unit,
        "shape": grid.shape,
        "lon": grid.lon,
        "lat": grid.lat,
        "values": values,
    }
    with storage.writer("grid", "application/json", units, grid.shape, f"{points.name} on a grid, {method}", crs=CRS) as target:
        target.write(compact(document))
    lines = [feature("LineString", [[round(x, 6), round(y, 6)] for x, y in line], {"level": level}) for level, line in drawn]
    storage.write("contours", compact(collection(lines)), "application/geo+json", units, description=f"Contours of {points.name}", crs=CRS)
    triples = zip(points.lon.tolist(), points.lat.tolist(), points.value.tolist(), strict=True)
    features = [feature("Point", [lon, lat], {points.name: value}) for lon, lat, value in triples]
    storage.write("points", compact(collection(features)), "application/geo+json", units, description=f"Points with {points.name}", crs=CRS)
    storage.write_figure("figure", _figure(points, grid, values))
    summary = {
        "value": points.name,
        "unit": points.unit,
        "points": len(points.value),
        "point_range": [float(points.value.min()), float(points.value.max())],
        "method": method,
        "crs": CRS,
        "region": [float(grid.lon[0]), float(grid.lat[0]), float(grid.lon[-1]), float(grid.lat[-1])],
        "shape": list(grid.shape),
        "step": [float(grid.lon[1] - grid.lon[0]), float(grid.lat[1] - grid.lat[0])],
        "grid_range": [float(np.nanmin(values)), float(np.nanmax(values))],
        "empty_nodes": int(np.isnan(values).sum()),
        "rms_at_points": _misfit(points, grid, values),
        "levels": levels,
        "contour_lines": len(drawn),
    }
    storage.write_json("summary", summary)


def _figure(points: Points, grid: interpolation.Lattice, values: Array) -> dict[str, Any]:
    name = f"{points.name} ({points.unit})" if points.unit else points.name
    return {
        "data": [
            {"type": "heatmap", "x": grid.lon, "y": grid.lat, "z": values, "colorscale": "Viridis", "colorbar": {"title": {"text": name}}},
            {
                "type": "scatter",
                "mode": "markers",
                "x": points.lon,
                "y": points.lat,
                "marker": {"size": 4, "color": "black", "line": {"color": "white", "width": 0.5}},
                "name": "points",
            },
        ],
        "layout": {
            "title": {"text": name},
            # The grid may be a small part of where the points are.
            "xaxis": {"title": {"text": "longitude (deg)"}, "range": [float(grid.lon[0]), float(grid.lon[-1])]},
            "yaxis": {"title": {"text": "latitude (deg)"}, "range": [float(grid.lat[0]), float(grid.lat[-1])], "scaleanchor": "x"},
        },
    }
