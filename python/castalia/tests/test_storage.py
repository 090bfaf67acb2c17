"""Outputs and inputs, on a local folder and on S3."""

from __future__ import annotations

import csv
import io
import json
import sys
from pathlib import Path

import numpy as np
import pytest
from castalia.s3 import Bucket, StorageError
from castalia.storage import Storage, UnknownReference
from castalia.testing import LocalStorage


@pytest.fixture
def storage(tmp_path: Path) -> LocalStorage:
    source = tmp_path / "in.csv"
    source.write_text("a,b\n1,2\n")
    return LocalStorage(tmp_path, {"upload:in.csv": source})


def test_inputs(storage: LocalStorage) -> None:
    assert storage.read("upload:in.csv") == b"a,b\n1,2\n"
    assert storage.info("upload:in.csv").media_type == "text/csv"
    with storage.open("upload:in.csv") as source:
        source.seek(4)
        assert source.read() == b"1,2\n"


def test_an_unknown_reference_names_the_known_ones(storage: LocalStorage) -> None:
    with pytest.raises(UnknownReference, match=r"'upload:else' is not a reference of this run \(known: upload:in.csv\)"):
        storage.open("upload:else")


def test_data_of_every_kind(storage: LocalStorage, tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"of a file")
    storage.write("bytes", b"b")
    storage.write("text", "tëxt", media_type="text/plain")
    storage.write("path", tmp_path / "file")
    storage.write("stream", io.BytesIO(b"streamed"))
    assert [storage.read(name) for name in ("bytes", "text", "path", "stream")] == [b"b", "tëxt".encode(), b"of a file", b"streamed"]
    assert storage.info("text").size == 5
    with pytest.raises(TypeError, match="int"):
        storage.write("number", 3)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="binary mode"):
        storage.write("words", io.StringIO("x"))  # type: ignore[arg-type]
    assert "words" not in storage.outputs


@pytest.mark.parametrize("name", ["", "/abs", "a//b", "../up", "a/../b", ".", "a/", "new\nline", "back\\slash", "x" * 201])
def test_names_that_lead_elsewhere_are_refused(storage: LocalStorage, name: str) -> None:
    with pytest.raises(ValueError, match="cannot name an output"):
        storage.write(name, b"")


def test_a_name_is_given_once(storage: LocalStorage) -> None:
    storage.write("a", b"1")
    with pytest.raises(ValueError, match="already written"):
        storage.write("a", b"2")


def test_metadata_headers(storage: LocalStorage) -> None:
    storage.write("a", b"", media_type="text/x", units="µT", shape=(2, 3), description="100 % größe", columns=["x"])
    assert storage.headers("a") == {
        "Content-Type": "text/x",
        "x-amz-meta-units": "%C2%B5T",
        "x-amz-meta-shape": "[2,3]",
        "x-amz-meta-description": "100 %25 gr%C3%B6%C3%9Fe",
        "x-amz-meta-columns": '["x"]',
    }
    many = {f"column {number}": [] for number in range(500)}
    storage.write_csv("wide", many)
    assert "x-amz-meta-columns" not in storage.headers("wide"), "S3 takes 2 KB of metadata"


def test_csv_reads_back_exactly(storage: LocalStorage) -> None:
    numbers = np.array([0.1, 1e300, float("nan")])
    storage.write_csv("t", {"n": numbers, "i": [1, 2, 3], "t": ['say "hi"', "a,b", None]}, {"n": "m"})
    rows = list(csv.reader(io.StringIO(storage.read("t").decode())))
    assert rows == [["n", "i", "t"], ["0.1", "1", 'say "hi"'], ["1e+300", "2", "a,b"], ["", "3", ""]]
    assert storage.info("t").shape == (3, 3)
    with pytest.raises(ValueError, match="differ in length"):
        storage.write_csv("u", {"a": [1], "b": []})
    with pytest.raises(ValueError, match=r"does not have: \['z'\]"):
        storage.write_csv("u", {"a": [1]}, {"z": "m"})


def test_json_of_numpy_and_nan(storage: LocalStorage) -> None:
    storage.write_json("j", {"a": np.arange(3), "b": np.float64("nan"), "c": [float("inf"), np.int64(4)]})
    assert storage.read_json("j") == {"a": [0, 1, 2], "b": None, "c": [None, 4]}


def test_figures(storage: LocalStorage) -> None:
    storage.write_figure("plotly", {"data": [{"y": np.arange(2)}], "layout": {}})
    assert storage.info("plotly").media_type == "application/vnd.plotly.v1+json"
    storage.write_figure("svg", "<svg xmlns='http://www.w3.org/2000/svg'/>")
    assert storage.info("svg").media_type == "image/svg+xml"

    class Figure:
        def savefig(self, target, format, **_):
            target.write(f"as {format}".encode())

    storage.write_figure("png", Figure(), format="png")
    assert (storage.info("png").media_type, storage.read("png")) == ("image/png", b"as png")
    with pytest.raises(TypeError, match="list"):
        storage.write_figure("none", [])


def test_a_writer_that_fails_leaves_nothing(storage: LocalStorage, tmp_path: Path) -> None:
    with pytest.raises(KeyError), storage.writer("w") as target, io.TextIOWrapper(target) as text:
        text.write("half")
        raise KeyError
    storage.writer("forgotten").write(b"x")
    assert not storage.outputs
    assert not list((tmp_path / "outputs").iterdir())


def test_a_writer_without_with(storage: LocalStorage) -> None:
    target = storage.writer("w")
    target.write(b"abc")
    target.close()
    assert storage.read("w") == b"abc"


def test_progress_is_clipped(storage: LocalStorage) -> None:
    for fraction in (-1, 0.5, 7, float("nan")):
        storage.progress(fraction, "m")
    assert [fraction for fraction, _ in storage.reports] == [0.0, 0.5, 1.0, 0.0]


def test_on_s3(bucket: Bucket) -> None:
    bucket.put("uploads/x", b"0123456789", {})
    inputs = {"upload:x": {"key": "uploads/x", "size": 10, "sha256": "0" * 64}}
    storage = Storage(bucket, "processes/p/v1/", inputs, lambda *_: None)
    with pytest.raises(StorageError, match="checksum"):
        storage.read("upload:x")
    with storage.open("upload:x") as source:
        storage.write("copy", source, units={"a": "m"})
    assert bucket.open("processes/p/v1/copy").read() == b"0123456789"
    assert json.loads(bucket.head("processes/p/v1/copy")["x-amz-meta-units"]) == {"a": "m"}
    assert storage.read("copy") == b"0123456789"
    assert storage.url("copy") == f"s3://{bucket.name}/processes/p/v1/copy"


def test_fs_without_s3fs_says_how_to_get_it(bucket: Bucket, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "s3fs", None)
    with pytest.raises(RuntimeError, match="pip install"):
        _ = Storage(bucket, "p/", {}, lambda *_: None).fs
