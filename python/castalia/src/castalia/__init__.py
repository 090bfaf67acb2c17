"""Castalia for Python.

`castalia.process` is the SDK for process types, `castalia.Client` talks to a server.
The names below load on first use, because every run of a process imports this package and should not pay for the client.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"
__all__ = ["ApiError", "Client", "Run", "__version__"]

if TYPE_CHECKING:
    from castalia.client import ApiError, Client, Run


def __getattr__(name: str) -> Any:
    if name in ("ApiError", "Client", "Run"):
        from castalia import client

        return getattr(client, name)
    raise AttributeError(f"module 'castalia' has no attribute {name!r}")
