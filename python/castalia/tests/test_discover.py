"""What an environment says it offers."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator

SOURCE = '''
import os, sys
print("hello from an import")
os.write(1, b"and past sys.stdout")

class Full:
    """Does something.

    In two paragraphs.

    Parameters
    ----------
    x : int
        The x, in m.
    """
    title = "A full type"
    version = "1.2"
    deterministic = True
    resources = {"cpu": 2}
    outputs = [{"name": "o", "media_type": "text/csv"}]
    def run(self, storage, x: int = 1): ...

class Renamed(Full):
    """Also."""
    name = "other_name"

class NoRun: ...

class Strange:
    def run(self, storage, x: complex): ...

class Greedy:
    resources = {"cores": 3}
    def run(self, storage): ...

class Second:
    name = "full"
    def run(self, storage): ...
'''


def test_the_document(publish: Any, tmp_path: Path) -> None:
    points = {"full": "Full", "renamed": "Renamed", "norun": "NoRun", "strange": "Strange", "greedy": "Greedy", "second": "Second"}
    publish(tmp_path, SOURCE, {name: f"example_types:{value}" for name, value in points.items()} | {"gone": "no_such_module:X"})
    done = subprocess.run(
        [sys.executable, "-m", "castalia.discover"], capture_output=True, text=True, env={**os.environ, "PYTHONPATH": str(tmp_path)}
    )
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert "hello from an import" in done.stderr
    types = {entry["name"]: entry for entry in found["types"]}
    assert {"full", "other_name"} <= set(types)
    full = types["full"]
    assert (full["title"], full["version"], full["deterministic"], full["resources"]) == ("A full type", "1.2", True, {"cpu_millis": 2000})
    assert full["description"] == "Does something.\n\nIn two paragraphs."
    assert full["schema"]["properties"] == {"x": {"type": "integer", "description": "The x, in m.", "default": 1}}
    assert full["entry_point"] == "example_types:Full"
    assert types["other_name"]["deterministic"] is True
    errors = {error["entry_point"].split(" = ")[0]: error["error"] for error in found["errors"]}
    assert set(errors) == {"gone", "greedy", "norun", "second", "strange"}
    assert "no_such_module" in errors["gone"]
    assert "no method run" in errors["norun"]
    assert "already taken by example_types:Full" in errors["second"]
    assert "complex" in errors["strange"]
    assert "resource cores = 3 is not known" in errors["greedy"]
    assert found["packages"]["castalia"] == "0.1.0"
    assert found["packages"]["example-types"] == "1.0"
    for entry in found["types"]:
        Draft202012Validator.check_schema(entry["schema"])
