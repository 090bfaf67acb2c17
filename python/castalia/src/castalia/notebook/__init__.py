"""Castalia in a notebook: the magics `%%process` and `%process` for IPython.

In the kernels of Castalia's own notebooks they are there from the start; elsewhere `%load_ext castalia` brings them, and
`castalia login`, or `CASTALIA_URL`, `CASTALIA_TOKEN` and `CASTALIA_PROJECT`, say where.
"""

from __future__ import annotations

from typing import Any

__all__ = ["load_ipython_extension"]


def load_ipython_extension(shell: Any) -> None:
    """What `%load_ext castalia` calls."""
    from castalia.notebook.magic import Magic

    magic = Magic(shell)
    shell.register_magic_function(magic.cell, "cell", "process")
    shell.register_magic_function(magic.line, "line", "process")
