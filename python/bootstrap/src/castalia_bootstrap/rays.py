"""Straight rays through a rectangular grid of cells: the forward problem of travel-time tomography, and synthetic data.

    t_i = sum_j G_ij s_j,      G_ij = length of ray i in cell j,      s = 1/velocity

The lengths follow R. L. Siddon, "Fast calculation of the exact radiological path for a three-dimensional CT array",
Medical Physics 12 (1985) 252-255: the ray is cut at every grid line that it crosses, and each piece lies in one cell.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy import sparse

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[np.float64]


@dataclass(frozen=True)
class Grid:
    """`nx` times `ny` equal cells between (x0, y0) and (x1, y1); cell (ix, iy) has the number `iy * nx + ix`."""

    x0: float
    y0: float
    x1: float
    y1: float
    nx: int
    ny: int

    @property
    def cells(self) -> int:
        return self.nx * self.ny

    @property
    def dx(self) -> float:
        return (self.x1 - self.x0) / self.nx

    @property
    def dy(self) -> float:
        return (self.y1 - self.y0) / self.ny

    def centres(self) -> tuple[Array, Array]:
        """x and y of the cell centres, in the order of the cell numbers."""
        x = self.x0 + self.dx * (np.arange(self.nx) + 0.5)
        y = self.y0 + self.dy * (np.arange(self.ny) + 0.5)
        return np.tile(x, self.ny), np.repeat(y, self.nx)


def lengths(grid: Grid, rays: Array) -> sparse.csr_matrix:
    """The matrix G (rays x cells) for `rays` with the columns x0, y0, x1, y1; parts outside the grid count for nothing."""
    rows, columns, values = [], [], []
    for number, (xa, ya, xb, yb) in enumerate(rays):
        cuts = [np.array([0.0, 1.0])]
        for start, end, low, step, count in ((xa, xb, grid.x0, grid.dx, grid.nx), (ya, yb, grid.y0, grid.dy, grid.ny)):
            if end != start:
                cuts.append((low + step * np.arange(count + 1) - start) / (end - start))
        alpha = np.unique(np.clip(np.concatenate(cuts), 0.0, 1.0))
        middle = (alpha[1:] + alpha[:-1]) / 2
        ix = np.floor((xa + middle * (xb - xa) - grid.x0) / grid.dx).astype(int)
        iy = np.floor((ya + middle * (yb - ya) - grid.y0) / grid.dy).astype(int)
        # A ray along the far edge belongs to the last cells.
        ix[np.isclose(xa + middle * (xb - xa), grid.x1, atol=1e-9 * grid.dx)] = grid.nx - 1
        iy[np.isclose(ya + middle * (yb - ya), grid.y1, atol=1e-9 * grid.dy)] = grid.ny - 1
        inside = (ix >= 0) & (ix < grid.nx) & (iy >= 0) & (iy < grid.ny)
        rows.append(np.full(int(inside.sum()), number))
        columns.append(iy[inside] * grid.nx + ix[inside])
        values.append(np.diff(alpha)[inside] * np.hypot(xb - xa, yb - ya))
    shape = (len(rays), grid.cells)
    return sparse.csr_matrix((np.concatenate(values), (np.concatenate(rows), np.concatenate(columns))), shape)


@dataclass(frozen=True)
class Synthetic:
    """A made-up cross-hole survey: rays (x0, y0, x1, y1 in m), travel times in s, and the velocity of the cells in m/s."""

    grid: Grid
    rays: Array
    times: Array
    velocity: Array
    sigma: float


def crosshole(pattern: str = "anomaly", noise_percent: float = 1.0, seed: int = 1, stations: int = 24) -> Synthetic:
    """Sources in one borehole, receivers in another 60 m away, 100 m deep, and receivers along the surface.

    `anomaly`: 2000 m/s with a slow body (1600 m/s) and a fast one (2400 m/s); `checkerboard`: +-10 % in squares of
    20 m. Gaussian noise with a standard deviation of `noise_percent` of the mean travel time.
    """
    grid = Grid(0.0, 0.0, 60.0, 100.0, 30, 50)
    x, y = grid.centres()
    velocity = np.full(grid.cells, 2000.0)
    if pattern == "checkerboard":
        velocity *= 1.0 + 0.1 * np.where((x // 20 + y // 20) % 2 == 0, 1.0, -1.0)
    else:
        velocity[np.hypot(x - 22, y - 30) < 12] = 1600.0
        velocity[np.hypot(x - 40, y - 70) < 12] = 2400.0
    depth = np.linspace(1.0, 99.0, stations)
    surface = np.linspace(2.0, 58.0, stations // 2)
    rays = [(0.0, a, 60.0, b) for a in depth for b in depth]
    rays += [(edge, a, b, 0.0) for edge in (0.0, 60.0) for a in depth for b in surface]
    table = np.array(rays)
    exact = lengths(grid, table) @ (1.0 / velocity)
    sigma = noise_percent / 100 * float(exact.mean())
    noise = np.random.default_rng(seed).normal(0.0, 1.0, len(exact))
    return Synthetic(grid, table, exact + sigma * noise, velocity, sigma)
