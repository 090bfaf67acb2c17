r"""From scattered points to a regular grid in longitude and latitude (degrees).

- `nearest`: the value of the nearest point on the sphere.
- `inverse_distance`: z = sum(w_i z_i) / sum(w_i), w_i = d_i^-p, over the nearest points on the sphere; D. Shepard,
  "A two-dimensional interpolation function for irregularly-spaced data", Proc. 23rd ACM Nat. Conf. (1968) 517-524.
- `linear`: linear in the triangles of a Delaunay triangulation; empty outside the convex hull.
- `minimum_curvature`: the surface that minimises, over the grid,
      sum (1 - T) |laplacian z|^2 + T |gradient z|^2 + (1/eps^2) sum_i (B z - z_i)^2,
  with tension T in 0..1, bilinear interpolation B at the points and a small eps (the data are all but exact); without
  tension the biharmonic equation of I. C. Briggs, "Machine contouring using minimum curvature", Geophysics 39 (1974)
  39-48; the tension is that of W. H. F. Smith, P. Wessel, "Gridding with continuous curvature splines in tension",
  Geophysics 55 (1990) 293-305. Natural boundaries. As they advise, points are first averaged within grid cells.

Derivatives and triangles use local kilometres: a degree of longitude counts cos(latitude) of a degree of latitude. Distances
on the sphere are great-circle distances on a radius of 6371.0088 km (IUGG mean radius).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from castalia.process import InputError
from scipy import sparse
from scipy.interpolate import LinearNDInterpolator
from scipy.sparse.linalg import spsolve
from scipy.spatial import QhullError, cKDTree

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[np.float64]

EARTH_RADIUS_KM = 6371.0088


@dataclass(frozen=True)
class Lattice:
    """Nodes of the grid: `lon` and `lat` in degrees, both rising and evenly spaced."""

    lon: Array
    lat: Array

    @property
    def shape(self) -> tuple[int, int]:
        return len(self.lat), len(self.lon)

    def nodes(self) -> tuple[Array, Array]:
        """lon and lat of all nodes, row by row from south to north."""
        lon, lat = np.meshgrid(self.lon, self.lat)
        return lon.ravel(), lat.ravel()


def unit_vectors(lon: Array, lat: Array) -> Array:
    lam, phi = np.radians(lon), np.radians(lat)
    return np.stack((np.cos(phi) * np.cos(lam), np.cos(phi) * np.sin(lam), np.sin(phi)), axis=-1)


def arc_km(chord: Array) -> Array:
    """Great-circle distance in km of a chord between unit vectors."""
    return np.asarray(2 * EARTH_RADIUS_KM * np.arcsin(np.clip(chord / 2, 0.0, 1.0)))


def distance_km(lon: Array, lat: Array, grid: Lattice) -> Array:
    """Distance of each node to the nearest point, shape of the grid."""
    chord, _ = cKDTree(unit_vectors(lon, lat)).query(unit_vectors(*grid.nodes()))
    return arc_km(chord).reshape(grid.shape)


def nearest(lon: Array, lat: Array, value: Array, grid: Lattice) -> Array:
    _, at = cKDTree(unit_vectors(lon, lat)).query(unit_vectors(*grid.nodes()))
    return np.asarray(value[at].reshape(grid.shape))


def inverse_distance(lon: Array, lat: Array, value: Array, grid: Lattice, power: float, neighbours: int) -> Array:
    count = min(neighbours, len(value))
    chord, at = cKDTree(unit_vectors(lon, lat)).query(unit_vectors(*grid.nodes()), k=count)
    distance = arc_km(chord.reshape(-1, count))
    # A node on a point takes its value: a millimetre keeps the weight finite.
    weight = np.maximum(distance, 1e-6) ** -power
    return np.asarray(((weight * value[at.reshape(-1, count)]).sum(axis=1) / weight.sum(axis=1)).reshape(grid.shape))


def _flat(lon: Array, lat: Array, middle: float) -> Array:
    return np.stack((lon * np.cos(np.radians(middle)), lat), axis=-1)


def linear(lon: Array, lat: Array, value: Array, grid: Lattice) -> Array:
    middle = float(grid.lat.mean())
    try:
        surface = LinearNDInterpolator(_flat(lon, lat, middle), value)
    except (QhullError, ValueError) as error:
        raise InputError("linear interpolation needs at least three points that are not on one line; take another method") from error
    return np.asarray(surface(_flat(*grid.nodes(), middle)).reshape(grid.shape))


def cell_means(lon: Array, lat: Array, value: Array, grid: Lattice) -> tuple[Array, Array, Array]:
    """Points averaged within the cells around the nodes (position and value); points outside the grid are left out."""
    step_x, step_y = grid.lon[1] - grid.lon[0], grid.lat[1] - grid.lat[0]
    column = np.rint((lon - grid.lon[0]) / step_x).astype(int)
    row = np.rint((lat - grid.lat[0]) / step_y).astype(int)
    inside = (column >= 0) & (column < len(grid.lon)) & (row >= 0) & (row < len(grid.lat))
    cell = row[inside] * len(grid.lon) + column[inside]
    _, which, counts = np.unique(cell, return_inverse=True, return_counts=True)
    lon_mean, lat_mean, value_mean = (np.bincount(which, part[inside]) / counts for part in (lon, lat, value))
    return lon_mean, lat_mean, value_mean


def _bilinear(lon: Array, lat: Array, grid: Lattice) -> sparse.csr_matrix:
    rows, columns = grid.shape
    fx = np.clip((lon - grid.lon[0]) / (grid.lon[1] - grid.lon[0]), 0, columns - 1)
    fy = np.clip((lat - grid.lat[0]) / (grid.lat[1] - grid.lat[0]), 0, rows - 1)
    ix, iy = np.minimum(fx.astype(int), columns - 2), np.minimum(fy.astype(int), rows - 2)
    ax, ay = fx - ix, fy - iy
    corners = [(0, 0, (1 - ax) * (1 - ay)), (0, 1, ax * (1 - ay)), (1, 0, (1 - ax) * ay), (1, 1, ax * ay)]
    node = np.concatenate([(iy + up) * columns + ix + right for up, right, _ in corners])
    weight = np.concatenate([part for _, _, part in corners])
    point = np.tile(np.arange(len(lon)), 4)
    return sparse.csr_matrix((weight, (point, node)), shape=(len(lon), rows * columns))


def _second(count: int) -> sparse.csr_matrix:
    """Second differences, zero at the two ends (natural boundary)."""
    inner = sparse.diags((1.0, -2.0, 1.0), (0, 1, 2), shape=(count - 2, count))
    empty = sparse.csr_matrix((1, count))
    return sparse.vstack((empty, inner, empty), format="csr")


def minimum_curvature(lon: Array, lat: Array, value: Array, grid: Lattice, tension: float) -> Array:
    lon, lat, value = cell_means(lon, lat, value, grid)
    if len(value) < 3:
        raise InputError("minimum curvature needs at least three points inside the region; widen the region or take another method")
    rows, columns = grid.shape
    # Lengths in units of the latitude step, so that both terms are of the same size whatever the grid.
    ratio = (grid.lon[1] - grid.lon[0]) / (grid.lat[1] - grid.lat[0]) * np.maximum(np.cos(np.radians(grid.lat)), 0.05)
    across = sparse.diags(1.0 / ratio**2)
    eye_x, eye_y = sparse.identity(columns), sparse.identity(rows)
    laplace = sparse.kron(across, _second(columns)) + sparse.kron(_second(rows), eye_x)
    # The two parts also enter alone, with little weight: natural boundaries leave harmonic parts free at the border.
    parts = [laplace, 0.05 * sparse.kron(across, _second(columns)), 0.05 * sparse.kron(_second(rows), eye_x)]
    slope = [sparse.diags((-1.0, 1.0), (0, 1), shape=(count - 1, count)) for count in (columns, rows)]
    slopes = (sparse.kron(sparse.diags(1.0 / ratio), slope[0]), sparse.kron(slope[1], eye_x))
    energy = (1 - tension) * sum(part.T @ part for part in parts) + tension * sum(part.T @ part for part in slopes)
    # A planar trend costs no curvature; taking it out first keeps the numbers small and the gradient term honest.
    plane = np.stack((np.ones(len(lon)), lon - grid.lon.mean(), lat - grid.lat.mean()), axis=1)
    trend, *_ = np.linalg.lstsq(plane, value, rcond=None)
    at_points = _bilinear(lon, lat, grid)
    weight = 1e4
    normal = (energy + weight * at_points.T @ at_points + 1e-9 * sparse.kron(eye_y, eye_x)).tocsc()
    surface = spsolve(normal, weight * (at_points.T @ (value - plane @ trend)), permc_spec="MMD_AT_PLUS_A")
    node_lon, node_lat = grid.nodes()
    surface += trend[0] + trend[1] * (node_lon - grid.lon.mean()) + trend[2] * (node_lat - grid.lat.mean())
    return np.asarray(surface.reshape(grid.shape))
