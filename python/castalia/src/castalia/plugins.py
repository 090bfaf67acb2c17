"""Entry points of the group `castalia.process_types`: how an environment says what it offers."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.metadata import EntryPoint, entry_points
from typing import Any

GROUP = "castalia.process_types"


def points() -> list[EntryPoint]:
    """All entry points of the group, ordered by name."""
    return sorted(entry_points(group=GROUP), key=lambda point: (point.name, point.value))


def public_name(cls: Any, point_name: str) -> str:
    return getattr(cls, "name", None) or point_name


def find(name: str) -> Any:
    """The class that is published as `name`. Raises `LookupError`, or what its import raises.

    The entry point of that name is tried first, so that a run imports no other type; only when the class itself bears
    another name are the rest loaded.
    """
    known = points()
    for point in known:
        if point.name == name:
            cls = point.load()
            if public_name(cls, point.name) == name:
                return cls
    for point, cls in _loadable(known):
        if public_name(cls, point.name) == name:
            return cls
    names = ", ".join(point.name for point in known) or "none"
    raise LookupError(
        f"no process type {name!r} in this environment (it has: {names}); "
        f"install the package that publishes it under the entry point group {GROUP!r}"
    )


def _loadable(known: list[EntryPoint]) -> Iterator[tuple[EntryPoint, Any]]:
    for point in known:
        try:
            yield point, point.load()
        except Exception:
            # `castalia.discover` reports broken entry points; here the search goes on.
            continue
