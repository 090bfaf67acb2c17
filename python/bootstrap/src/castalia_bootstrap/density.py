r"""How dense points lie: a Gaussian kernel on the sphere.

At each node of a grid in longitude and latitude,

    f = sum_i w_i exp(-d_i^2 / (2 h^2)) / (2 pi h^2),

with the great-circle distance d_i to point i, the bandwidth h and a weight w_i of 1 or of a column. The integral of f
over the surface is the sum of the weights as long as h is small against the radius of the earth. Source: B. W. Silverman,
"Density Estimation for Statistics and Data Analysis" (1986), section 4.2. Given per 10,000 km^2, a square of 100 km.
"""

from __future__ import annotations

import io
import logging
from typing import TYPE_CHECKING, Annotated, Any

import numpy as np
from castalia.process import Field, Input, InputError, Range, Unit

from castalia_bootstrap import contours, gridding, interpolation, picture, points
from castalia_bootstrap.points import CRS

if TYPE_CHECKING:
    from castalia.process import Storage
    from numpy.typing import NDArray

    Array = NDArray[np.float64]

log = logging.getLogger("castalia.density")

_AREA_KM2 = 10_000.0
# Beyond this many bandwidths a point adds less than 3 parts in 10,000 of its peak.
_REACH = 4.0
_UNIT = "per 10,000 km^2"


def density(lon: Array, lat: Array, weight: Array, grid: interpolation.Lattice, bandwidth_km: float) -> Array:
    """Weights per 10,000 km^2 at the nodes, rows from south to north."""
    from scipy.spatial import cKDTree

    radius = interpolation.EARTH_RADIUS_KM
    nodes = cKDTree(interpolation.unit_vectors(*grid.nodes()))
    chord = 2 * np.sin(min(_REACH * bandwidth_km / radius, np.pi) / 2)
    found = np.zeros(grid.shape).ravel()
    vectors = interpolation.unit_vectors(lon, lat)
    for at, near in enumerate(nodes.query_ball_point(vectors, chord)):
        distance = interpolation.arc_km(np.linalg.norm(nodes.data[near] - vectors[at], axis=1))
        found[near] += weight[at] * np.exp(-0.5 * (distance / bandwidth_km) ** 2)
    return np.asarray(found.reshape(grid.shape) * _AREA_KM2 / (2 * np.pi * bandwidth_km**2))


def summits(values: Array, grid: interpolation.Lattice, count: int) -> list[tuple[float, float, float]]:
    """The highest nodes that no neighbour exceeds: longitude, latitude, value."""
    padded = np.pad(values, 1, constant_values=-np.inf)
    rows, columns = values.shape
    around = [padded[1 + i : 1 + i + rows, 1 + j : 1 + j + columns] for i in (-1, 0, 1) for j in (-1, 0, 1) if i or j]
    highest = np.argwhere((values > 0) & (values >= np.max(around, axis=0)))
    ordered = sorted(highest.tolist(), key=lambda place: -values[place[0], place[1]])
    return [(float(grid.lon[column]), float(grid.lat[row]), float(values[row, column])) for row, column in ordered[:count]]


class Density:
    """How dense points lie, as a map.

    Counts points (or adds up one of their values) per area with a Gaussian kernel on the sphere, on a grid in
    EPSG:4326, with contour lines as GeoJSON, the places where they lie densest, and a picture.
    """

    title = "Density of points"
    version = "1"
    deterministic = True
    resources = {"cpu": 1, "memory_mb": 1024, "storage_mb": 256, "deadline_s": 600}
    outputs = [
        {
            "name": "grid",
            "media_type": "application/json",
            "description": "crs, shape [lat, lon], lon, lat, values (rows from south to north)",
        },
        {"name": "density.npy", "media_type": "application/x-npy", "description": "The values of the grid as an array"},
        {"name": "contours", "media_type": "application/geo+json", "description": "Contour lines with the property level"},
        {"name": "summits", "media_type": "application/geo+json", "description": "The densest places"},
        {"name": "picture", "media_type": "image/png", "description": "The grid as a picture, north up"},
        {"name": "report", "media_type": "text/markdown", "description": "The densest places in words"},
    ]
    examples = [
        {
            "title": "Where the earth shook in one week of 2018",
            "about": "Counts all earthquakes of the week per area, along the west coast of North America.",
            "parameters": {
                "input": "upload:earthquakes.geojson",
                "region": [-160, 30, -110, 66],
                "bandwidth_km": 60,
                "step": 0.5,
            },
        }
    ]

    def run(
        self,
        storage: Storage,
        input: Annotated[str, Input(*points.MEDIA_TYPES)],
        bandwidth_km: Annotated[float, Range(above=0, maximum=2000), Unit("km")] = 25.0,
        weight_column: str | None = None,
        region: Annotated[list[float], Field(minItems=4, maxItems=4), Unit("deg")] | None = None,
        step: Annotated[float, Range(above=0), Unit("deg")] | None = None,
        level_count: Annotated[int, Range(0, 100)] = 8,
        summit_count: Annotated[int, Range(0, 100)] = 5,
        lon_column: str = "auto",
        lat_column: str = "auto",
    ) -> None:
        """Map the density.

        Parameters
        ----------
        input : reference
            Points as GeoJSON or as a table with columns of longitude and latitude in degrees.
        bandwidth_km : float
            Standard deviation of the kernel in km: how far a point spreads.
        weight_column : str
            Column or GeoJSON property to add up instead of counting; its values must not be negative.
        region : list
            West, south, east, north in degrees; empty for the extent of the points.
        step : float
            Distance of the nodes in degrees; empty for some 150 nodes along the longer side.
        level_count : int
            About how many contour levels to draw.
        summit_count : int
            How many of the densest places to list.
        lon_column : str
            Column of the longitude; `auto` looks for lon, longitude, long, lng, x.
        lat_column : str
            Column of the latitude; `auto` looks for lat, latitude, y.
        """
        storage.progress(0.0, "reading")
        table = points.read_table(storage, input)
        _, _, lon, lat = points.positions(table, lon_column, lat_column, "a density")
        weight = np.ones(table.rows)
        if weight_column is not None:
            weight = table.numbers(table.find(weight_column, "weight"))
            if (weight < 0).any():
                raise InputError(f"column {weight_column!r} has negative values, which are no weights")
        known = np.isfinite(lon) & np.isfinite(lat) & np.isfinite(weight)
        if dropped := int((~known).sum()):
            log.warning("%d of %d rows lack a position or a weight and are left out", dropped, len(known))
        if not known.any():
            raise InputError("no row has a position; a density needs at least one point")
        lon, lat, weight = lon[known], lat[known], weight[known]
        lon = points.unwrapped(lon) if not region else region[0] + np.mod(lon - region[0], 360.0)
        name = f"{weight_column} density" if weight_column else "density"
        grid = gridding.lattice(points.Points(lon, lat, weight, name, _UNIT), region, step)
        log.info("%d points, grid of %d x %d nodes, bandwidth %g km", len(lon), *grid.shape, bandwidth_km)
        storage.progress(0.3, "adding up")
        values = density(lon, lat, weight, grid, bandwidth_km)
        storage.progress(0.7, "contouring")
        levels = contours.nice_levels(0.0, float(values.max()), level_count) if level_count else []
        drawn = [(level, line) for level in levels for line in contours.lines(grid.lon, grid.lat, values, level)]
        found = summits(values, grid, summit_count)
        log.info("%d contour lines at %d levels, highest density %.4g %s", len(drawn), len(levels), values.max(), _UNIT)
        storage.progress(0.9, "writing")
        _write(storage, name, grid, values, drawn, found)
        _report(storage, name, len(lon), bandwidth_km, found)
        storage.progress(1.0, "done")


def _write(
    storage: Storage, name: str, grid: interpolation.Lattice, values: Array, drawn: list[tuple[float, Any]], found: list[Any]
) -> None:
    units = {name: _UNIT}
    document = {"crs": CRS, "name": name, "unit": _UNIT, "shape": grid.shape, "lon": grid.lon, "lat": grid.lat, "values": values}
    storage.write("grid", points.compact(document), "application/json", units, grid.shape, f"{name} on a grid", crs=CRS)
    array = io.BytesIO()
    np.save(array, values.astype("<f4"))
    storage.write("density.npy", array.getvalue(), "application/x-npy", units, grid.shape, f"{name}, [lat, lon]", crs=CRS)
    lines = [points.feature("LineString", [[round(x, 6), round(y, 6)] for x, y in line], {"level": level}) for level, line in drawn]
    storage.write(
        "contours", points.compact(points.collection(lines)), "application/geo+json", {"level": _UNIT}, None, f"Contours of {name}", crs=CRS
    )
    tops = [points.feature("Point", [lon, lat], {"rank": rank, name: value}) for rank, (lon, lat, value) in enumerate(found, 1)]
    storage.write("summits", points.compact(points.collection(tops)), "application/geo+json", units, None, "Densest places", crs=CRS)
    # Small densities would vanish beside the largest one.
    image = picture.png(np.sqrt(values / values.max()) if values.max() > 0 else values)
    storage.write("picture", image, "image/png", description=f"{name}, north up, colours by the square root")


def _report(storage: Storage, name: str, count: int, bandwidth_km: float, found: list[tuple[float, float, float]]) -> None:
    lines = [
        f"# {name[:1].upper()}{name[1:]}".replace("|", " "),
        "",
        f"{count} points, each spread over a bandwidth of {bandwidth_km:g} km.",
        "",
        f"| rank | longitude (deg) | latitude (deg) | {_UNIT} |",
        "|---|---|---|---|",
    ]
    lines += [f"| {rank} | {lon:.2f} | {lat:.2f} | {value:.3g} |" for rank, (lon, lat, value) in enumerate(found, 1)]
    storage.write("report", "\n".join(lines) + "\n", "text/markdown", description="Densest places")
