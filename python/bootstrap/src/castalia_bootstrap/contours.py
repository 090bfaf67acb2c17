"""Contour lines of a grid by marching squares.

Each cell of four nodes is cut where the level lies between two neighbouring nodes, by linear interpolation along the edge;
the ambiguous saddle is decided by the mean of the four nodes. The pieces are joined to lines over their shared edges.

Source: the two-dimensional case of W. E. Lorensen, H. E. Cline, "Marching cubes: a high resolution 3D surface construction
algorithm", Computer Graphics 21 (1987) 163-169; table as in C. Maple, "Geometric design and space planning using the
marching squares and marching cube algorithms", Proc. Geometric Modeling and Graphics (2003) 90-95.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[np.float64]

# Corners: 1 lower left, 2 lower right, 4 upper right, 8 upper left. Edges: 0 bottom, 1 right, 2 top, 3 left.
# Each segment has the higher side on its left.
_SEGMENTS = {
    1: ((0, 3),), 2: ((1, 0),), 3: ((1, 3),), 4: ((2, 1),), 6: ((2, 0),), 7: ((2, 3),), 8: ((3, 2),),
    9: ((0, 2),), 11: ((1, 2),), 12: ((3, 1),), 13: ((0, 1),), 14: ((3, 0),),
}  # fmt: skip
_SADDLES = {
    (5, True): ((0, 1), (2, 3)),
    (5, False): ((0, 3), (2, 1)),
    (10, True): ((3, 0), (1, 2)),
    (10, False): ((1, 0), (3, 2)),
}
_Edge = tuple[int, int, int]


def _edge(row: int, column: int, side: int) -> _Edge:
    """An edge by its lower left node and its direction (0 along x, 1 along y), the same for both cells that share it."""
    return ((row, column, 0), (row, column + 1, 1), (row + 1, column, 0), (row, column, 1))[side]


def _point(edge: _Edge, x: Array, y: Array, z: Array, level: float) -> tuple[float, float]:
    row, column, along_y = edge
    other = (row + 1, column) if along_y else (row, column + 1)
    part = (level - z[row, column]) / (z[other] - z[row, column])
    px = x[column] + part * (x[other[1]] - x[column])
    py = y[row] + part * (y[other[0]] - y[row])
    return float(px), float(py)


def lines(x: Array, y: Array, z: Array, level: float) -> list[list[tuple[float, float]]]:
    """Contours of `z[row, column]` at (`x[column]`, `y[row]`). Closed lines end with their first point.

    Nodes that equal the level count as above it. Cells with a NaN have no contour.
    """
    above = z >= level
    corners = (above[:-1, :-1], above[:-1, 1:], above[1:, 1:], above[1:, :-1])
    code = np.sum([corner.astype(int) << bit for bit, corner in enumerate(corners)], axis=0)
    total = z[:-1, :-1] + z[:-1, 1:] + z[1:, 1:] + z[1:, :-1]
    crossed = (code > 0) & (code < 15) & np.isfinite(total)
    follows: dict[_Edge, _Edge] = {}
    for row, column in np.argwhere(crossed).tolist():
        kind = int(code[row, column])
        segments = _SEGMENTS.get(kind) or _SADDLES[kind, bool(total[row, column] / 4 >= level)]
        for start, end in segments:
            follows[_edge(row, column, start)] = _edge(row, column, end)
    return [[_point(edge, x, y, z, level) for edge in chain] for chain in _chains(follows)]


def _chains(follows: dict[_Edge, _Edge]) -> list[list[_Edge]]:
    """Join segments end to end: first those that begin at a border, then the closed ones."""
    targets = set(follows.values())
    chains = []
    for start in [edge for edge in follows if edge not in targets] + list(follows):
        if start not in follows:
            continue
        chain = [start]
        while chain[-1] in follows:
            chain.append(follows.pop(chain[-1]))
        chains.append(chain)
    return chains


def nice_levels(low: float, high: float, count: int) -> list[float]:
    """About `count` levels inside (low, high) at multiples of 1, 2 or 5 times a power of ten."""
    if not high > low:
        return []
    raw = (high - low) / max(1, count)
    power = 10.0 ** np.floor(np.log10(raw))
    step = power * min((1, 2, 5, 10), key=lambda factor: abs(np.log(factor * power / raw)))
    numbers = np.arange(np.floor(low / step) + 1, np.ceil(high / step))
    return [float(round(number * step, 12)) for number in numbers]
