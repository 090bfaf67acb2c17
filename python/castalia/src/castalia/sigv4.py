"""AWS Signature Version 4 for S3, in the `Authorization` header.

Source: Amazon S3 API Reference, "Authenticating Requests: Using the Authorization Header (AWS Signature Version 4)",
section "Signature Calculations: Transferring Payload in a Single Chunk". The examples printed there are our tests.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable, Mapping
from typing import NamedTuple
from urllib.parse import quote

EMPTY_SHA256 = hashlib.sha256(b"").hexdigest()
Query = Iterable[tuple[str, str]]


class Credentials(NamedTuple):
    """Who signs, and for which region."""

    access_key: str
    secret_key: str
    region: str
    session_token: str | None = None


def encode_path(path: str) -> str:
    """URI encoding of an object path: every byte but the unreserved characters and the slash."""
    return quote(path, safe="/-_.~")


def encode_query(query: Query) -> str:
    """The canonical query string: encoded, then sorted by name and value."""
    pairs = sorted((quote(name, safe="-_.~"), quote(value, safe="-_.~")) for name, value in query)
    return "&".join(f"{name}={value}" for name, value in pairs)


def _mac(key: bytes, text: str) -> bytes:
    return hmac.new(key, text.encode(), hashlib.sha256).digest()


def authorization(credentials: Credentials, method: str, path: str, query: Query, headers: Mapping[str, str], payload_sha256: str) -> str:
    """The value of the `Authorization` header.

    `path` is already encoded (`encode_path`); `headers` are all headers to sign and contain `Host` and `x-amz-date`
    (`YYYYMMDDTHHMMSSZ`); `payload_sha256` is the hex digest that also stands in `x-amz-content-sha256`.
    """
    signed = {name.lower(): " ".join(value.split()) for name, value in headers.items()}
    names = ";".join(sorted(signed))
    lines = "".join(f"{name}:{signed[name]}\n" for name in sorted(signed))
    request = "\n".join((method, path, encode_query(query), lines, names, payload_sha256))
    date = signed["x-amz-date"]
    scope = f"{date[:8]}/{credentials.region}/s3/aws4_request"
    text = "\n".join(("AWS4-HMAC-SHA256", date, scope, hashlib.sha256(request.encode()).hexdigest()))
    key = _mac(f"AWS4{credentials.secret_key}".encode(), date[:8])
    for part in (credentials.region, "s3", "aws4_request"):
        key = _mac(key, part)
    signature = hmac.new(key, text.encode(), hashlib.sha256).hexdigest()
    return f"AWS4-HMAC-SHA256 Credential={credentials.access_key}/{scope},SignedHeaders={names},Signature={signature}"
