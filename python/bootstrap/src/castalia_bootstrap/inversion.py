r"""Regularised linear inversion: straight-ray travel-time tomography.

For the slowness s of the cells, the travel times t and the ray lengths G (`castalia_bootstrap.rays`), with the
background s_0 = sum(t) / sum(G) and m = s - s_0, the model minimises

    phi(m) = |W (G m - d)|^2 + lambda^2 |L m|^2,      d = t - G s_0,      W = 1/sigma

L is the identity (order 0), the first (order 1) or the second differences (order 2) between neighbouring cells. The
minimum solves (G'W'W G + lambda^2 L'L) m = G'W'W d. The model resolution is R = (G'W'W G + lambda^2 L'L)^-1 G'W'W G.

The weight lambda is chosen by the discrepancy principle, |W (G m - d)|^2 = N for N rays, when the error sigma of the
times is known, else at the corner of the L-curve, the point of largest curvature of (log |W(Gm - d)|, log |L m|).

Sources: A. N. Tikhonov, V. Y. Arsenin, "Solutions of Ill-Posed Problems" (1977); V. A. Morozov, "On the solution of
functional equations by the method of regularization", Soviet Math. Doklady 7 (1966) 414-417 (discrepancy); P. C. Hansen,
"Analysis of discrete ill-posed problems by means of the L-curve", SIAM Review 34 (1992) 561-580; P. C. Hansen, D. P. O'Leary,
"The use of the L-curve in the regularization of discrete ill-posed problems", SIAM J. Sci. Comput. 14 (1993)
1487-1503; R. C. Aster, B. Borchers, C. H. Thurber, "Parameter Estimation and Inverse Problems", chapters 1 and 4
(tomography example, resolution).

Rays are straight: for contrasts above some ten percent real rays bend, and the image is blurred.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, Literal

import numpy as np
from castalia.process import Input, InputError, Range, Unit
from scipy import linalg, sparse
from scipy.optimize import brentq

from castalia_bootstrap import rays as forward
from castalia_bootstrap import tables

if TYPE_CHECKING:
    from castalia.process import Storage
    from numpy.typing import NDArray

    Array = NDArray[np.float64]

log = logging.getLogger("castalia.inversion")

MAX_CELLS = 4096


@dataclass
class Problem:
    """N rays over M cells: dense normal matrices, weighted data, and what is needed to judge a model."""

    matrix: sparse.csr_matrix
    data: Array
    weights: Array
    operator: sparse.csr_matrix

    def __post_init__(self) -> None:
        weighted = sparse.diags(self.weights) @ self.matrix
        self.normal: Array = (weighted.T @ weighted).toarray()
        self.penalty: Array = (self.operator.T @ self.operator).toarray()
        self.right: Array = weighted.T @ (self.weights * self.data)
        # The weight at which both terms have the same size; the curve is scanned around it.
        self.scale = float(np.sqrt(np.trace(self.normal) / max(np.trace(self.penalty), 1e-300)))

    def solve(self, weight: float) -> Array:
        """The model for one regularisation weight lambda."""
        factor = linalg.cho_factor(self.normal + weight**2 * self.penalty, check_finite=False)
        return np.asarray(linalg.cho_solve(factor, self.right, check_finite=False))

    def residual_norm(self, model: Array) -> float:
        return float(np.linalg.norm(self.weights * (self.matrix @ model - self.data)))

    def model_norm(self, model: Array) -> float:
        return float(np.linalg.norm(self.operator @ model))

    def resolution(self, weight: float) -> Array:
        """The diagonal of the resolution matrix: 1 where a cell is resolved by the data, 0 where only by the penalty."""
        factor = linalg.cho_factor(self.normal + weight**2 * self.penalty, check_finite=False)
        return np.asarray(np.diag(linalg.cho_solve(factor, self.normal, check_finite=False)))


@dataclass
class Curve:
    """Residual norm and model norm for a series of weights, in rising order of the weight."""

    weights: Array
    residual_norms: Array
    model_norms: Array


def differences(grid: forward.Grid, order: int) -> sparse.csr_matrix:
    """The operator L: identity, or first or second differences along x and y (per cell, not divided by its size)."""
    if order == 0:
        return sparse.identity(grid.cells, format="csr")
    stencil = {1: ((-1.0, 1.0), (0, 1)), 2: ((1.0, -2.0, 1.0), (0, 1, 2))}[order]
    if min(grid.nx, grid.ny) <= order:
        raise InputError(f"regularisation of order {order} needs more than {order} cells along x and y")
    along = [sparse.diags(stencil[0], stencil[1], shape=(count - order, count)) for count in (grid.nx, grid.ny)]
    x = sparse.kron(sparse.identity(grid.ny), along[0])
    y = sparse.kron(along[1], sparse.identity(grid.nx))
    return sparse.vstack([x, y], format="csr")


def scan(problem: Problem, storage: Storage | None = None, count: int = 33) -> Curve:
    """The misfit curve over six decades of the weight."""
    weights = problem.scale * np.logspace(-4, 2, count)
    residuals, norms = [], []
    for number, weight in enumerate(weights):
        model = problem.solve(float(weight))
        residuals.append(problem.residual_norm(model))
        norms.append(problem.model_norm(model))
        if storage is not None:
            storage.progress(0.2 + 0.6 * (number + 1) / count, f"weight {number + 1} of {count}")
    return Curve(weights, np.array(residuals), np.array(norms))


def corner(curve: Curve) -> float:
    """The weight at the corner of the L-curve: largest curvature (Hansen and O'Leary 1993)."""
    rho, eta = np.log(curve.residual_norms), np.log(np.maximum(curve.model_norms, 1e-300))
    at = np.log(curve.weights)
    d_rho, d_eta = np.gradient(rho, at), np.gradient(eta, at)
    dd_rho, dd_eta = np.gradient(d_rho, at), np.gradient(d_eta, at)
    curvature = (d_rho * dd_eta - dd_rho * d_eta) / np.maximum((d_rho**2 + d_eta**2) ** 1.5, 1e-12)
    return float(curve.weights[2 + int(np.argmax(curvature[2:-2]))])


def discrepancy(problem: Problem, curve: Curve) -> float:
    """The weight at which the weighted residual norm is the root of the number of rays. Raises `InputError` when none is."""
    goal = float(np.sqrt(len(problem.data)))
    if not curve.residual_norms[0] < goal:
        raise InputError(
            f"no weight fits the times within their error: the best normalised misfit is {curve.residual_norms[0] / goal:.3g}, not 1; "
            "raise sigma, take more cells, or choose the L-curve"
        )
    if curve.residual_norms[-1] <= goal:
        log.warning("even the smoothest model fits within the error; the times say nothing about structure")
        return float(curve.weights[-1])

    def excess(log_weight: float) -> float:
        return problem.residual_norm(problem.solve(float(np.exp(log_weight)))) - goal

    return float(np.exp(brentq(excess, np.log(curve.weights[0]), np.log(curve.weights[-1]), rtol=1e-4)))


def _survey(storage: Storage, ref: str) -> tuple[Array, Array, Array | None, str, str]:
    """Rays, times, their errors if there is a column sigma, and the units of length and time, out of a table."""
    table = tables.read(storage, ref)
    names = [table.find(name, "ray") for name in ("x0", "y0", "x1", "y1", "t")]
    names += [name for name in table.names if tables.bare(name).lower() == "sigma"]
    columns = [table.numbers(name) for name in names]
    for name, column in zip(names, columns, strict=True):
        if np.isnan(column).any():
            line = table.lines[int(np.flatnonzero(np.isnan(column))[0])]
            raise InputError(f"column {name!r}, line {line}: the value is missing; fill it or remove the ray")
    times = columns[4]
    rays = np.stack(columns[:4], axis=1)
    sigma = columns[5] if len(columns) > 5 else None
    checks = [(times <= 0, "the travel time is not positive")]
    checks += [(np.hypot(rays[:, 2] - rays[:, 0], rays[:, 3] - rays[:, 1]) <= 0, "the ray has no length")]
    if sigma is not None:
        checks += [(sigma <= 0, "the standard error sigma is not positive")]
    for wrong, text in checks:
        if wrong.any():
            raise InputError(f"line {table.lines[int(np.flatnonzero(wrong)[0])]}: {text}; correct or remove it")
    return rays, times, sigma, table.units.get(names[0], "m"), table.units.get(names[4], "s")


def _grid(rays: Array, nx: int, ny: int) -> forward.Grid:
    x, y = rays[:, [0, 2]], rays[:, [1, 3]]
    if not (np.ptp(x) > 0 and np.ptp(y) > 0):
        raise InputError("all rays lie on one line; a tomography needs rays that spread over an area")
    if nx * ny > MAX_CELLS:
        raise InputError(f"{nx} x {ny} cells are more than {MAX_CELLS}; take fewer")
    return forward.Grid(float(x.min()), float(y.min()), float(x.max()), float(y.max()), nx, ny)


class Inversion:
    """Travel-time tomography along straight rays.

    Finds the slowness of the cells between sources and receivers from travel times, with Tikhonov regularisation; the
    weight is chosen by the discrepancy principle or the L-curve. Without an input it runs on a synthetic cross-hole survey.
    """

    title = "Tomography (regularised inversion)"
    version = "1"
    deterministic = True
    resources = {"cpu": 1, "memory_mb": 1024, "storage_mb": 256, "deadline_s": 1800}
    outputs = [
        {
            "name": "model",
            "media_type": "text/csv",
            "description": "Slowness, velocity, ray coverage and resolution of the cells",
            "columns": ["x", "y", "slowness", "velocity", "coverage", "resolution"],
        },
        {
            "name": "misfit_curve",
            "media_type": "text/csv",
            "description": "Residual norm and model norm for each weight (L-curve)",
            "columns": ["regularisation", "residual_norm", "model_norm"],
        },
        {
            "name": "prediction",
            "media_type": "text/csv",
            "description": "Observed and predicted travel times",
            "columns": ["x0", "y0", "x1", "y1", "observed", "predicted", "residual"],
        },
        {"name": "figure", "media_type": "application/vnd.plotly.v1+json", "description": "Map of the velocity"},
        {"name": "misfit_figure", "media_type": "application/vnd.plotly.v1+json", "description": "The misfit curve with the chosen weight"},
        {"name": "summary", "media_type": "application/json", "description": "Chosen weight, misfit and resolution"},
    ]
    examples = [
        {
            "title": "Between two boreholes",
            "about": "Finds the fast and the slow rock between two boreholes from the travel times of sound; a minute of work at most.",
            "parameters": {"input": "upload:rays.csv", "cells_x": 24, "cells_y": 40},
        }
    ]

    def run(
        self,
        storage: Storage,
        input: Annotated[str, Input(*tables.MEDIA_TYPES)] | None = None,
        cells_x: Annotated[int, Range(1, 512)] = 24,
        cells_y: Annotated[int, Range(1, 512)] = 40,
        order: Literal[0, 1, 2] = 1,
        choice: Literal["auto", "discrepancy", "lcurve", "fixed"] = "auto",
        weight: Annotated[float, Range(above=0)] | None = None,
        sigma: Annotated[float, Range(above=0), Unit("unit of t")] | None = None,
        synthetic: Literal["anomaly", "checkerboard"] = "anomaly",
        noise_percent: Annotated[float, Range(0, 100), Unit("%")] = 1.0,
        seed: Annotated[int, Range(0)] = 1,
    ) -> None:
        """Invert travel times for slowness.

        Parameters
        ----------
        input : reference
            Table of rays with the columns x0, y0, x1, y1 (source and receiver) and t (travel time); units may stand in
            the header, as in `x0 (m)`. Empty for a synthetic survey.
        cells_x : int
            Number of cells along x; at most 4096 cells in all.
        cells_y : int
            Number of cells along y.
        order : int
            What the penalty measures: 0 distance from the mean, 1 gradient, 2 curvature of the slowness.
        choice : str
            How the weight is chosen; `auto` takes the discrepancy principle when sigma is known, else the L-curve;
            `fixed` takes `weight`.
        weight : float
            Regularisation weight lambda for `fixed`.
        sigma : float
            Standard error of the travel times, in the unit of t; empty takes the column sigma of the table, if it has one.
        synthetic : str
            Pattern of the synthetic survey, when there is no input.
        noise_percent : float
            Noise of the synthetic times, as part of their mean, in percent.
        seed : int
            Seed of the synthetic noise.
        """
        storage.progress(0.0, "reading")
        true, errors = None, None
        if input:
            rays, times, errors, length_unit, time_unit = _survey(storage, input)
        else:
            true = forward.crosshole(synthetic, noise_percent, seed)
            rays, times, length_unit, time_unit = true.rays, true.times, "m", "s"
            errors = np.full(len(times), true.sigma) if true.sigma else None
            log.info("no input: synthetic cross-hole survey %r with %g %% noise", synthetic, noise_percent)
        grid = _grid(rays, cells_x, cells_y)
        log.info("%d rays, %d x %d cells of %.4g x %.4g %s", len(rays), grid.nx, grid.ny, grid.dx, grid.dy, length_unit)
        matrix = forward.lengths(grid, rays)
        background = float(times.sum() / matrix.sum())
        errors = np.full(len(times), sigma) if sigma else errors
        weights = np.full(len(times), 1.0 / float(times.mean())) if errors is None else 1.0 / errors
        problem = Problem(matrix, times - background * np.asarray(matrix.sum(axis=1)).ravel(), weights, differences(grid, order))
        storage.progress(0.2, "scanning the weight")
        try:
            curve = scan(problem, storage)
            chosen, how = self._choose(problem, curve, choice, weight, errors is not None)
            model, resolution = problem.solve(chosen), problem.resolution(chosen)
        except linalg.LinAlgError as error:
            raise InputError("the rays do not determine the model even with regularisation; take order 0 or fewer cells") from error
        slowness = background + model
        if (slowness <= 0).any():
            log.warning("%d cells got a slowness of zero or below; raise the weight", int((slowness <= 0).sum()))
        found = _Found(grid, rays, times, matrix, slowness, resolution, curve, chosen, how, background, errors, order)
        log.info("weight %.4g (%s), rms residual %.4g %s", chosen, how, found.rms, time_unit)
        storage.progress(0.9, "writing")
        _write(storage, found, length_unit, time_unit, true)
        storage.progress(1.0, "done")

    @staticmethod
    def _choose(problem: Problem, curve: Curve, choice: str, weight: float | None, known_errors: bool) -> tuple[float, str]:
        if choice == "fixed":
            if weight is None:
                raise InputError("choice 'fixed' needs the parameter weight")
            return weight, "fixed"
        if choice == "discrepancy" or (choice == "auto" and known_errors):
            if not known_errors:
                raise InputError("choice 'discrepancy' needs the parameter sigma, the standard error of the travel times")
            return discrepancy(problem, curve), "discrepancy"
        return corner(curve), "lcurve"


@dataclass
class _Found:
    grid: forward.Grid
    rays: Array
    times: Array
    matrix: sparse.csr_matrix
    slowness: Array
    resolution: Array
    curve: Curve
    weight: float
    how: str
    background: float
    sigma: Array | None
    order: int

    def __post_init__(self) -> None:
        self.predicted: Array = np.asarray(self.matrix @ self.slowness)
        self.residual: Array = self.times - self.predicted
        self.rms = float(np.sqrt(np.mean(self.residual**2)))


def _write(storage: Storage, found: _Found, length_unit: str, time_unit: str, true: forward.Synthetic | None) -> None:
    grid, slow_unit, fast_unit = found.grid, f"{time_unit}/{length_unit}", f"{length_unit}/{time_unit}"
    x, y = grid.centres()
    velocity = np.where(found.slowness > 0, 1.0 / np.where(found.slowness > 0, found.slowness, 1.0), np.nan)
    coverage = np.asarray(found.matrix.sum(axis=0)).ravel()
    model = {"x": x, "y": y, "slowness": found.slowness, "velocity": velocity, "coverage": coverage, "resolution": found.resolution}
    units = {"x": length_unit, "y": length_unit, "slowness": slow_unit, "velocity": fast_unit, "coverage": length_unit, "resolution": "1"}
    storage.write_csv("model", model, units, f"{grid.ny} x {grid.nx} cells, x varies fastest")
    curve = {"regularisation": found.curve.weights, "residual_norm": found.curve.residual_norms, "model_norm": found.curve.model_norms}
    storage.write_csv("misfit_curve", curve, description="Weighted residual norm and norm of L m for each weight lambda")
    ends = {name: found.rays[:, number] for number, name in enumerate(("x0", "y0", "x1", "y1"))}
    times = {"observed": found.times, "predicted": found.predicted, "residual": found.residual}
    storage.write_csv("prediction", ends | times, dict.fromkeys(ends, length_unit) | dict.fromkeys(times, time_unit))
    storage.write_figure("figure", _map(grid, velocity, length_unit, fast_unit))
    storage.write_figure("misfit_figure", _curve_figure(found))
    spread = float(np.sum((found.times - found.times.mean()) ** 2))
    summary: dict[str, Any] = {
        "rays": len(found.times),
        "cells": [grid.ny, grid.nx],
        "order": found.order,
        "weight": found.weight,
        "chosen_by": found.how,
        "rms_residual": found.rms,
        "normalised_misfit": float(np.sqrt(np.mean((found.residual / found.sigma) ** 2))) if found.sigma is not None else None,
        "variance_reduction": 1.0 - float(np.sum(found.residual**2)) / spread if spread else None,
        "background_velocity": 1.0 / found.background,
        "velocity_range": [float(np.nanmin(velocity)), float(np.nanmax(velocity))],
        "resolved_parameters": float(found.resolution.sum()),
        "units": {"time": time_unit, "velocity": fast_unit},
        "synthetic": true is not None,
    }
    storage.write_json("summary", summary)


def _map(grid: forward.Grid, velocity: Array, length_unit: str, unit: str) -> dict[str, Any]:
    x, y = grid.centres()
    return {
        "data": [
            {
                "type": "heatmap",
                "x": x[: grid.nx],
                "y": y[:: grid.nx],
                "z": velocity.reshape(grid.ny, grid.nx),
                "colorscale": "Viridis",
                "colorbar": {"title": {"text": f"velocity ({unit})"}},
            }
        ],
        "layout": {
            "title": {"text": "Velocity"},
            "xaxis": {"title": {"text": f"x ({length_unit})"}, "constrain": "domain"},
            "yaxis": {"title": {"text": f"y ({length_unit})"}, "scaleanchor": "x", "autorange": "reversed"},
        },
    }


def _curve_figure(found: _Found) -> dict[str, Any]:
    curve = found.curve
    at = int(np.argmin(np.abs(np.log(curve.weights / found.weight))))
    mark = {
        "type": "scatter",
        "mode": "markers",
        "name": f"chosen ({found.how})",
        "x": [curve.residual_norms[at]],
        "y": [curve.model_norms[at]],
        "marker": {"size": 12},
    }
    return {
        "data": [
            {
                "type": "scatter",
                "mode": "lines+markers",
                "name": "weights",
                "x": curve.residual_norms,
                "y": curve.model_norms,
                "text": [f"{w:.3g}" for w in curve.weights],
            },
            mark,
        ],
        "layout": {
            "title": {"text": "Misfit curve"},
            "xaxis": {"title": {"text": "residual norm"}, "type": "log"},
            "yaxis": {"title": {"text": "model norm"}, "type": "log"},
        },
    }
