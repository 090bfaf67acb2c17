"""A small S3 client: what a run needs to read its inputs and to write its outputs, and no more.

Every request is signed with its payload (`castalia.sigv4`) and carries `x-amz-checksum-sha256` when it has a body.
Requests are repeated on connection errors and on 429/5xx for about a minute, with growing pauses and a log line each,
because the server that holds the gateway may be restarted under a running process. Addressing is path-style.
"""

from __future__ import annotations

import base64
import hashlib
import io
import logging
import random
import re
import time
from collections.abc import Callable, Mapping
from typing import Any, BinaryIO

from castalia import sigv4
from castalia.connection import Pool, Reply

log = logging.getLogger("castalia.storage")

PART_SIZE = 8 * 1024 * 1024
SINGLE_LIMIT = 16 * 1024 * 1024
_RETRY_STATUS = frozenset((429, 500, 502, 503, 504))


class StorageError(Exception):
    """The storage refused a request; the message says what failed and what to do. `code` is the S3 error code."""

    def __init__(self, message: str, code: str = "", status: int = 0) -> None:
        super().__init__(message)
        self.code, self.status = code, status


class StorageUnavailable(StorageError):
    """The storage did not answer, or not usefully, within the time for retries."""


_ADVICE = {
    "AccessDenied": "the credentials of a run read only its own project and write only its own directory",
    "InvalidAccessKeyId": "the credentials end with the run; was it cancelled or is its server another one?",
    "ExpiredToken": "the credentials end with the run",
    "SignatureDoesNotMatch": "check AWS_SECRET_ACCESS_KEY and AWS_REGION",
    "RequestTimeTooSkewed": "set the clock of this machine",
    "NoSuchKey": "the object was deleted or the reference is wrong",
    "NoSuchBucket": "check STORAGE_BASE and STORAGE_ENDPOINT",
    "EntityTooLarge": "raise storage_mb or write less",
    "QuotaExceeded": "raise storage_mb or write less",
    "BadDigest": "the data changed on the way; run again",
}


def _element(document: str, name: str) -> str:
    match = re.search(rf"<{name}>([^<]*)</{name}>", document)
    text = match.group(1) if match else ""
    for entity, character in (("&lt;", "<"), ("&gt;", ">"), ("&quot;", '"'), ("&apos;", "'"), ("&#39;", "'"), ("&amp;", "&")):
        text = text.replace(entity, character)
    return text


def _refusal(what: str, status: int, body: bytes) -> StorageError:
    document = body.decode("utf-8", "replace")
    code = _element(document, "Code") or {403: "AccessDenied", 404: "NoSuchKey"}.get(status, "")
    message = f"cannot {what}: {code or 'HTTP'} {_element(document, 'Message')}".rstrip() + f" (status {status})"
    if code in _ADVICE:
        message += f"; {_ADVICE[code]}"
    kind = StorageUnavailable if status in _RETRY_STATUS else StorageError
    return kind(message, code, status)


class Bucket:
    """One bucket. Safe to use from several threads.

    `patience` is the time in seconds for which a request is repeated; `pause` sleeps (replaced in tests).
    """

    def __init__(
        self,
        endpoint: str,
        bucket: str,
        credentials: sigv4.Credentials,
        *,
        patience: float = 60.0,
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        self.name, self.credentials, self.patience, self._pause = bucket, credentials, patience, pause
        self.pool = Pool(endpoint)

    def request(
        self,
        what: str,
        method: str,
        key: str,
        query: sigv4.Query = (),
        headers: Mapping[str, str] | None = None,
        body: bytes = b"",
    ) -> Reply:
        """Send until an answer below 300 comes. `what` completes "cannot ..." in the message of an error."""
        from http.client import HTTPException

        give_up, attempt = time.monotonic() + self.patience, 0
        while True:
            try:
                reply = self._once(method, key, query, headers or {}, body)
                if reply.status < 300:
                    return reply
                with reply:
                    error: Exception = _refusal(what, reply.status, reply.read())
                if not isinstance(error, StorageUnavailable):
                    raise error
            except (OSError, HTTPException) as lost:
                reason = f"{type(lost).__name__}: {lost}".rstrip(": ")
                error = StorageUnavailable(f"cannot {what}: no answer from {self.pool.url} ({reason}); is the server running?")
                error.__cause__ = lost
            attempt += 1
            delay = min(5.0, 0.1 * 2**attempt) * random.uniform(0.75, 1.25)
            if time.monotonic() + delay > give_up:
                raise error
            log.warning("%s; next try in %.1f s", error, delay)
            self._pause(delay)

    def _once(self, method: str, key: str, query: sigv4.Query, headers: Mapping[str, str], body: bytes) -> Reply:
        digest = hashlib.sha256(body)
        path = sigv4.encode_path(f"/{self.name}/{key}")
        sent = {
            **headers,
            "Host": self.pool.netloc,
            "x-amz-date": time.strftime("%Y%m%dT%H%M%SZ", time.gmtime()),
            "x-amz-content-sha256": digest.hexdigest(),
        }
        if method == "PUT":
            sent["x-amz-checksum-sha256"] = base64.b64encode(digest.digest()).decode()
        if self.credentials.session_token:
            sent["x-amz-security-token"] = self.credentials.session_token
        query = list(query)
        sent["Authorization"] = sigv4.authorization(self.credentials, method, self.pool.prefix + path, query, sent, digest.hexdigest())
        text = sigv4.encode_query(query)
        payload = body if method in ("PUT", "POST") else None
        return self.pool.request(method, path + (f"?{text}" if text else ""), sent, payload)

    def head(self, key: str) -> dict[str, str]:
        """The headers of an object, names in lower case."""
        with self.request(f"look up {key}", "HEAD", key) as reply:
            reply.read()
            return {name.lower(): value for name, value in reply.headers.items()}

    def open(self, key: str, size: int | None = None) -> BinaryIO:
        """A buffered, seekable file over an object. Nothing is fetched before the first read."""
        found = int(self.head(key)["content-length"]) if size is None else size
        return io.BufferedReader(ObjectFile(self, key, found), 256 * 1024)

    def put(self, key: str, data: bytes, headers: Mapping[str, str]) -> None:
        """Write an object in one request."""
        with self.request(f"write {key} ({len(data)} bytes)", "PUT", key, headers=headers, body=data) as reply:
            reply.read()

    def writer(self, key: str, headers: Mapping[str, str]) -> ObjectWriter:
        """A sink that becomes one object when it is committed."""
        return ObjectWriter(self, key, headers)


class ObjectFile(io.RawIOBase):
    """Ranged reads of one object. A connection that breaks is opened again where it broke, on the same content."""

    def __init__(self, bucket: Bucket, key: str, size: int) -> None:
        super().__init__()
        self._bucket, self._key, self.size = bucket, key, size
        self._at, self._etag = 0, ""
        self._reply: Reply | None = None

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._at

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        target = offset + {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self.size}[whence]
        if target < 0:
            raise ValueError(f"cannot seek to {target}")
        if target != self._at:
            self._drop()
            self._at = target
        return target

    def _drop(self) -> None:
        if self._reply is not None:
            self._reply.close()
            self._reply = None

    def _start(self) -> Reply:
        headers = {"Range": f"bytes={self._at}-"} if self._at else {}
        if self._etag:
            headers["If-Match"] = self._etag
        reply = self._bucket.request(f"read {self._key}", "GET", self._key, headers=headers)
        self._etag = reply.headers.get("ETag", "")
        if self._at and reply.status != 206:
            reply.close()
            raise StorageError(f"cannot read {self._key} from byte {self._at}: the storage ignores ranges")
        return reply

    def readinto(self, buffer: Any) -> int:
        from http.client import HTTPException

        if self._at >= self.size:
            self._drop()
            return 0
        for _ in range(5):
            self._reply = self._reply or self._start()
            try:
                count = self._reply.readinto(buffer)
            except (OSError, HTTPException) as error:
                log.warning("reading %s broke at byte %d (%s); going on from there", self._key, self._at, error)
                count = 0
            if count:
                self._at += count
                return count
            # No bytes before the end: the connection was cut.
            self._drop()
        raise StorageUnavailable(f"cannot read {self._key}: the connection broke 5 times at byte {self._at} of {self.size}")

    def close(self) -> None:
        self._drop()
        super().close()


class ObjectWriter:
    """Collects bytes and writes one object: a single PUT up to 16 MiB, a multipart upload of 8 MiB parts above.

    Nothing becomes visible before `commit`. Memory is bounded by 16 MiB.
    """

    def __init__(self, bucket: Bucket, key: str, headers: Mapping[str, str]) -> None:
        self._bucket, self._key, self._headers = bucket, key, headers
        self._buffer, self._upload, self._parts = bytearray(), "", list[tuple[str, str]]()

    def write(self, data: bytes | bytearray | memoryview) -> None:
        self._buffer += data
        if len(self._buffer) > (PART_SIZE if self._upload else SINGLE_LIMIT):
            while len(self._buffer) >= PART_SIZE:
                self._send_part(PART_SIZE)

    def _send_part(self, size: int) -> None:
        if not self._upload:
            headers = {**self._headers, "x-amz-checksum-algorithm": "SHA256"}
            with self._bucket.request(f"begin {self._key}", "POST", self._key, [("uploads", "")], headers) as reply:
                self._upload = _element(reply.read().decode(), "UploadId")
        part, number = bytes(self._buffer[:size]), len(self._parts) + 1
        query = [("partNumber", str(number)), ("uploadId", self._upload)]
        with self._bucket.request(f"write part {number} of {self._key}", "PUT", self._key, query, body=part) as reply:
            reply.read()
            checksum = base64.b64encode(hashlib.sha256(part).digest()).decode()
            self._parts.append((reply.headers.get("ETag", ""), checksum))
        del self._buffer[:size]

    def commit(self) -> None:
        if not self._upload:
            self._bucket.put(self._key, bytes(self._buffer), self._headers)
            return
        if self._buffer:
            self._send_part(len(self._buffer))
        parts = "".join(
            f"<Part><PartNumber>{number}</PartNumber><ETag>{etag}</ETag><ChecksumSHA256>{checksum}</ChecksumSHA256></Part>"
            for number, (etag, checksum) in enumerate(self._parts, 1)
        )
        body = f'<CompleteMultipartUpload xmlns="http://s3.amazonaws.com/doc/2006-03-01/">{parts}</CompleteMultipartUpload>'
        what, query = f"complete {self._key}", [("uploadId", self._upload)]
        try:
            with self._bucket.request(what, "POST", self._key, query, {"Content-Type": "application/xml"}, body.encode()) as reply:
                answer = reply.read()
        except StorageError as error:
            # The first try may have succeeded although its answer was lost.
            if error.code != "NoSuchUpload":
                raise
            self._bucket.head(self._key)
            return
        # S3 may answer 200 and report the failure in the body.
        if b"<Error>" in answer:
            raise _refusal(what, 500, answer)

    def abort(self) -> None:
        """Forget everything that was written. Never raises."""
        self._buffer.clear()
        if not self._upload:
            return
        try:
            with self._bucket.request(f"abort {self._key}", "DELETE", self._key, [("uploadId", self._upload)]) as reply:
                reply.read()
        except StorageError as error:
            log.warning("%s", error)
