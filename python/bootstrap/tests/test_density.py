"""Densities against their integral and their maxima, the choice of points, and the picture."""

from __future__ import annotations

import csv
import io
import json
import struct
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from castalia.process import InputError
from castalia.testing import LocalStorage, run
from castalia_bootstrap import demo, density, interpolation, picture, selection

GRID = interpolation.Lattice(np.linspace(5, 15, 201), np.linspace(40, 50, 201))


def test_the_density_adds_up_to_the_weights() -> None:
    """The kernel is normalised: its integral over the sphere is the sum of the weights (Silverman 1986, 4.2)."""
    lon, lat, weight = np.array([9.0, 10.5]), np.array([44.5, 45.5]), np.array([1.0, 3.0])
    found = density.density(lon, lat, weight, GRID, 30.0)
    radius, step = interpolation.EARTH_RADIUS_KM, np.radians(0.05)
    area = radius**2 * step**2 * np.cos(np.radians(GRID.lat))[:, None]
    assert float((found / 1e4 * area).sum()) == pytest.approx(4.0, rel=2e-3)


def test_the_summits_are_where_the_points_are() -> None:
    lon, lat = np.array([8.0, 12.0]), np.array([43.0, 47.0])
    values = density.density(lon, lat, np.array([1.0, 2.0]), GRID, 20.0)
    found = density.summits(values, GRID, 5)
    assert [(round(x, 6), round(y, 6)) for x, y, _ in found] == [(12.0, 47.0), (8.0, 43.0)]
    assert found[0][2] == pytest.approx(2 * 1e4 / (2 * np.pi * 400), rel=1e-6)


def test_a_density_has_no_seam_at_the_antimeridian(tmp_path: Path) -> None:
    (tmp_path / "p.csv").write_text("lon,lat\n179.5,0\n-179.5,0\n-179.6,1\n")
    storage = LocalStorage(tmp_path, {"upload:p.csv": tmp_path / "p.csv"})
    run(density.Density, storage, input="upload:p.csv", bandwidth_km=50)
    grid = storage.read_json("grid")
    assert 179 < grid["lon"][0] < grid["lon"][-1] < 181
    assert (grid["crs"], grid["unit"]) == ("EPSG:4326", "per 10,000 km^2")


def test_negative_weights_are_refused(tmp_path: Path) -> None:
    (tmp_path / "p.csv").write_text("lon,lat,w\n1,1,-2\n2,2,1\n")
    storage = LocalStorage(tmp_path, {"upload:p.csv": tmp_path / "p.csv"})
    with pytest.raises(InputError, match="negative"):
        run(density.Density, storage, input="upload:p.csv", weight_column="w")


def test_the_earthquake_map_in_two_steps(tmp_path: Path) -> None:
    demo.write(tmp_path)
    first = LocalStorage(tmp_path / "one", {"upload:e": tmp_path / "earthquakes.geojson"})
    run(selection.Selection, first, input="upload:e", value_column="mag", minimum=1, units={"mag": "magnitude", "z": "km"})
    chosen = first.read_json("points")
    assert len(chosen["features"]) == 996
    assert min(feature["properties"]["mag"] for feature in chosen["features"]) == 1
    assert first.headers("points")["x-amz-meta-crs"] == "EPSG:4326"
    rows = list(csv.DictReader(io.StringIO(first.read("table").decode())))
    assert len(rows) == 996
    assert rows[0]["time"].startswith("2018-02-0")
    assert json.loads(first.headers("table")["x-amz-meta-units"]) == {"lon": "deg", "lat": "deg", "mag": "magnitude", "z": "km"}
    (tmp_path / "points.geojson").write_bytes(first.read("points"))
    second = LocalStorage(tmp_path / "two", {"dataset:p": tmp_path / "points.geojson"})
    run(density.Density, second, input="dataset:p", region=[-125, 32, -113, 42], bandwidth_km=30)
    array = np.load(io.BytesIO(second.read("density.npy")))
    assert list(array.shape) == second.read_json("grid")["shape"]
    levels = {feature["properties"]["level"] for feature in second.read_json("contours")["features"]}
    assert levels
    assert 0 < min(levels) < max(levels) < array.max()
    assert len(second.read_json("summits")["features"]) == 5
    assert second.read("report").decode().count("\n| ") >= 6


def test_a_region_may_cross_the_antimeridian() -> None:
    lon, lat = np.array([170.0, -170.0, 0.0, np.nan]), np.zeros(4)
    assert selection.in_region(lon, lat, [160, -10, -160, 10]).tolist() == [True, True, False, False]
    assert selection.in_region(lon, lat, [-180, -10, 180, 10]).tolist() == [True, True, True, False]


def test_nothing_chosen_says_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "p.csv").write_text("lon,lat,w (m)\n1,1,2\n")
    storage = LocalStorage(tmp_path, {"upload:p.csv": tmp_path / "p.csv"})
    with pytest.raises(InputError, match="widen"):
        run(selection.Selection, storage, input="upload:p.csv", value_column="w", minimum=3)
    with pytest.raises(InputError, match="value_column"):
        run(selection.Selection, storage, input="upload:p.csv", minimum=3)


def chunks(data: bytes) -> dict[bytes, bytes]:
    found, at = {}, 8
    while at < len(data):
        (length,) = struct.unpack(">I", data[at : at + 4])
        kind, body = data[at + 4 : at + 8], data[at + 8 : at + 8 + length]
        (said,) = struct.unpack(">I", data[at + 8 + length : at + 12 + length])
        assert said == zlib.crc32(kind + body)
        found[kind] = body
        at += 12 + length
    return found


def test_a_picture_has_north_up() -> None:
    values: Any = np.array([[0.0, 0.0], [1.0, np.nan]])
    parts = chunks(picture.png(values))
    width, height, depth, colour = struct.unpack(">IIBB", parts[b"IHDR"][:10])
    assert (width, height, depth, colour) == (480, 480, 8, 3)
    lines = np.frombuffer(zlib.decompress(parts[b"IDAT"]), dtype=np.uint8).reshape(height, width + 1)
    assert (lines[0, 0], lines[0, 1], lines[0, -1], lines[-1, 1]) == (0, 255, 0, 0)
    assert len(parts[b"PLTE"]) == 768
