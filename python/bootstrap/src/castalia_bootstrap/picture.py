"""A grid as a PNG, without a plotting library.

The format is that of ISO/IEC 15948 (PNG): signature, IHDR, PLTE, IDAT, IEND; each line begins with the filter type 0.
"""

from __future__ import annotations

import struct
import zlib
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

# From dark to light, so that it reads in grey as well: blue-black, violet, red, orange, pale yellow.
_COLOURS = np.array([[8, 12, 40], [84, 24, 110], [188, 50, 84], [248, 140, 48], [252, 250, 180]], dtype=float)
_SMALLEST = 480


def palette() -> NDArray[np.uint8]:
    """256 colours, evenly between the chosen ones."""
    at = np.linspace(0, len(_COLOURS) - 1, 256)
    return np.stack([np.interp(at, np.arange(len(_COLOURS)), _COLOURS[:, part]) for part in range(3)], axis=1).round().astype(np.uint8)


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(values: NDArray[np.float64]) -> bytes:
    """Values from 0 to 1, rows from south to north, as a picture with north up and at least 480 pixels wide or so."""
    index = np.rint(np.nan_to_num(np.clip(values, 0, 1)) * 255).astype(np.uint8)[::-1]
    factor = max(1, round(_SMALLEST / max(index.shape)))
    index = np.kron(index, np.ones((factor, factor), dtype=np.uint8))
    rows, columns = index.shape
    lines = np.hstack([np.zeros((rows, 1), dtype=np.uint8), index]).tobytes()
    header = struct.pack(">IIBBBBB", columns, rows, 8, 3, 0, 0, 0)
    parts = ((b"IHDR", header), (b"PLTE", palette().tobytes()), (b"IDAT", zlib.compress(lines, 9)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(kind, data) for kind, data in parts)
