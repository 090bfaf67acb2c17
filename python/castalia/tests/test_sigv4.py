"""The signatures against the examples that Amazon prints, and against botocore."""

from __future__ import annotations

import hashlib

import pytest
from castalia.sigv4 import EMPTY_SHA256, Credentials, authorization, encode_path

# Amazon S3 API Reference, "Signature Calculations for the Authorization Header", section "Examples".
EXAMPLE = Credentials("AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", "us-east-1")
HOST = {"Host": "examplebucket.s3.amazonaws.com", "x-amz-date": "20130524T000000Z"}
TEXT = hashlib.sha256(b"Welcome to Amazon S3.").hexdigest()
CASES = [
    ("GET", "/test.txt", [], {"Range": "bytes=0-9"}, EMPTY_SHA256, "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41"),
    (
        "PUT",
        encode_path("/test$file.text"),
        [],
        {"Date": "Fri, 24 May 2013 00:00:00 GMT", "x-amz-storage-class": "REDUCED_REDUNDANCY"},
        TEXT,
        "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd",
    ),
    ("GET", "/", [("lifecycle", "")], {}, EMPTY_SHA256, "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543"),
    (
        "GET",
        "/",
        [("max-keys", "2"), ("prefix", "J")],
        {},
        EMPTY_SHA256,
        "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7",
    ),
]


@pytest.mark.parametrize(("method", "path", "query", "headers", "payload", "signature"), CASES)
def test_examples_of_amazon(method: str, path: str, query: list, headers: dict, payload: str, signature: str) -> None:
    found = authorization(EXAMPLE, method, path, query, {**HOST, **headers, "x-amz-content-sha256": payload}, payload)
    assert found.rpartition("Signature=")[2] == signature


@pytest.mark.parametrize("key", ["plain", "with space", "ünï/~code", "a+b&c=d", "100%", "uploads/a:b@c"])
def test_agrees_with_botocore(key: str) -> None:
    from botocore.auth import S3SigV4Auth
    from botocore.awsrequest import AWSRequest
    from botocore.credentials import Credentials as BotoCredentials

    path = encode_path(f"/bucket/{key}")
    request = AWSRequest("GET", f"http://127.0.0.1:9000{path}", headers={"x-amz-content-sha256": EMPTY_SHA256})
    request.context["payload_signing_enabled"] = True
    S3SigV4Auth(BotoCredentials("id", "secret"), "s3", "eu-west-1").add_auth(request)
    headers = {
        "Host": "127.0.0.1:9000",
        "x-amz-date": request.headers["X-Amz-Date"],
        "x-amz-content-sha256": request.headers["X-Amz-Content-SHA256"],
    }
    found = authorization(Credentials("id", "secret", "eu-west-1"), "GET", path, [], headers, headers["x-amz-content-sha256"])
    assert found.rpartition("Signature=")[2] == request.headers["Authorization"].rpartition("Signature=")[2]
