"""Grids and contours against analytic surfaces, and on the earthquakes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from castalia.process import InputError
from castalia.testing import LocalStorage, run
from castalia_bootstrap import contours, demo, gridding, interpolation
from scipy.interpolate import RectBivariateSpline

GRID = interpolation.Lattice(np.linspace(0, 10, 41), np.linspace(-5, 5, 41))
GENERATOR = np.random.default_rng(3)
LON, LAT = GENERATOR.uniform(0, 10, 400), GENERATOR.uniform(-5, 5, 400)


def on_nodes(function: Any) -> np.ndarray:
    return function(*GRID.nodes()).reshape(GRID.shape)


def plane(lon: np.ndarray, lat: np.ndarray) -> np.ndarray:
    return 2 * lon - 3 * lat + 1


def bumps(lon: np.ndarray, lat: np.ndarray) -> np.ndarray:
    return np.sin(lon / 2) * np.cos(lat / 2)


@pytest.mark.parametrize("tension", [0.0, 0.25, 0.9])
def test_minimum_curvature_keeps_a_plane(tension: float) -> None:
    """A plane has no curvature: it is the exact solution wherever the points are (Briggs 1974)."""
    found = interpolation.minimum_curvature(LON, LAT, plane(LON, LAT), GRID, tension)
    assert found == pytest.approx(on_nodes(plane), abs=1e-3)


def test_linear_keeps_a_plane_inside_the_hull() -> None:
    found = interpolation.linear(LON, LAT, plane(LON, LAT), GRID)
    inside = np.isfinite(found)
    assert inside.mean() > 0.85
    assert found[inside] == pytest.approx(on_nodes(plane)[inside])


def test_minimum_curvature_follows_a_smooth_surface_best() -> None:
    value, true = bumps(LON, LAT), on_nodes(bumps)
    inner = (slice(4, -4), slice(4, -4))

    def error(found: np.ndarray) -> float:
        return float(np.sqrt(np.nanmean((found - true)[inner] ** 2)))

    smooth = error(interpolation.minimum_curvature(LON, LAT, value, GRID, 0.0))
    assert smooth < 0.01
    assert smooth < error(interpolation.linear(LON, LAT, value, GRID))
    assert smooth < error(interpolation.inverse_distance(LON, LAT, value, GRID, 2, 16)) / 5


def test_minimum_curvature_solves_the_biharmonic_equation_between_points() -> None:
    """Away from the points the discrete bilaplacian vanishes (Briggs 1974)."""
    lon, lat = np.array([2.0, 8.0, 5.0, 3.0]), np.array([-1.0, 1.0, 0.2, 2.0])
    grid = interpolation.Lattice(np.linspace(0, 10, 81), np.linspace(-4, 4, 65))
    z = interpolation.minimum_curvature(lon, lat, np.array([1.0, 2.0, -1.0, 0.5]), grid, 0.0)

    def laplacian(field: np.ndarray) -> np.ndarray:
        ratio2 = np.cos(np.radians(grid.lat)) ** 2
        return (
            (field[1:-1, 2:] - 2 * field[1:-1, 1:-1] + field[1:-1, :-2]) / ratio2[1:-1, None]
            + field[2:, 1:-1]
            - 2 * field[1:-1, 1:-1]
            + field[:-2, 1:-1]
        )

    first = laplacian(z)
    second = first[1:-1, 2:] + first[1:-1, :-2] + first[2:, 1:-1] + first[:-2, 1:-1] - 4 * first[1:-1, 1:-1]
    nodes_lon, nodes_lat = np.meshgrid(grid.lon[2:-2], grid.lat[2:-2])
    far = np.min([np.hypot(nodes_lon - a, nodes_lat - b) for a, b in zip(lon, lat, strict=True)], axis=0) > 0.4
    assert np.abs(second[far]).max() < 0.02 * np.abs(second).max()


def test_every_method_honours_the_points_it_has() -> None:
    lon, lat = GRID.lon[[5, 20, 30, 35]], GRID.lat[[5, 30, 10, 35]]
    value = np.array([1.0, -2.0, 3.0, 0.5])
    at = [(5, 5), (30, 20), (10, 30), (35, 35)]
    for found in (
        interpolation.nearest(lon, lat, value, GRID),
        interpolation.inverse_distance(lon, lat, value, GRID, 2, 4),
        interpolation.minimum_curvature(lon, lat, value, GRID, 0.3),
        interpolation.linear(lon, lat, value, GRID),
    ):
        assert [found[node] for node in at] == pytest.approx(value.tolist(), abs=1e-3)


def test_inverse_distance_between_two_points_is_shepards_formula() -> None:
    grid = interpolation.Lattice(np.array([0.0, 1.0, 2.0, 3.0]), np.array([0.0, 1.0]))
    found = interpolation.inverse_distance(np.array([0.0, 3.0]), np.zeros(2), np.array([0.0, 1.0]), grid, 2, 2)
    assert found[0] == pytest.approx([0, (1 / 4) / (1 + 1 / 4), 1 / (1 + 1 / 4), 1], abs=1e-9)


def test_distances_on_the_sphere() -> None:
    """A quarter of a great circle."""
    grid = interpolation.Lattice(np.array([0.0, 90.0]), np.array([0.0, 90.0]))
    found = interpolation.distance_km(np.zeros(1), np.zeros(1), grid)
    quarter = np.pi / 2 * interpolation.EARTH_RADIUS_KM
    assert found == pytest.approx(np.array([[0, quarter], [quarter, quarter]]))


def test_contours_of_a_cone_are_circles() -> None:
    axis = np.linspace(-1, 1, 201)
    x, y = np.meshgrid(axis, axis)
    (line,) = contours.lines(axis, axis, 1 - np.hypot(x, y), 0.5)
    points = np.array(line)
    assert line[0] == line[-1]
    assert np.hypot(*points.T) == pytest.approx(np.full(len(points), 0.5), abs=1e-4)
    steps = np.diff(points, axis=0)
    assert np.hypot(*steps.T).sum() == pytest.approx(np.pi, rel=1e-3)
    area = 0.5 * np.sum(points[:-1, 0] * steps[:, 1] - points[:-1, 1] * steps[:, 0])
    assert area == pytest.approx(np.pi / 4, rel=1e-3), "counter-clockwise: the higher side is on the left"


def test_contours_end_at_borders_and_at_gaps() -> None:
    axis = np.arange(5.0)
    z = np.tile(axis, (5, 1))
    (line,) = contours.lines(axis, axis, z, 1.5)
    assert {x for x, _ in line} == {1.5}
    assert sorted(y for _, y in line) == [0, 1, 2, 3, 4]
    z[2, 1] = np.nan
    assert sorted(len(part) for part in contours.lines(axis, axis, z, 1.5)) == [2, 2]


@pytest.mark.parametrize("level", [0.4, 0.6])
def test_a_saddle_is_cut_in_two(level: float) -> None:
    found = contours.lines(np.arange(2.0), np.arange(2.0), np.array([[1.0, 0.0], [0.0, 1.0]]), level)
    assert [len(line) for line in found] == [2, 2]
    middle = [np.mean(line, axis=0) for line in found]
    towards_high = level > 0.5
    assert all((abs(x - y) < 1e-9) == towards_high for x, y in middle)


def test_contours_agree_with_a_spline_on_random_terrain() -> None:
    axis = np.linspace(0, 1, 60)
    coarse = np.linspace(0, 1, 8)
    z = RectBivariateSpline(coarse, coarse, GENERATOR.normal(size=(8, 8)))(axis, axis)
    count = 0
    for line in contours.lines(axis, axis, z, 0.1):
        closed = line[0] == line[-1]
        for x, y in (line[0], line[-1]) if not closed else ():
            assert min(x, y, 1 - x, 1 - y) < 1e-9, "an open line ends at the border"
        count += len(line)
    assert count > 50


def test_round_levels() -> None:
    assert contours.nice_levels(0, 10, 5) == [2, 4, 6, 8]
    assert contours.nice_levels(-0.31, 0.29, 6) == [-0.3, -0.2, -0.1, 0.0, 0.1, 0.2]
    assert contours.nice_levels(1, 1, 5) == []


def grid_of(tmp_path: Path, name: str, **params: Any) -> LocalStorage:
    storage = LocalStorage(tmp_path, {f"upload:{name}": tmp_path / name})
    run(gridding.Gridding, storage, input=f"upload:{name}", **params)
    return storage


@pytest.mark.parametrize("method", ["minimum_curvature", "linear", "inverse_distance", "nearest"])
def test_the_earthquakes(tmp_path: Path, method: str) -> None:
    demo.write(tmp_path)
    storage = grid_of(tmp_path, "earthquakes.geojson", method=method)
    summary, grid = storage.read_json("summary"), storage.read_json("grid")
    assert (summary["points"], summary["value"], summary["point_range"]) == (1707, "mag", [-0.8, 6.4])
    assert (grid["crs"], grid["shape"]) == ("EPSG:4326", [len(grid["values"]), len(grid["values"][0])])
    assert storage.info("grid").shape == tuple(grid["shape"])
    features = storage.read_json("contours")["features"]
    assert len(features) == summary["contour_lines"] > 20
    assert {feature["geometry"]["type"] for feature in features} == {"LineString"}
    assert {feature["properties"]["level"] for feature in features} <= set(summary["levels"])
    assert len(storage.read_json("points")["features"]) == 1707
    assert storage.info("contours").media_type == "application/geo+json"


def test_a_region_with_blanks(tmp_path: Path) -> None:
    demo.write(tmp_path)
    params = {"region": [-125, 32, -114, 42], "step": 0.25, "max_distance_km": 30, "value_column": "z", "levels": [5, 10]}
    storage = grid_of(tmp_path, "earthquakes.geojson", **params)
    summary = storage.read_json("summary")
    assert summary["region"] == [-125, 32, -114, 42]
    assert summary["shape"] == [41, 45]
    assert 0 < summary["empty_nodes"] < 41 * 45
    assert summary["levels"] == [5, 10]


def test_points_around_the_antimeridian_stay_together(tmp_path: Path) -> None:
    (tmp_path / "p.csv").write_text("lon,lat,v\n179,0,1\n-179,1,2\n178,2,3\n-178,-1,2\n")
    west, _, east, _ = grid_of(tmp_path, "p.csv").read_json("summary")["region"]
    assert 177 < west < east < 183


BAD = [
    ("x,v\n1,2\n", {}, "no lat column found"),
    ("lon,lat,v\n1,2,a\n", {}, "no numeric value column"),
    ("lon,lat,v\n1,2,3\n500000,2,3\n", {}, "column 'lon', line 3: 500000 is not between -180 and 360 degrees"),
    ("lon,lat,v\n1,2,3\n2,3,\n", {}, "only 1 points"),
    ("lon,lat,v\n1,2,3\n2,3,4\n3,4,5\n", {"region": [3, 0, 1, 5]}, "west < east"),
    ("lon,lat,v\n1,2,3\n2,3,4\n3,4,5\n", {"step": 0.0001}, "take a larger step"),
    ("lon,lat,v\n1,2,3\n2,3,4\n3,4,5\n", {"method": "linear"}, "not on one line"),
    ("lon,lat,v\n1,2,3\n2,3,4\n3,4,5\n", {"value_column": "depth"}, "no value column 'depth'; its columns are: lon, lat, v"),
    ('{"type": "FeatureCollection", "features": []}', {}, "has no point features"),
]


@pytest.mark.parametrize(("text", "params", "message"), BAD, ids=[case[2][:30] for case in BAD])
def test_bad_input_says_where_and_what_to_do(tmp_path: Path, text: str, params: dict, message: str) -> None:
    name = "p.geojson" if text.startswith("{") else "p.csv"
    (tmp_path / name).write_text(text)
    with pytest.raises(InputError) as caught:
        grid_of(tmp_path, name, **params)
    assert message in str(caught.value)
