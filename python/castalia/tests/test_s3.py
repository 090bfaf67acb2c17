"""The S3 client against a real S3 server, and against connections that break."""

from __future__ import annotations

import contextlib
import io
import os
import socket
import threading
from collections.abc import Iterator

import pytest
from castalia.s3 import Bucket, StorageError, StorageUnavailable

from castalia import s3


def write(bucket: Bucket, key: str, data: bytes, chunk: int = 1 << 20) -> None:
    writer = bucket.writer(key, {"Content-Type": "application/x-test", "x-amz-meta-units": '"m"'})
    for start in range(0, len(data), chunk):
        writer.write(data[start : start + chunk])
    writer.commit()


@pytest.mark.parametrize("size", [0, 1, 100_000, s3.SINGLE_LIMIT, s3.SINGLE_LIMIT + 1, 3 * s3.PART_SIZE + 12345])
def test_any_size_comes_back_as_it_was(bucket: Bucket, size: int) -> None:
    data = os.urandom(size)
    write(bucket, "some/key", data)
    head = bucket.head("some/key")
    assert head["content-type"] == "application/x-test"
    assert head["x-amz-meta-units"] == '"m"'
    assert int(head["content-length"]) == size
    with bucket.open("some/key") as source:
        assert source.read() == data


def test_seeks_by_ranges(bucket: Bucket) -> None:
    data = os.urandom(2_000_000)
    bucket.put("k", data, {})
    with bucket.open("k", len(data)) as source:
        source.seek(1_500_000)
        assert source.read(10) == data[1_500_000:1_500_010]
        source.seek(-5, io.SEEK_END)
        assert source.read() == data[-5:]
        source.seek(3)
        assert source.read(4) == data[3:7]
        assert source.tell() == 7


@pytest.mark.parametrize("key", ["a b", "ünïcode/ß", "a+b&c", "100% sure", "x:y@z,;=$"])
def test_any_key(bucket: Bucket, key: str) -> None:
    bucket.put(key, b"data", {})
    assert bucket.open(key).read() == b"data"


def test_an_aborted_writer_leaves_nothing(bucket: Bucket) -> None:
    writer = bucket.writer("gone", {})
    writer.write(bytes(s3.SINGLE_LIMIT + 1))
    writer.abort()
    with pytest.raises(StorageError, match="404"):
        bucket.head("gone")


def test_an_error_says_what_failed_and_what_to_do(bucket: Bucket) -> None:
    with pytest.raises(StorageError, match=r"cannot read missing: NoSuchKey.*deleted or the reference is wrong") as caught:
        bucket.open("missing", 5).read()
    assert (caught.value.code, caught.value.status) == ("NoSuchKey", 404)


def test_unreachable_storage_is_tried_again_then_reported(caplog: pytest.LogCaptureFixture) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{unused.getsockname()[1]}"
        pauses: list[float] = []
        bucket = Bucket(url, "b", s3.sigv4.Credentials("a", "b", "r"), patience=3.0, pause=pauses.append)
        with pytest.raises(StorageUnavailable, match="is the server running"):
            bucket.head("k")
    assert 3 <= len(pauses) <= 6
    assert pauses == sorted(pauses)
    assert "next try in" in caplog.text


class Cutter:
    """A proxy that cuts the first `cuts` answers after `after` bytes."""

    def __init__(self, target: str, cuts: int, after: int) -> None:
        self.target, self.cuts, self.after, self.connections = target, cuts, after, 0
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self.listener.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            self.connections += 1
            host, port = self.target.removeprefix("http://").split(":")
            server = socket.create_connection((host, int(port)))
            threading.Thread(target=self._pump, args=(client, server, None), daemon=True).start()
            limit = self.after if self.connections <= self.cuts else None
            threading.Thread(target=self._pump, args=(server, client, limit), daemon=True).start()

    @staticmethod
    def _pump(source: socket.socket, target: socket.socket, limit: int | None) -> None:
        passed = 0
        try:
            while data := source.recv(65536):
                if limit is not None and passed + len(data) > limit:
                    target.sendall(data[: limit - passed])
                    break
                target.sendall(data)
                passed += len(data)
        except OSError:
            pass
        for end in (source, target):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)


@pytest.fixture
def cutter(s3_url: str) -> Iterator[Cutter]:
    made = Cutter(s3_url, cuts=2, after=700_000)
    yield made
    made.listener.close()


def test_a_read_that_breaks_goes_on_where_it_broke(bucket: Bucket, cutter: Cutter) -> None:
    data = os.urandom(3_000_000)
    bucket.put("big", data, {})
    through = Bucket(cutter.url, bucket.name, bucket.credentials)
    with through.open("big", len(data)) as source:
        assert source.read() == data
    assert cutter.connections == 3


def test_an_object_that_changes_while_it_is_read_is_an_error(bucket: Bucket, cutter: Cutter) -> None:
    bucket.put("big", os.urandom(3_000_000), {})
    with Bucket(cutter.url, bucket.name, bucket.credentials).open("big", 3_000_000) as source:
        source.read(1000)
        bucket.put("big", os.urandom(3_000_000), {})
        with pytest.raises(StorageError, match="PreconditionFailed"):
            source.read()


def test_a_lost_answer_to_the_completion_is_no_failure(bucket: Bucket, monkeypatch: pytest.MonkeyPatch) -> None:
    writer = bucket.writer("k", {})
    writer.write(bytes(s3.SINGLE_LIMIT + 1))
    original = bucket._once

    def lossy(method: str, key: str, query: list, headers: dict, body: bytes):  # type: ignore[no-untyped-def]
        reply = original(method, key, query, headers, body)
        if body.startswith(b"<CompleteMultipartUpload") and not lost:
            lost.append(True)
            reply.close()
            raise ConnectionResetError("cut")
        return reply

    lost: list[bool] = []
    monkeypatch.setattr(bucket, "_once", lossy)
    writer.commit()
    assert int(bucket.head("k")["content-length"]) == s3.SINGLE_LIMIT + 1
