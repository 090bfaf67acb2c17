"""Data as files on this machine, wherever the code runs."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path

_known: dict[str, Path] = {}


def path(ref: str) -> Path:
    """The path of a local copy of `upload:NAME` or `dataset:ID`, made on first use.

    In a process these are the references that its parameters hold; elsewhere, for instance in a cell of a notebook, whatever
    `castalia.Client` may read. Raises `LookupError` or `castalia.ApiError` when there is no such data.
    """
    found = _known.get(ref)
    if found is None or not found.is_file():
        found = _known[ref] = _fetch(ref)
    return found


def _fetch(ref: str) -> Path:
    folder = Path(tempfile.mkdtemp(prefix="castalia-"))
    if os.environ.get("STORAGE_BASE"):
        from castalia import runner

        storage = runner.storage_of(os.environ, lambda *_: None)
        # The ending is what many readers go by.
        target = folder / (Path(storage.info(ref).name).name or "data")
        with storage.open(ref) as source, open(target, "wb") as file:
            shutil.copyfileobj(source, file, 1 << 20)
        return target
    from castalia.client import Client

    with Client() as client:
        data = client.data(ref)
        return data.to(folder / (Path(data.name).name or "data"))
