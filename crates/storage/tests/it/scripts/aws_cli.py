"""The AWS command line."""

import os
import subprocess
import sys
import tempfile
import urllib.request
from pathlib import Path

from common import ENDPOINT, PREFIX, keys

key, secret = keys("OWN")
# Version 1 of the tool presigns with SigV2, which is refused, unless it is told otherwise.
CONFIG = Path(tempfile.mkdtemp(), "config")
CONFIG.write_text("[default]\ns3 =\n    signature_version = s3v4\n")
ENV = {**os.environ, "AWS_CONFIG_FILE": str(CONFIG), "AWS_ACCESS_KEY_ID": key, "AWS_SECRET_ACCESS_KEY": secret}
AWS = [str(Path(sys.executable).with_name("aws")), "--endpoint-url", ENDPOINT]


def aws(*words, code=0, **options):
    done = subprocess.run([*AWS, *words], env=ENV, capture_output=True, **options)
    assert done.returncode == code or (code is None and done.returncode), (words, done)
    return done.stdout + done.stderr


folder = Path(tempfile.mkdtemp())
for name, data in {"a.txt": b"a", "sub/b.bin": os.urandom(9_000_000), "sub/ü c.txt": b"c" * 1000}.items():
    (folder / name).parent.mkdir(exist_ok=True)
    (folder / name).write_bytes(data)

assert b"demo" in aws("s3", "ls")
assert b"in.csv" in aws("s3", "ls", "s3://demo/uploads/")
assert aws("s3", "cp", "s3://demo/uploads/in.csv", "-") == b"a,b\n1,2\n"
aws("s3", "cp", "-", f"s3://demo/{PREFIX}piped", input=b"from a pipe")
assert aws("s3", "cp", f"s3://demo/{PREFIX}piped", "-") == b"from a pipe"

aws("s3", "sync", str(folder), f"s3://demo/{PREFIX}sync")
assert aws("s3", "sync", str(folder), f"s3://demo/{PREFIX}sync") == b"", "a second sync copies nothing"
back = folder.parent / (folder.name + "-back")
aws("s3", "sync", f"s3://demo/{PREFIX}sync", str(back))
for path in folder.rglob("*"):
    if path.is_file():
        assert (back / path.relative_to(folder)).read_bytes() == path.read_bytes(), path
(folder / "a.txt").unlink()
assert b"delete:" in aws("s3", "sync", "--delete", str(folder), f"s3://demo/{PREFIX}sync")
assert aws("s3", "ls", "--recursive", f"s3://demo/{PREFIX}sync").count(b"\n") == 2

aws("s3", "cp", f"s3://demo/{PREFIX}sync/sub/b.bin", f"s3://demo/{PREFIX}copied.bin")
aws("s3", "mv", f"s3://demo/{PREFIX}copied.bin", f"s3://demo/{PREFIX}moved.bin")
aws("s3", "rm", "--recursive", f"s3://demo/{PREFIX}sync")
url = aws("s3", "presign", "--expires-in", "60", "s3://demo/uploads/in.csv").decode().strip()
assert urllib.request.urlopen(url).read() == b"a,b\n1,2\n"
assert b"AccessDenied" in aws("s3", "cp", "-", "s3://demo/uploads/evil", input=b"x", code=1)
assert b"AccessDenied" in aws("s3", "ls", "s3://other/", code=None)
print("aws works")
