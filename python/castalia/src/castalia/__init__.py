"""Castalia for Python.

`castalia.process` is the SDK for process types, `castalia.Client` talks to a server, `%load_ext castalia` brings the
magics of `castalia.notebook` to IPython.
The names below load on first use, because every run of a process imports this package and should not pay for the client.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"
__all__ = ["ApiError", "Client", "Dataset", "Run", "RunFailed", "__version__", "load_ipython_extension", "path"]

if TYPE_CHECKING:
    from castalia.client import ApiError, Client, Dataset, Run, RunFailed
    from castalia.local import path
    from castalia.notebook import load_ipython_extension


def __getattr__(name: str) -> Any:
    if name in ("ApiError", "Client", "Dataset", "Run", "RunFailed"):
        from castalia import client

        return getattr(client, name)
    if name == "path":
        from castalia import local

        return local.path
    if name == "load_ipython_extension":
        from castalia import notebook

        return notebook.load_ipython_extension
    raise AttributeError(f"module 'castalia' has no attribute {name!r}")
