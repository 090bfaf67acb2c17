"""Run a process type on a local folder, without a server: for tests and for trying things out.

storage = LocalStorage(tmp_path, {"upload:points.csv": "points.csv"})
MyType().run(storage, input="upload:points.csv")
storage.read("grid")
"""

from __future__ import annotations

import json
import mimetypes
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, BinaryIO

from castalia import schema
from castalia.storage import Storage


class _FileSink:
    def __init__(self, path: Path, headers: Mapping[str, str], seen: dict[str, dict[str, str]]) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._path, self._part, self._headers, self._seen = path, path.with_name(path.name + ".part"), headers, seen
        self._file = open(self._part, "wb")  # noqa: SIM115 (closed by commit and abort)

    def write(self, data: bytes | bytearray | memoryview) -> None:
        self._file.write(data)

    def commit(self) -> None:
        self._file.close()
        os.replace(self._part, self._path)
        self._seen[str(self._path)] = dict(self._headers)

    def abort(self) -> None:
        self._file.close()
        self._part.unlink(missing_ok=True)


class Folder:
    """A folder that looks like a bucket to `Storage`; keys are paths, absolute ones stay as they are."""

    def __init__(self, root: Path) -> None:
        self.name, self.root = "local", root
        self.headers: dict[str, dict[str, str]] = {}

    def open(self, key: str, size: int | None = None) -> BinaryIO:
        return open(self.root / key, "rb")

    def writer(self, key: str, headers: Mapping[str, str]) -> _FileSink:
        return _FileSink(self.root / key, headers, self.headers)


class LocalStorage(Storage):
    """`Storage` on a folder. `inputs` maps references to files; outputs go to `folder/outputs`."""

    def __init__(self, folder: str | os.PathLike[str], inputs: Mapping[str, str | os.PathLike[str]] | None = None) -> None:
        self.folder = Folder(Path(folder).resolve())
        self.reports: list[tuple[float, str]] = []
        super().__init__(
            self.folder,
            "outputs/",
            {ref: self._entry(Path(path).resolve()) for ref, path in (inputs or {}).items()},
            lambda fraction, message: self.reports.append((fraction, message)),
            self.folder.root,
        )

    @staticmethod
    def _entry(path: Path) -> dict[str, Any]:
        known = {".geojson": "application/geo+json", ".csv": "text/csv"}
        media_type = known.get(path.suffix) or mimetypes.guess_type(path.name)[0]
        return {"key": str(path), "name": path.name, "media_type": media_type, "size": path.stat().st_size}

    def headers(self, name: str) -> dict[str, str]:
        """The headers that an output would have on S3."""
        return self.folder.headers[str(self.folder.root / self.outputs[name].key)]

    def read_json(self, name: str) -> Any:
        return json.loads(self.read(name))


def run(cls: type, storage: Storage, **parameters: Any) -> None:
    """Run a process type the way the runner does: unknown parameters refused, JSON values converted."""
    result = cls().run(storage, **schema.arguments(cls, parameters))
    if isinstance(result, dict):
        storage.write_json("result", result)
