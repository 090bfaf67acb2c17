"""Requests that no decent client sends, signed by hand and sent over a socket."""

import datetime
import hashlib
import hmac
import http.client
import os
import socket
import time
from urllib.parse import urlparse

HOST = urlparse(os.environ["ENDPOINT"]).netloc
ACCESS, SECRET = os.environ["OWN"].split(":")
PREFIX = f"processes/{os.environ['PROCESS']}/v1/"
EMPTY = hashlib.sha256(b"").hexdigest()


def sign(method, path, payload, extra=(), signed=None, canonical=None, at=None):
    """Headers of a SigV4 request whose path is signed as it is."""
    now = at or datetime.datetime.now(datetime.timezone.utc)
    stamp, day = now.strftime("%Y%m%dT%H%M%SZ"), now.strftime("%Y%m%d")
    headers = {"host": HOST, "x-amz-content-sha256": payload, "x-amz-date": stamp, **dict(extra)}
    names = sorted(signed if signed is not None else headers)
    path, _, query = (canonical or path).partition("?")
    text = "\n".join([method, path, query, *(f"{n}:{headers[n]}" for n in names), "", ";".join(names), payload])
    scope = f"{day}/us-east-1/s3/aws4_request"
    to_sign = f"AWS4-HMAC-SHA256\n{stamp}\n{scope}\n{hashlib.sha256(text.encode()).hexdigest()}"
    key = f"AWS4{SECRET}".encode()
    for part in [day, "us-east-1", "s3", "aws4_request"]:
        key = hmac.new(key, part.encode(), hashlib.sha256).digest()
    signature = hmac.new(key, to_sign.encode(), hashlib.sha256).hexdigest()
    headers["authorization"] = f"AWS4-HMAC-SHA256 Credential={ACCESS}/{scope}, SignedHeaders={';'.join(names)}, Signature={signature}"
    return headers


def send(method, path, body=b"", headers=None):
    connection = http.client.HTTPConnection(HOST, timeout=20)
    connection.putrequest(method, path, skip_host=True, skip_accept_encoding=True)
    for name, value in (headers or {}).items():
        connection.putheader(name, value)
    if "content-length" not in (headers or {}):
        connection.putheader("content-length", str(len(body)))
    connection.endheaders(body)
    answer = connection.getresponse()
    return answer.status, answer.read().decode()


def expect(status, code, method, path, body=b"", **options):
    payload = options.pop("payload", hashlib.sha256(body).hexdigest())
    found = send(method, path, body, sign(method, path, payload, **options))
    assert found[0] == status and code in found[1], (method, path, found)


# The signing is right: this one works.
status, text = send("GET", "/demo/uploads/in.csv", headers=sign("GET", "/demo/uploads/in.csv", EMPTY))
assert (status, text) == (200, "a,b\n1,2\n"), (status, text)

# Paths. What a client meant to be normalised is not.
for path in [
    "/demo/uploads/../logs/secret", "/demo/uploads/%2e%2e/logs/secret", "/demo/uploads/..%2flogs%2fsecret",
    "/demo/uploads//in.csv", "/demo//uploads/in.csv", "/demo//etc/passwd", "/demo/./uploads/in.csv", "/demo/uploads/in.csv%00",
    "/demo/uploads/in.csv%0a", "/demo/uploads%5c..%5clogs", "/demo/..", "/demo/../other/uploads/theirs.csv", "/demo/uploads/%ff",
    "/..%2f..%2fetc/passwd", "//etc/passwd", "/../etc/passwd", "/demo%2f..%2fother/uploads/theirs.csv",
]:
    for method in ["GET", "PUT", "DELETE"]:
        found = send(method, path, b"", sign(method, path, EMPTY))
        assert found[0] in (400, 403), (method, path, found)

# Headers that are not signed.
plain = {"host", "x-amz-content-sha256", "x-amz-date"}
target = f"/demo/{PREFIX}loose"
expect(403, "AccessDenied", "PUT", target, extra={"x-amz-copy-source": "/demo/uploads/in.csv"}, signed=plain)
expect(403, "AccessDenied", "PUT", target, b"x", extra={"x-amz-meta-a": "b"}, signed=plain)
expect(403, "AccessDenied", "PUT", target, b"x", extra={"x-amz-acl": "public-read"}, signed=plain)
expect(403, "AccessDenied", "GET", "/demo/uploads/in.csv", signed={"x-amz-content-sha256", "x-amz-date"})
expect(403, "AccessDenied", "GET", "/demo/uploads/in.csv", signed={"host", "x-amz-content-sha256"})

# Time.
now = datetime.datetime.now(datetime.timezone.utc)
expect(403, "RequestTimeTooSkewed", "GET", "/demo/uploads/in.csv", at=now - datetime.timedelta(hours=1))
expect(403, "RequestTimeTooSkewed", "GET", "/demo/uploads/in.csv", at=now + datetime.timedelta(hours=1))

# Bodies that are not what was signed.
found = send("PUT", target, b"evil", sign("PUT", target, hashlib.sha256(b"good").hexdigest()))
assert found[0] >= 400, found
chunked = {"x-amz-decoded-content-length": "4", "x-amz-trailer": "x-amz-checksum-crc32", "content-encoding": "aws-chunked"}
for body, code in [
    (b"4\r\ngood\r\n0\r\nx-amz-checksum-crc32:AAAAAA==\r\n\r\n", "BadDigest"),
    (b"4\r\ngood\r\n0\r\n\r\n", "IncompleteBody"),
    (b"4\r\ngo", "IncompleteBody"),
    (b"2\r\ngo\r\n0\r\nx-amz-checksum-crc32:AAAAAA==\r\n\r\n", ""),
    (b"4;chunk\r\nnonsense", ""),
]:
    found = send("PUT", target, body, sign("PUT", target, "STREAMING-UNSIGNED-PAYLOAD-TRAILER", extra=chunked))
    assert found[0] >= 400 and code in found[1], (body, found)

# A body that breaks off in the middle leaves nothing.
headers = sign("PUT", target, "UNSIGNED-PAYLOAD")
with socket.create_connection(tuple(HOST.split(":")), timeout=20) as connection:
    lines = [f"PUT {target} HTTP/1.1", *(f"{n}: {v}" for n, v in headers.items()), "content-length: 1000000", "", ""]
    connection.sendall("\r\n".join(lines).encode() + b"x" * 500_000)
    time.sleep(0.3)

# Nothing of all this is visible.
path = f"/demo/{PREFIX}loose"
status, text = send("GET", path, headers=sign("GET", path, EMPTY))
assert status == 404 and "NoSuchKey" in text, (status, text)
path = f"/demo?list-type=2&prefix={PREFIX}".replace("/", "%2F").replace("%2Fdemo", "/demo")
signed_path = f"/demo?list-type=2&prefix={PREFIX.replace('/', '%2F')}"
status, text = send("GET", signed_path, headers=sign("GET", signed_path, EMPTY))
assert status == 200 and "<Key>" not in text, (status, text)

# Garbage for the parsers.
for authorization in ["AWS4-HMAC-SHA256", "AWS4-HMAC-SHA256 Credential=, SignedHeaders=host, Signature=", "AWS4-HMAC-SHA256 " + "x" * 5000, "Basic eDp5"]:
    found = send("GET", "/demo/uploads/in.csv", headers={"host": HOST, "authorization": authorization, "x-amz-content-sha256": EMPTY})
    assert found[0] in (400, 403), (authorization, found)
for query in ["X-Amz-Signature=0", "X-Amz-Signature=0&X-Amz-Expires=60&X-Amz-SignedHeaders=host", "Signature=x&AWSAccessKeyId=y&Expires=1"]:
    found = send("GET", "/demo/uploads/in.csv?" + query, headers={"host": HOST})
    assert found[0] in (400, 403), (query, found)
# An XML bomb is only text.
bomb = b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]><Delete><Object><Key>&b;</Key></Object></Delete>'
found = send("POST", "/demo?delete", bomb, sign("POST", "/demo?delete", hashlib.sha256(bomb).hexdigest(), canonical="/demo?delete="))
assert found[0] >= 400 or "aaaa" not in found[1], found
print("raw requests are refused")
