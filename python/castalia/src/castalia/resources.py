"""What a run may use, as people write it and as the server takes it.

People write `cpu` in cores; the server counts whole thousandths (`cpu_millis`), so that sums are exact.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

KNOWN = ("cpu", "cpu_millis", "memory_mb", "storage_mb", "gpu", "deadline_s")


def wire(resources: Mapping[str, Any]) -> dict[str, int]:
    """`{cpu: 0.5, memory_mb: 256}` -> `{cpu_millis: 500, memory_mb: 256}`. Raises `ValueError` for what is not known."""
    found = {}
    for name, value in resources.items():
        if name not in KNOWN or isinstance(value, bool) or not isinstance(value, (int, float)) or value < 0:
            raise ValueError(f"resource {name} = {value!r} is not known; use numbers for {', '.join(KNOWN)}")
        if name == "cpu":
            found["cpu_millis"] = round(value * 1000)
        else:
            found[name] = int(value)
    return found
