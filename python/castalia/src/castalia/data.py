"""Data of a project, as a client sees it."""

from __future__ import annotations

import io
import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from castalia.connection import Reply

if TYPE_CHECKING:
    from castalia.client import Client

_CHUNK = 1024 * 1024


class Dataset:
    """An output of a run. `view` is what the server says about it."""

    _kind = "datasets"

    def __init__(self, client: Client, view: dict[str, Any]) -> None:
        self._client, self.view = client, view
        self.id: str = view["id"]
        self.name: str = view.get("name", "")
        self.media_type: str = view.get("media_type", "application/octet-stream")
        self.size: int = view.get("size", 0)

    @property
    def ref(self) -> str:
        """`dataset:ID`, to be the input of another run."""
        return f"dataset:{self.id}"

    def open(self, start: int = 0) -> Content:
        """A readable binary file object over the content, from byte `start` on. Close it, or use `with`."""
        headers = {"Range": f"bytes={start}-"} if start else {}
        return Content(self._client._open("GET", f"/api/{self._kind}/{quote(self.id, safe='')}/content", headers=headers))

    def read(self) -> bytes:
        """All bytes."""
        with self.open() as source:
            return source.readall()

    def json(self) -> Any:
        """The content of a JSON dataset."""
        return json.loads(self.read())

    def to(self, path: str | os.PathLike[str]) -> Path:
        """Write the content to a file, or to `NAME` in a folder; the file appears when it is complete."""
        target = Path(path)
        if target.is_dir():
            target = target / self.name
        part = target.with_name(target.name + ".part")
        try:
            with self.open() as source, open(part, "wb") as file:
                while chunk := source.read(_CHUNK):
                    file.write(chunk)
            os.replace(part, target)
        finally:
            part.unlink(missing_ok=True)
        return target

    def __str__(self) -> str:
        return self.ref

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.id} {self.name!r} {self.media_type} {self.size} bytes>"


class Upload(Dataset):
    """A file that somebody uploaded."""

    _kind = "uploads"

    @property
    def ref(self) -> str:
        """`upload:NAME`, to be the input of a run."""
        return f"upload:{self.name}"


class Content(io.RawIOBase):
    """The body of an answer as a file."""

    def __init__(self, reply: Reply) -> None:
        super().__init__()
        self._reply = reply

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        return self._reply.readinto(buffer)

    def close(self) -> None:
        if not self.closed:
            self._reply.close()
        super().close()
