"""`python -m castalia.discover`: one JSON document that says which process types this environment offers.

`{"python", "packages": {distribution: version}, "types": [...], "errors": [{"entry_point", "error"}]}`. A type that
cannot be loaded becomes an error with its traceback and spoils nothing else; what a type prints while it is imported
goes to stderr.
"""

from __future__ import annotations

import json
import os
import platform
import sys
import traceback
from importlib.metadata import EntryPoint, distributions
from typing import Any

from castalia import docs, plugins, resources, schema


def describe(point: EntryPoint) -> dict[str, Any]:
    """One process type as the server registers it. Raises what the import or the schema raises."""
    cls = point.load()
    if not callable(getattr(cls, "run", None)):
        raise TypeError(f"{point.value} is no process type: it has no method run(self, storage, **params)")
    name = plugins.public_name(cls, point.name)
    own = vars(cls).get("description")
    return {
        "name": name,
        "title": getattr(cls, "title", None) or name.replace("_", " ").replace("-", " ").capitalize(),
        "description": own if isinstance(own, str) else docs.summary(vars(cls).get("__doc__")),
        "version": str(getattr(cls, "version", "0")),
        "schema": schema.of(cls),
        "deterministic": bool(getattr(cls, "deterministic", False)),
        "resources": resources.wire(getattr(cls, "resources", {})),
        "outputs": [dict(output) for output in getattr(cls, "outputs", [])],
        "entry_point": point.value,
    }


def document() -> dict[str, Any]:
    """The whole document. Never raises for a single broken type."""
    types: dict[str, dict[str, Any]] = {}
    errors: list[dict[str, str]] = []
    for point in plugins.points():
        label = f"{point.name} = {point.value}"
        try:
            found = describe(point)
            json.dumps(found)
            if found["name"] in types:
                raise ValueError(f"name {found['name']!r} is already taken by {types[found['name']]['entry_point']}")
            types[found["name"]] = found
        except (Exception, SystemExit):
            errors.append({"entry_point": label, "error": traceback.format_exc()})
    packages = {dist.metadata["Name"]: dist.version for dist in distributions() if dist.metadata["Name"]}
    # What the interpreter reads when it runs; a sandbox must leave these visible wherever they lie.
    places = {sys.prefix, sys.base_prefix, sys.exec_prefix, *(path for path in sys.path if os.path.isabs(path))}
    return {
        "python": platform.python_version(),
        "paths": sorted(place for place in places if os.path.exists(place)),
        "packages": dict(sorted(packages.items(), key=lambda item: item[0].lower())),
        "types": list(types.values()),
        "errors": errors,
    }


def main() -> int:
    # Imports may print from C or from a child, so the file descriptor itself is moved, not only sys.stdout.
    real = os.dup(1)
    os.dup2(2, 1)
    sys.stdout = sys.stderr
    text = json.dumps(document(), indent=1)
    with os.fdopen(real, "w", encoding="utf-8") as out:
        out.write(text + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
