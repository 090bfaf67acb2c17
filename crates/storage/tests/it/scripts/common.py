"""What the client tests share."""

import os

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

ENDPOINT = os.environ["ENDPOINT"]
PREFIX = f"processes/{os.environ['PROCESS']}/v1/"


def keys(name: str) -> tuple[str, str]:
    """The access key and the secret of one of the credentials."""
    access, secret = os.environ[name].split(":")
    return access, secret


def client(name: str = "OWN", secret: str | None = None, **config):
    """A boto3 client with one of the credentials."""
    access, own_secret = keys(name)
    return boto3.client(
        "s3",
        endpoint_url=ENDPOINT,
        aws_access_key_id=access,
        aws_secret_access_key=secret or own_secret,
        config=Config(s3={"addressing_style": "path"}, signature_version="s3v4", retries={"max_attempts": 1}, **config),
    )


def refused(code: str, call, **arguments) -> None:
    """Demands that a call ends with this S3 error code."""
    try:
        call(**arguments)
    except ClientError as error:
        found = error.response["Error"]["Code"]
        assert found == code, f"{call.__name__} {str(arguments)[:300]}: {found} instead of {code}: {error}"
    else:
        raise AssertionError(f"{call.__name__} {arguments} was not refused with {code}")
