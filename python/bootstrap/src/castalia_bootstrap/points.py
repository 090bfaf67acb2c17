"""Points in longitude and latitude: read from GeoJSON or a table, written as GeoJSON.

Coordinates are in degrees (EPSG:4326), as RFC 7946 has it.
"""

from __future__ import annotations

import json
import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from castalia.process import InputError

from castalia_bootstrap import tables

if TYPE_CHECKING:
    from castalia.process import Storage
    from numpy.typing import NDArray

    Array = NDArray[np.float64]

log = logging.getLogger("castalia.points")

CRS = "EPSG:4326"
MEDIA_TYPES = (*tables.MEDIA_TYPES, "application/geo+json")
_LON = ("lon", "longitude", "long", "lng", "x")
_LAT = ("lat", "latitude", "y")


@dataclass
class Points:
    """Points with a value each; lon and lat in degrees."""

    lon: Array
    lat: Array
    value: Array
    name: str
    unit: str | None


def _json_table(features: list[Any], source: str) -> tables.Table:
    """The point features of a GeoJSON document as a table with the columns lon, lat, z and the properties."""
    rows: list[dict[str, Any]] = []
    skipped = 0
    for feature in features:
        geometry = (feature or {}).get("geometry") or {}
        position = geometry.get("coordinates") or []
        if geometry.get("type") != "Point" or len(position) < 2:
            skipped += 1
            continue
        place = {"lon": position[0], "lat": position[1]} | ({"z": position[2]} if len(position) > 2 else {})
        rows.append((feature.get("properties") or {}) | place)
    if skipped:
        log.warning("%d of %d features are no points and are left out", skipped, len(features))
    if not rows:
        raise InputError(f"{source} has no point features; give a FeatureCollection of points")
    names = list(dict.fromkeys(name for row in rows for name in row))
    cells = [["" if row.get(name) is None else str(row[name]) for row in rows] for name in names]
    return tables.Table(names, cells, list(range(1, len(rows) + 1)))


def read_table(storage: Storage, ref: str) -> tables.Table:
    """A table from CSV or JSON, or the points of a GeoJSON document with the columns lon, lat, z and the properties."""
    info = storage.info(ref)
    if "json" in info.media_type or info.name.lower().endswith((".geojson", ".json")):
        try:
            document = json.loads(storage.read(ref))
        except ValueError as error:
            raise InputError(f"{info.name} is not valid JSON: {error}") from error
        if isinstance(document, dict) and document.get("type") == "FeatureCollection":
            table = _json_table(document.get("features") or [], info.name)
            if isinstance(info.units, dict):
                table.units = {name: unit for name, unit in info.units.items() if name in table.names}
            log.info("%s: %d points, properties %s", info.name, table.rows, ", ".join(table.names))
            return table
    return tables.read(storage, ref)


def _column(table: tables.Table, wanted: str, usual: tuple[str, ...], role: str) -> str:
    if wanted != "auto":
        return table.find(wanted, role)
    for candidate in usual:
        for name in table.names:
            if tables.bare(name).lower() == candidate:
                return name
    raise InputError(f"no {role} column found; name it in {role}_column (columns: {', '.join(table.names)})")


def positions(table: tables.Table, lon_column: str, lat_column: str, use: str) -> tuple[str, str, Array, Array]:
    """Names and values of longitude and latitude; `use` names who needs them. Missing ones are NaN."""
    lon_name, lat_name = _column(table, lon_column, _LON, "lon"), _column(table, lat_column, _LAT, "lat")
    lon, lat = table.numbers(lon_name), table.numbers(lat_name)
    for name, column, low, high in ((lon_name, lon, -180, 360), (lat_name, lat, -90, 90)):
        outside = (column < low) | (column > high)
        if outside.any():
            at = int(np.flatnonzero(outside)[0])
            raise InputError(
                f"column {name!r}, line {table.lines[at]}: {column[at]:g} is not between {low} and {high} degrees; "
                f"{use} needs longitude and latitude in degrees"
            )
    return lon_name, lat_name, lon, lat


def read_points(storage: Storage, ref: str, lon_column: str, lat_column: str, value_column: str) -> Points:
    """Read points from CSV or GeoJSON; rows without a position or a value are left out, and the log says how many."""
    table = read_table(storage, ref)
    lon_name, lat_name, lon, lat = positions(table, lon_column, lat_column, "gridding")
    if value_column != "auto":
        value_name = table.find(value_column, "value")
    else:
        usable = [name for name in table.names if name not in (lon_name, lat_name) and table.is_numeric(name)]
        if not usable:
            raise InputError(f"no numeric value column beside {lon_name} and {lat_name}; its columns are {', '.join(table.names)}")
        value_name = usable[0]
    value = table.numbers(value_name)
    known = np.isfinite(lon) & np.isfinite(lat) & np.isfinite(value)
    if dropped := int((~known).sum()):
        log.warning("%d of %d rows lack a position or a value and are left out", dropped, len(known))
    if known.sum() < 3:
        raise InputError(f"only {int(known.sum())} points have a position and a value; gridding needs at least 3")
    log.info("value: %s, %d points", value_name, int(known.sum()))
    return Points(lon[known], lat[known], value[known], tables.bare(value_name), table.units.get(value_name))


def unwrapped(lon: Array) -> Array:
    """Longitudes in -180..180, or in 0..360 when the points then span clearly less."""
    east = np.mod(lon, 360.0)
    west = np.mod(lon + 180.0, 360.0) - 180.0
    return east if np.ptp(east) < 0.75 * np.ptp(west) else west


def feature(kind: str, coordinates: Any, properties: dict[str, Any]) -> dict[str, Any]:
    return {"type": "Feature", "geometry": {"type": kind, "coordinates": coordinates}, "properties": properties}


def collection(features: list[dict[str, Any]]) -> dict[str, Any]:
    return {"type": "FeatureCollection", "features": features}


def compact(document: dict[str, Any]) -> bytes:
    def plain(value: Any) -> Any:
        array = np.asarray(value, dtype=float)
        return np.where(np.isfinite(array), np.round(array, 10), None).tolist()  # type: ignore[call-overload]

    return json.dumps(document, default=plain, separators=(",", ":"), allow_nan=False).encode()
