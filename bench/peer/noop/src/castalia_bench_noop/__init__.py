"""The same body as in `prefect_noop.py`, as a process type of Castalia."""

from typing import Any


class Noop:
    """Says ok."""

    name = "python-noop"
    title = "Nothing"
    version = "1"

    def run(self, storage: Any) -> None:
        print("ok")
