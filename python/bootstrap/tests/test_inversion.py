"""The tomography against published and analytic results."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from castalia.process import InputError
from castalia.testing import LocalStorage, run
from castalia_bootstrap import demo, inversion, rays
from scipy import sparse

ROOT2 = np.sqrt(2.0)


def test_the_matrix_of_aster_et_al() -> None:
    """Aster, Borchers, Thurber, the straight-ray example of chapters 1 and 3: nine unit blocks, eight rays, rank 7."""
    grid = rays.Grid(0, 0, 3, 3, 3, 3)
    columns = [(c + 0.5, 0, c + 0.5, 3) for c in range(3)]
    rows = [(0, r + 0.5, 3, r + 0.5) for r in range(3)]
    found = rays.lengths(grid, np.array([*columns, *rows, (0, 0, 3, 3), (2, 2, 3, 3)], dtype=float)).toarray()
    expected = np.zeros((8, 9))
    for c in range(3):
        expected[c, c::3] = 1
        expected[3 + c, 3 * c : 3 * c + 3] = 1
    expected[6, [0, 4, 8]] = ROOT2
    expected[7, 8] = ROOT2
    assert found == pytest.approx(expected)
    assert np.linalg.matrix_rank(found) == 7


def test_lengths_add_up_to_the_ray() -> None:
    generator = np.random.default_rng(0)
    ends = generator.uniform(0, 1, (200, 4)) * [3, 2, 3, 2]
    grid = rays.Grid(0, 0, 3, 2, 17, 11)
    total = np.asarray(rays.lengths(grid, ends).sum(axis=1)).ravel()
    assert total == pytest.approx(np.hypot(ends[:, 2] - ends[:, 0], ends[:, 3] - ends[:, 1]))


def test_a_ray_along_the_border_or_outside() -> None:
    grid = rays.Grid(0, 0, 2, 2, 2, 2)
    found = rays.lengths(grid, np.array([[0, 2, 2, 2], [2, 0, 2, 2], [-1, 1.5, 3, 1.5], [5, 5, 6, 6]], dtype=float)).toarray()
    assert found.tolist() == [[0, 0, 1, 1], [0, 1, 0, 1], [0, 0, 1, 1], [0, 0, 0, 0]]


def test_order_zero_equals_the_filtered_svd() -> None:
    """The filter factors of Tikhonov regularisation (Hansen 1992): m = sum f_i (u_i'd / s_i) v_i with f_i = s_i^2 / (s_i^2 + lambda^2)."""
    generator = np.random.default_rng(1)
    matrix, data = generator.normal(size=(30, 20)), generator.normal(size=30)
    problem = inversion.Problem(sparse.csr_matrix(matrix), data, np.ones(30), sparse.identity(20, format="csr"))
    u, s, vt = np.linalg.svd(matrix, full_matrices=False)
    weight = 0.7
    filtered = vt.T @ (s / (s**2 + weight**2) * (u.T @ data))
    assert problem.solve(weight) == pytest.approx(filtered)
    assert problem.resolution(weight) == pytest.approx(np.diag(vt.T @ np.diag(s**2 / (s**2 + weight**2)) @ vt))


@pytest.mark.parametrize("order", [1, 2])
def test_differences_vanish_on_what_they_leave_free(order: int) -> None:
    grid = rays.Grid(0, 0, 4, 5, 4, 5)
    x, y = grid.centres()
    field = np.full(20, 3.0) if order == 1 else 2 * x - y
    assert np.abs(inversion.differences(grid, order) @ field).max() < 1e-12


def test_the_corner_of_a_known_curve() -> None:
    """Two power laws that meet at a weight of 1: the corner is there."""
    weights = np.logspace(-3, 3, 61)
    curve = inversion.Curve(weights, 1 + weights**2, 1 + 1 / weights**2)
    assert inversion.corner(curve) == pytest.approx(1.0, rel=0.01)


def invert(
    tmp_path: Path, inputs: dict[str, Path] | None = None, **params: Any
) -> tuple[dict[str, Any], dict[str, np.ndarray], LocalStorage]:
    storage = LocalStorage(tmp_path, inputs or {})
    run(inversion.Inversion, storage, **params)
    rows = list(csv.reader(io.StringIO(storage.read("model").decode())))
    model = dict(zip(rows[0], np.array(rows[1:], dtype=float).T, strict=True))
    return storage.read_json("summary"), model, storage


def test_noise_free_times_of_a_homogeneous_body_give_its_velocity(tmp_path: Path) -> None:
    survey = rays.crosshole(noise_percent=0)
    distance = np.hypot(survey.rays[:, 2] - survey.rays[:, 0], survey.rays[:, 3] - survey.rays[:, 1])
    lines = [",".join(map(repr, [*ray, length / 1500])) for ray, length in zip(survey.rays.tolist(), distance.tolist(), strict=True)]
    (tmp_path / "r.csv").write_text("x0,y0,x1,y1,t\n" + "\n".join(lines))
    _, model, _ = invert(tmp_path, {"upload:r.csv": tmp_path / "r.csv"}, input="upload:r.csv")
    assert model["velocity"] == pytest.approx(np.full(960, 1500.0), rel=1e-6)


def test_the_synthetic_bodies_are_found_within_the_error(tmp_path: Path) -> None:
    summary, model, _ = invert(tmp_path)
    assert summary["chosen_by"] == "discrepancy"
    assert summary["normalised_misfit"] == pytest.approx(1.0, abs=0.01)
    slow = np.hypot(model["x"] - 22, model["y"] - 30) < 8
    fast = np.hypot(model["x"] - 40, model["y"] - 70) < 8
    assert model["velocity"][slow].mean() == pytest.approx(1600, rel=0.04)
    assert model["velocity"][fast].mean() == pytest.approx(2400, rel=0.04)
    assert model["resolution"].min() >= 0
    assert model["resolution"].max() <= 1


def test_the_checkerboard_is_recovered(tmp_path: Path) -> None:
    _, model, _ = invert(tmp_path, synthetic="checkerboard", noise_percent=0.2)
    true = np.where((model["x"] // 20 + model["y"] // 20) % 2 == 0, 1.0, -1.0)
    assert np.corrcoef(true, model["velocity"])[0, 1] > 0.9


def test_both_choices_of_the_weight_agree_on_good_data(tmp_path: Path) -> None:
    by_error, _, _ = invert(tmp_path / "a")
    by_curve, _, _ = invert(tmp_path / "b", choice="lcurve")
    assert 1 / 3 < by_error["weight"] / by_curve["weight"] < 3


def test_the_demo_rays(tmp_path: Path) -> None:
    demo.write(tmp_path)
    summary, _, storage = invert(tmp_path, {"upload:rays.csv": tmp_path / "rays.csv"}, input="upload:rays.csv")
    assert summary["chosen_by"] == "discrepancy"
    assert summary["normalised_misfit"] == pytest.approx(1.0, abs=0.01)
    assert set(storage.outputs) == {output["name"] for output in inversion.Inversion.outputs}
    assert storage.info("model").units["velocity"] == "m/s"
    curve = np.array(list(csv.reader(io.StringIO(storage.read("misfit_curve").decode())))[1:], dtype=float)
    assert (np.diff(curve[:, 1]) > -1e-9).all(), "the residual grows with the weight"
    assert (np.diff(curve[:, 2]) < 1e-9).all(), "the model norm shrinks with it"


HEADER = "x0,y0,x1,y1,t\n"
BAD = [
    ("x0,y0,x1,t\n0,0,1,1\n", {}, "no ray column 'y1'"),
    (HEADER + "0,0,1,1,\n", {}, "column 't', line 2: the value is missing"),
    (HEADER + "0,0,1,1,1\n0,0,1,1,-1\n", {}, "line 3: the travel time is not positive"),
    (HEADER + "1,1,1,1,1\n", {}, "line 2: the ray has no length"),
    (HEADER + "0,0,1,0,1\n", {}, "all rays lie on one line"),
    (HEADER + "0,0,1,1,1\n", {"cells_x": 100, "cells_y": 100}, "more than 4096"),
    (HEADER + "0,0,1,1,1\n", {"choice": "fixed"}, "needs the parameter weight"),
    (HEADER + "0,0,1,1,1\n", {"choice": "discrepancy"}, "needs the parameter sigma"),
    (HEADER + "0,0,1,1,1\n0,0,1,1,2\n0,1,1,0,1\n", {"sigma": 1e-6}, "no weight fits the times within their error"),
]


@pytest.mark.parametrize(("text", "params", "message"), BAD, ids=[case[2][:30] for case in BAD])
def test_bad_input_says_where_and_what_to_do(tmp_path: Path, text: str, params: dict, message: str) -> None:
    (tmp_path / "r.csv").write_text(text)
    with pytest.raises(InputError) as caught:
        invert(tmp_path, {"upload:r.csv": tmp_path / "r.csv"}, input="upload:r.csv", **params)
    assert message in str(caught.value)
