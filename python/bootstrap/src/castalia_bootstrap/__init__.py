"""The first environment of Castalia: `fft`, `inversion`, `gridding` and `table`.

Each module states its equations with their source and is checked in `tests/` against a known result.
"""
