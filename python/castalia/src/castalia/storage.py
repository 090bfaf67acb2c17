"""The `storage` object that `run` receives: the inputs of this run, its outputs, its progress.

References are `upload:NAME` and `dataset:ID` as they stand in the parameters, or the name of an output that this run
has written. Outputs become visible as a whole or not at all.
"""

from __future__ import annotations

import hashlib
import io
import json
import math
import os
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, NamedTuple, Protocol
from urllib.parse import quote

from castalia.s3 import StorageError, StorageUnavailable

if TYPE_CHECKING:
    from castalia.s3 import Bucket

__all__ = ["Info", "Storage", "StorageError", "StorageUnavailable", "UnknownReference"]

Units = Mapping[str, str] | str
_CHUNK = 1024 * 1024
_CSV_BLOCK = 20_000
_NAME = re.compile(r"^[^\x00-\x1f\x7f\\]{1,200}$")
# S3 allows 2 KB of user metadata per object.
_METADATA_LIMIT = 1900


class UnknownReference(LookupError):
    """A reference that is neither an input of this run nor an output that it has written."""

    def __str__(self) -> str:
        return str(self.args[0])


class Info(NamedTuple):
    """What is known about an input or an output. `size` in bytes; `units` maps columns to units, or is one unit."""

    name: str
    key: str
    media_type: str
    size: int
    sha256: str | None = None
    units: Units | None = None
    shape: tuple[int, ...] | None = None


class Sink(Protocol):
    """Where the bytes of one output go."""

    def write(self, data: bytes | bytearray | memoryview) -> None: ...
    def commit(self) -> None: ...
    def abort(self) -> None: ...


class Column(Protocol):
    """A list, a tuple, a numpy array: something with a length that gives its cells in order."""

    def __len__(self) -> int: ...
    def __iter__(self) -> Iterator[Any]: ...


class Objects(Protocol):
    """The part of a bucket that `Storage` uses; `castalia.s3.Bucket` and `castalia.testing.Folder` have it."""

    name: str

    def open(self, key: str, size: int | None = None) -> BinaryIO: ...
    def writer(self, key: str, headers: Mapping[str, str]) -> Sink: ...


class Writer(io.RawIOBase):
    """A binary file that becomes an output when it is closed, or, in a `with` block, when the block ends well."""

    def __init__(self, sink: Sink, done: Callable[[int, str], Info]) -> None:
        super().__init__()
        self._sink, self._done = sink, done
        self._digest, self._size, self._inside, self._settled = hashlib.sha256(), 0, False, False
        self.info: Info | None = None

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        view = memoryview(data).cast("B")
        self._digest.update(view)
        self._sink.write(view)
        self._size += len(view)
        return len(view)

    def tell(self) -> int:
        return self._size

    def _commit(self) -> None:
        if not self._settled:
            self._settled = True
            self._sink.commit()
            self.info = self._done(self._size, self._digest.hexdigest())

    def abort(self) -> None:
        """Throw away what was written."""
        if not self._settled:
            self._settled = True
            self._sink.abort()
        super().close()

    def close(self) -> None:
        # Inside a `with` block a wrapper (csv, gzip, TextIOWrapper) may close this file while an error is on its way.
        if not self._inside:
            self._commit()
        super().close()

    def __enter__(self) -> Writer:
        self._inside = True
        return self

    def __exit__(self, kind: Any, *_: object) -> None:
        self._inside = False
        if kind is None:
            self._commit()
            super().close()
        else:
            self.abort()

    def __del__(self) -> None:
        # A file that nobody closed is not an output.
        if not self._settled:
            self._settled = True
            self._sink.abort()


def _text_header(text: str) -> str:
    return quote(text, safe="".join(chr(code) for code in range(32, 127) if chr(code) != "%")).strip()


def _json_cell(value: Any) -> Any:
    """JSON has no NaN and no numpy: arrays become lists, numpy scalars numbers, NaN and infinities null."""
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, Mapping):
        return {str(key): _json_cell(item) for key, item in value.items()}
    if hasattr(value, "tolist"):
        return _json_cell(value.tolist())
    if isinstance(value, (list, tuple, set, frozenset)):
        return [_json_cell(item) for item in value]
    return value


def _csv_cell(value: Any) -> str:
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return ""
    text = repr(value) if isinstance(value, float) else str(value)
    if any(mark in text for mark in ',"\r\n'):
        return '"' + text.replace('"', '""') + '"'
    return text


def _csv_texts(values: Any) -> list[str]:
    """The cells of one column. Arrays of numbers take a short cut, for they need no quotes."""
    kind = getattr(getattr(values, "dtype", None), "kind", "")
    if kind and kind in "iu":
        return list(map(str, values.tolist()))
    if kind == "f":
        return ["" if text == "nan" else text for text in map(repr, values.tolist())]
    return list(map(_csv_cell, values.tolist() if kind else values))


def _csv_rows(columns: Mapping[str, Column]) -> Iterator[bytes]:
    yield (",".join(map(_csv_cell, columns)) + "\n").encode()
    lists: list[Any] = [values if hasattr(values, "__getitem__") else list(values) for values in columns.values()]
    for start in range(0, max(map(len, lists), default=0), _CSV_BLOCK):
        block = [_csv_texts(values[start : start + _CSV_BLOCK]) for values in lists]
        yield ("\n".join(map(",".join, zip(*block, strict=True))) + "\n").encode()


class Storage:
    """What `run` gets as its first argument.

    `inputs` maps a reference to `{key, name, media_type, size, sha256, units, shape}`; `prefix` is the directory in
    the bucket that this run may write; `report` takes `(fraction, message)`.
    """

    def __init__(
        self,
        objects: Objects,
        prefix: str,
        inputs: Mapping[str, Mapping[str, Any]],
        report: Callable[[float, str], None],
        workdir: Path | None = None,
    ) -> None:
        self._objects, self._prefix, self._inputs, self._report = objects, prefix, inputs, report
        self.outputs: dict[str, Info] = {}
        self.workdir = workdir or Path.cwd()
        self._fs: Any = None

    # Reading

    def info(self, ref: str) -> Info:
        """Name, media type, size, checksum, units and shape. Raises `UnknownReference`."""
        if ref in self.outputs:
            return self.outputs[ref]
        found = self._inputs.get(ref)
        if found is None:
            known = ", ".join([*self._inputs, *self.outputs]) or "none"
            raise UnknownReference(
                f"{ref!r} is not a reference of this run (known: {known}); name it in a parameter of format dataset or upload"
            )
        shape = found.get("shape")
        return Info(
            name=found.get("name") or ref.partition(":")[2],
            key=found["key"],
            media_type=found.get("media_type") or "application/octet-stream",
            size=found["size"],
            sha256=found.get("sha256"),
            units=found.get("units"),
            shape=tuple(shape) if shape else None,
        )

    def open(self, ref: str) -> BinaryIO:
        """A binary file object for an input or an own output: streams, seeks, and is a context manager."""
        info = self.info(ref)
        return self._objects.open(info.key, info.size)

    def read(self, ref: str) -> bytes:
        """All bytes, compared with the known checksum. Raises `StorageError` when they differ."""
        info = self.info(ref)
        with self._objects.open(info.key, info.size) as source:
            data = source.read()
        if info.sha256 and hashlib.sha256(data).hexdigest() != info.sha256.lower():
            raise StorageError(f"cannot read {ref}: its checksum does not match, the stored object was changed or damaged", "BadDigest")
        return data

    def url(self, ref: str) -> str:
        """`s3://BUCKET/KEY` of an input or an own output, for `storage.fs` and other S3 clients."""
        return f"s3://{self._objects.name}/{self.info(ref).key}"

    # Writing

    def writer(
        self,
        name: str,
        media_type: str = "application/octet-stream",
        units: Units | None = None,
        shape: Sequence[int] | None = None,
        description: str | None = None,
        columns: Sequence[str] | None = None,
        crs: str | None = None,
    ) -> Writer:
        """A binary file object that becomes the output `name`; in a `with` block an exception discards it.

        `crs` names the coordinate reference system of positions in it, for instance `EPSG:4326`.
        """
        parts = name.split("/")
        if not _NAME.match(name) or any(part.strip() in ("", ".", "..") for part in parts):
            raise ValueError(f"{name!r} cannot name an output; use 1 to 200 printable characters and no empty, '.' or '..' part")
        if name in self.outputs:
            raise ValueError(f"output {name!r} is already written; give every output of a run its own name")
        headers = {"Content-Type": media_type}
        fields: dict[str, Any] = {"units": units, "shape": list(shape) if shape is not None else None, "description": description}
        fields |= {"columns": columns, "crs": crs}
        left = _METADATA_LIMIT
        for field, value in fields.items():
            if value:
                text = _text_header(value) if isinstance(value, str) else json.dumps(value, separators=(",", ":"))
                left -= len(field) + len(text)
                if left >= 0:
                    headers[f"x-amz-meta-{field}"] = text
        key = self._prefix + name

        def done(size: int, sha256: str) -> Info:
            info = Info(name, key, media_type, size, sha256, units, tuple(shape) if shape is not None else None)
            self.outputs[name] = info
            return info

        return Writer(self._objects.writer(key, headers), done)

    def write(
        self,
        name: str,
        data: bytes | bytearray | memoryview | str | os.PathLike[str] | BinaryIO,
        media_type: str = "application/octet-stream",
        units: Units | None = None,
        shape: Sequence[int] | None = None,
        description: str | None = None,
        columns: Sequence[str] | None = None,
        crs: str | None = None,
    ) -> Info:
        """Make a dataset from bytes, text (UTF-8), the file at a `Path`, or a binary file object (read to its end)."""
        if isinstance(data, str):
            data = data.encode()
        with self.writer(name, media_type, units, shape, description, columns, crs) as target:
            if isinstance(data, (bytes, bytearray, memoryview)):
                target.write(data)
            elif isinstance(data, os.PathLike):
                with open(data, "rb") as source:
                    _copy(source, target)
            elif hasattr(data, "read"):
                _copy(data, target)
            else:
                raise TypeError(f"cannot write {type(data).__name__} as {name!r}; give bytes, str, a Path or a binary file object")
        assert target.info is not None
        return target.info

    def write_json(
        self, name: str, value: Any, description: str | None = None, media_type: str = "application/json", indent: int | None = 1
    ) -> Info:
        """Write JSON. numpy arrays and scalars are allowed; NaN and infinities become null. `indent=None` writes one line."""
        separators = (",", ":") if indent is None else None
        text = json.dumps(_json_cell(value), ensure_ascii=False, indent=indent, separators=separators, allow_nan=False)
        return self.write(name, text + "\n", media_type, description=description)

    def write_csv(
        self, name: str, columns: Mapping[str, Column], units: Mapping[str, str] | None = None, description: str | None = None
    ) -> Info:
        """Write a table as CSV, UTF-8 with a header. All columns have one length; None and NaN are empty cells."""
        lengths = {column: len(values) for column, values in columns.items()}
        if len(set(lengths.values())) > 1:
            raise ValueError(f"columns of {name!r} differ in length: {lengths}")
        if strange := [column for column in units or {} if column not in columns]:
            raise ValueError(f"units of {name!r} name columns that it does not have: {strange}")
        shape = (next(iter(lengths.values()), 0), len(columns))
        with self.writer(name, "text/csv", units, shape, description, list(columns)) as target:
            for block in _csv_rows(columns):
                target.write(block)
        assert target.info is not None
        return target.info

    def write_figure(self, name: str, figure: Any, format: str = "svg", description: str | None = None) -> Info:
        """Write a figure: a matplotlib figure (`format` svg or png), a plotly figure or its dict, or SVG text."""
        if hasattr(figure, "savefig"):
            kind = {"svg": "image/svg+xml", "png": "image/png"}.get(format)
            if kind is None:
                raise ValueError(f"figure format {format!r} is not known; use svg or png")
            with self.writer(name, kind, description=description) as target:
                figure.savefig(target, format=format, bbox_inches="tight")
            assert target.info is not None
            return target.info
        if hasattr(figure, "to_plotly_json"):
            figure = figure.to_plotly_json()
        if isinstance(figure, Mapping) and "data" in figure:
            return self.write_json(name, figure, description, "application/vnd.plotly.v1+json", indent=None)
        if isinstance(figure, str) and "<svg" in figure[:1000]:
            return self.write(name, figure, "image/svg+xml", description=description)
        raise TypeError(f"cannot write {type(figure).__name__} as a figure; give a matplotlib or plotly figure, its dict, or SVG text")

    # The rest

    def progress(self, fraction: float, message: str = "") -> None:
        """Report how far the run is: `fraction` from 0 to 1 (values outside are clipped)."""
        fraction = float(fraction)
        self._report(0.0 if math.isnan(fraction) else min(1.0, max(0.0, fraction)), str(message))

    @property
    def fs(self) -> Any:
        """An `s3fs.S3FileSystem` with the credentials of this run. Raises `RuntimeError` without s3fs."""
        if self._fs is None:
            self._fs = _s3fs(self._objects)
        return self._fs


def _copy(source: BinaryIO, target: Writer) -> None:
    while chunk := source.read(_CHUNK):
        if isinstance(chunk, str):
            raise TypeError("the file object gives text; open it in binary mode")
        target.write(chunk)


def _s3fs(objects: Any) -> Any:
    bucket: Bucket = objects
    if not hasattr(bucket, "credentials"):
        raise RuntimeError("storage.fs needs a bucket on S3; this run has a local folder")
    try:
        import s3fs
    except ImportError:
        raise RuntimeError("storage.fs needs s3fs in the environment of this process type: pip install 'castalia[s3fs]'") from None
    credentials = bucket.credentials
    return s3fs.S3FileSystem(
        key=credentials.access_key,
        secret=credentials.secret_key,
        token=credentials.session_token,
        endpoint_url=bucket.pool.url,
        client_kwargs={"region_name": credentials.region},
        config_kwargs={"s3": {"addressing_style": "path"}},
    )
