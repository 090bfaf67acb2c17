"""Choose points of a catalogue by region and value, and write them as GeoJSON for a map and as a table for a plot.

Times in whole milliseconds since 1970, as the USGS writes them, become ISO 8601 (UTC).
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Annotated, Any

import numpy as np
from castalia.process import Field, Input, InputError, Unit

from castalia_bootstrap import points, tables

if TYPE_CHECKING:
    from castalia.process import Storage
    from numpy.typing import NDArray

    Array = NDArray[np.float64]

log = logging.getLogger("castalia.points")

# Milliseconds since 1970 of the years 1971 to 2286: no other whole number in a catalogue is as large.
_EPOCH_MS = (31_536_000_000, 9_999_999_999_999)


def in_region(lon: Array, lat: Array, region: list[float] | None) -> NDArray[np.bool_]:
    """Which points lie in west, south, east, north; west above east means across the antimeridian."""
    known = np.isfinite(lon) & np.isfinite(lat)
    if not region:
        return known
    west, south, east, north = region
    if not south < north:
        raise InputError(f"region {region} must be west, south, east, north with south < north")
    width = (east - west) % 360 or 360
    return known & ((lon - west) % 360 <= width) & (lat >= south) & (lat <= north)


def _iso(cells: list[str]) -> list[str] | None:
    """Cells of milliseconds since 1970 as ISO 8601, or None when they are something else."""
    known = [cell for cell in cells if not tables.is_missing(cell)]
    low, high = _EPOCH_MS
    if not known or not all(cell.isdecimal() and low <= int(cell) <= high for cell in known):
        return None
    return ["" if tables.is_missing(cell) else f"{np.datetime64(int(cell), 'ms')}Z" for cell in cells]


def _typed(cells: list[str]) -> list[Any]:
    """Numbers where every known cell is one, else text; None where missing."""
    known = [None if tables.is_missing(cell) else cell for cell in cells]
    numbers = [None if cell is None else tables.number(cell) for cell in known]
    return known if any(n is None and cell is not None for n, cell in zip(numbers, known, strict=True)) else numbers


class Selection:
    """Chooses points by region and value.

    Reads points from GeoJSON or from a table with longitude and latitude, keeps those in a region and in a range of
    one value, and writes them as GeoJSON for a map and as a table for a plot.
    """

    title = "Select points"
    version = "1"
    deterministic = True
    resources = {"cpu": 1, "memory_mb": 1024, "storage_mb": 256, "deadline_s": 600}
    outputs = [
        {"name": "points", "media_type": "application/geo+json", "description": "The chosen points with all their values"},
        {"name": "table", "media_type": "text/csv", "description": "The same as a table"},
        {"name": "report", "media_type": "text/markdown", "description": "How many were chosen, and what they are like"},
    ]
    examples = [
        {
            "title": "The stronger earthquakes of a week",
            "about": "Keeps the earthquakes of magnitude 4 and more, all over the world; map the points, plot the table.",
            "parameters": {
                "input": "upload:earthquakes.geojson",
                "value_column": "mag",
                "minimum": 4,
                "units": {"mag": "magnitude", "z": "km"},
            },
        }
    ]

    def run(
        self,
        storage: Storage,
        input: Annotated[str, Input(*points.MEDIA_TYPES)],
        value_column: str | None = None,
        minimum: float | None = None,
        maximum: float | None = None,
        region: Annotated[list[float], Field(minItems=4, maxItems=4), Unit("deg")] | None = None,
        units: dict[str, str] | None = None,
        lon_column: str = "auto",
        lat_column: str = "auto",
    ) -> None:
        """Choose the points.

        Parameters
        ----------
        input : reference
            Points as GeoJSON or as a table with columns of longitude and latitude in degrees.
        value_column : str
            Column or GeoJSON property that `minimum` and `maximum` speak of; `z` is the third coordinate of GeoJSON.
        minimum : float
            Smallest value to keep, in the unit of the value.
        maximum : float
            Largest value to keep, in the unit of the value.
        region : list
            West, south, east, north in degrees; empty for everywhere. A west above the east crosses the antimeridian.
        units : dict
            Units of the columns, where the file does not say them.
        lon_column : str
            Column of the longitude; `auto` looks for lon, longitude, long, lng, x.
        lat_column : str
            Column of the latitude; `auto` looks for lat, latitude, y.
        """
        storage.progress(0.0, "reading")
        table = points.read_table(storage, input)
        lon_name, lat_name, lon, lat = points.positions(table, lon_column, lat_column, "a choice of points")
        keep = in_region(lon, lat, region)
        log.info("%d of %d points have a position in the region", int(keep.sum()), table.rows)
        if minimum is not None or maximum is not None:
            if value_column is None:
                raise InputError("name the column that minimum and maximum speak of in value_column")
            value = table.numbers(table.find(value_column, "value"))
            low, high = (-np.inf if minimum is None else minimum), (np.inf if maximum is None else maximum)
            with np.errstate(invalid="ignore"):
                keep &= (value >= low) & (value <= high)
        if not keep.any():
            raise InputError("no point is left; widen the region or the range of the value")
        log.info("%d of %d points chosen", int(keep.sum()), table.rows)
        storage.progress(0.5, "writing")
        rows = np.flatnonzero(keep).tolist()
        columns = {name: [cells[row] for row in rows] for name, cells in zip(table.names, table.columns, strict=True)}
        if len(set(map(tables.bare, columns))) == len(columns):
            found = table.units | {table.find(name, "unit"): unit for name, unit in (units or {}).items()}
            found = {tables.bare(name): unit for name, unit in found.items()}
            columns = {tables.bare(name): cells for name, cells in columns.items()}
        else:
            found = table.units
        lon_name, lat_name = (next(n for n in columns if n in (name, tables.bare(name))) for name in (lon_name, lat_name))
        _write(storage, columns, lon_name, lat_name, found, table.rows)
        storage.progress(1.0, "done")


def _write(storage: Storage, columns: dict[str, list[str]], lon: str, lat: str, units: dict[str, str], total: int) -> None:
    typed = {name: _iso(cells) or _typed(cells) for name, cells in columns.items()}
    units = {lon: "deg", lat: "deg"} | units
    rest = [name for name in typed if name not in (lon, lat)]
    count = len(typed[lon])
    features = [
        points.feature("Point", [typed[lon][row], typed[lat][row]], {name: typed[name][row] for name in rest}) for row in range(count)
    ]
    described = {name: unit for name, unit in units.items() if name in rest}
    document = points.compact(points.collection(features))
    storage.write("points", document, "application/geo+json", described, description=f"{count} points", columns=rest, crs=points.CRS)
    storage.write_csv("table", typed, units, f"{count} points")
    lines = ["# Chosen points", "", f"{count} of {total} points.", "", "| column | unit | smallest | largest |", "|---|---|---|---|"]
    for name, cells in typed.items():
        known = [cell for cell in cells if isinstance(cell, float)]
        if known:
            lines.append(f"| {name.replace('|', ' ')} | {units.get(name, '')} | {min(known):g} | {max(known):g} |")
    storage.write("report", "\n".join(lines) + "\n", "text/markdown", description="What was chosen")
