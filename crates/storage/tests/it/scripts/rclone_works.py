"""rclone, a client that is written in Go and shares nothing with the others."""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from common import ENDPOINT, PREFIX, keys

key, secret = keys("OWN")
ENV = {
    **os.environ,
    "RCLONE_CONFIG": "/dev/null",
    "RCLONE_CONFIG_C_TYPE": "s3",
    "RCLONE_CONFIG_C_PROVIDER": "Other",
    "RCLONE_CONFIG_C_ENDPOINT": ENDPOINT,
    "RCLONE_CONFIG_C_ACCESS_KEY_ID": key,
    "RCLONE_CONFIG_C_SECRET_ACCESS_KEY": secret,
    "RCLONE_S3_CHUNK_SIZE": "5M",
    "RCLONE_S3_UPLOAD_CUTOFF": "6M",
}
RCLONE = str(Path(sys.executable).with_name("rclone"))


def rclone(*words, code=0, **options):
    done = subprocess.run([RCLONE, *words], env=ENV, capture_output=True, **options)
    assert (done.returncode == 0) == (code == 0), (words, done)
    return done.stdout


folder = Path(tempfile.mkdtemp())
for name, data in {"a.txt": b"a", "sub/big.bin": os.urandom(16_000_000), "sub/ü + c.txt": b"c" * 1000, "empty": b""}.items():
    (folder / name).parent.mkdir(exist_ok=True)
    (folder / name).write_bytes(data)

rclone("copy", str(folder), f"c:demo/{PREFIX}tree")
rclone("check", "--download", str(folder), f"c:demo/{PREFIX}tree")
rclone("check", str(folder), f"c:demo/{PREFIX}tree")
assert sorted(rclone("lsf", "-R", "--files-only", f"c:demo/{PREFIX}tree").decode().split("\n")[:-1]) == ["a.txt", "empty", "sub/big.bin", "sub/ü + c.txt"]
rclone("copyto", f"c:demo/{PREFIX}tree/sub/big.bin", f"c:demo/{PREFIX}copy.bin")
rclone("moveto", f"c:demo/{PREFIX}copy.bin", f"c:demo/{PREFIX}moved.bin")
assert rclone("cat", "--offset", "10", "--count", "5", f"c:demo/{PREFIX}moved.bin") == (folder / "sub/big.bin").read_bytes()[10:15]
rclone("rcat", f"c:demo/{PREFIX}piped", input=os.urandom(7_000_000))
assert b"7000000" in rclone("size", f"c:demo/{PREFIX}piped", "--json")
(folder / "a.txt").unlink()
rclone("sync", str(folder), f"c:demo/{PREFIX}tree")
rclone("check", str(folder), f"c:demo/{PREFIX}tree")
rclone("purge", f"c:demo/{PREFIX}tree")
assert rclone("lsf", "-R", "--files-only", f"c:demo/{PREFIX}tree", code=0) == b""
rclone("copyto", str(folder / "empty"), "c:demo/uploads/evil", code=1)
assert rclone("cat", "c:demo/logs/secret") == b"", "what may not be seen looks like an empty folder"
print("rclone works")
