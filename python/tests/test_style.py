"""Formatting, lints and strict types, with the versions that `requirements-test.txt` pins.

The types of `bootstrap` are not checked here: what mypy says about arrays depends on the version of numpy.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
CHECKS = [(".", "ruff", "check"), (".", "ruff", "format", "--check"), ("castalia", "mypy")]


@pytest.mark.parametrize("check", CHECKS, ids=" ".join)
def test_style(check: tuple[str, ...]) -> None:
    folder, tool, *arguments = check
    pytest.importorskip(tool)
    done = subprocess.run([sys.executable, "-m", tool, *arguments], cwd=ROOT / folder, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
