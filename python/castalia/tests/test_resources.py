"""Resources on their way to the server."""

from __future__ import annotations

import pytest
from castalia.resources import wire


def test_cores_become_thousandths() -> None:
    assert wire({"cpu": 0.25, "memory_mb": 256, "deadline_s": 60.0}) == {"cpu_millis": 250, "memory_mb": 256, "deadline_s": 60}


@pytest.mark.parametrize("resources", [{"ram": 1}, {"cpu": "2"}, {"gpu": True}, {"memory_mb": -1}])
def test_what_is_not_known_is_refused(resources: dict) -> None:
    with pytest.raises(ValueError, match="is not known; use numbers for cpu"):
        wire(resources)
