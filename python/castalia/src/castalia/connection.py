"""Kept-alive HTTP/1.1 connections to one origin, on the standard library.

`http.client` is imported on the first request only: it costs more than the rest of the runner together.
Deliberately absent: redirects, cookies, proxies from the environment, retries (the callers decide what may be repeated).
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, BinaryIO
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from http.client import HTTPConnection, HTTPResponse

Body = bytes | bytearray | memoryview | BinaryIO | Iterable[bytes] | None


class Reply:
    """An answer whose body is read as a stream; `close` gives the connection back when the body was read to its end."""

    def __init__(self, pool: Pool, connection: HTTPConnection, response: HTTPResponse) -> None:
        self._pool, self._connection, self._response = pool, connection, response
        self.status = response.status
        self.headers = response.headers

    def read(self, size: int | None = None) -> bytes:
        return self._response.read() if size is None else self._response.read(size)

    def readinto(self, buffer: Any) -> int:
        return self._response.readinto(buffer)

    def readline(self) -> bytes:
        return self._response.readline()

    def close(self) -> None:
        if self._response.isclosed() and not self._response.will_close:
            self._pool.give_back(self._connection)
        else:
            self._connection.close()

    def __enter__(self) -> Reply:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class Pool:
    """Connections to one origin. Safe to use from several threads."""

    def __init__(self, url: str, timeout: float = 60.0) -> None:
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError(f"{url!r} is not an http or https URL")
        self.url, self.timeout = url.rstrip("/"), timeout
        self.prefix = parts.path.rstrip("/")
        self.netloc = parts.netloc.rpartition("@")[2]
        self._secure, self._host, self._port = parts.scheme == "https", parts.hostname, parts.port
        self._idle: list[HTTPConnection] = []
        self._lock = threading.Lock()

    def _connect(self) -> HTTPConnection:
        from http.client import HTTPConnection, HTTPSConnection

        kind = HTTPSConnection if self._secure else HTTPConnection
        return kind(self._host, self._port, timeout=self.timeout)

    def _take(self) -> HTTPConnection | None:
        with self._lock:
            return self._idle.pop() if self._idle else None

    def give_back(self, connection: HTTPConnection) -> None:
        with self._lock:
            if len(self._idle) < 4:
                self._idle.append(connection)
                return
        connection.close()

    def request(
        self, method: str, target: str, headers: Mapping[str, str], body: Body = None, *, reuse: bool = True, timeout: float | None = None
    ) -> Reply:
        """Send a request, return when the head of the answer is there. Raises `OSError` or `http.client.HTTPException`.

        A kept connection may have been closed by the other side meanwhile; then the request is sent again on a new
        one, if the body can be. `reuse=False` opens a new connection at once, for requests that must not be sent twice.
        """
        from http.client import HTTPException

        kept = self._take() if reuse and timeout is None and (body is None or isinstance(body, (bytes, bytearray))) else None
        if kept is not None:
            try:
                return self._send(kept, method, target, headers, body)
            except (ConnectionError, HTTPException):
                kept.close()
        connection = self._connect()
        if timeout is not None:
            connection.timeout = timeout
        return self._send(connection, method, target, headers, body)

    def _send(self, connection: HTTPConnection, method: str, target: str, headers: Mapping[str, str], body: Body) -> Reply:
        try:
            connection.request(method, self.prefix + target, body=body, headers=dict(headers))
            return Reply(self, connection, connection.getresponse())
        except BaseException:
            connection.close()
            raise

    def close(self) -> None:
        with self._lock:
            idle, self._idle = self._idle, []
        for connection in idle:
            connection.close()
