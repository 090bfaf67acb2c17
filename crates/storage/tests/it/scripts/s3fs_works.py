"""s3fs, through which pandas, xarray and zarr read and write."""

import os

import s3fs
from common import ENDPOINT, PREFIX, keys

key, secret = keys("OWN")
fs = s3fs.S3FileSystem(key=key, secret=secret, endpoint_url=ENDPOINT, use_listings_cache=False)
root = f"demo/{PREFIX}"

# Whole files, pieces, text.
with fs.open("demo/uploads/in.csv", "rb") as source:
    assert source.read() == b"a,b\n1,2\n"
with fs.open(root + "out.txt", "w") as target:
    target.write("grün\n")
assert fs.cat(root + "out.txt") == "grün\n".encode()
with fs.open(root + "out.txt", "rb") as source:
    source.seek(2)
    assert source.read(2) == "ü".encode()
big = os.urandom(12_000_000)
with fs.open(root + "big", "wb", block_size=5 << 20) as target:
    for at in range(0, len(big), 1_000_000):
        target.write(big[at : at + 1_000_000])
assert fs.info(root + "big")["size"] == len(big)
assert fs.cat_file(root + "big", start=7_000_000, end=7_000_100) == big[7_000_000:7_000_100]

# Appending: s3fs copies what is there as the first part when it is large, and rewrites it when it is small.
for name in ["out.txt", "big"]:
    before = fs.cat(root + name)
    with fs.open(root + name, "ab") as target:
        target.write(b"more")
    assert fs.cat(root + name) == before + b"more", name

# Lists, globs, walks, metadata.
for n in range(12):
    fs.pipe(f"{root}tree/{n % 3}/{n}.bin", bytes([n]))
assert len(fs.find(root + "tree")) == 12
assert [p.rsplit("/", 1)[1] for p in fs.glob(root + "tree/1/*.bin")] == ["1.bin", "10.bin", "4.bin", "7.bin"]
assert sorted(p.rsplit("/", 1)[1] for p in fs.ls(root + "tree", detail=False)) == ["0", "1", "2"]
assert fs.isdir(root + "tree") and fs.isfile(root + "tree/0/0.bin") and fs.exists("demo/uploads/in.csv")
assert not fs.exists(root + "nothing") and fs.du(root + "tree") == 12
assert fs.ls("demo", detail=False) == ["demo/processes", "demo/uploads"]

# Copies, moves, removals.
fs.copy(root + "tree/0/0.bin", root + "copied")
fs.mv(root + "copied", root + "moved")
assert fs.cat(root + "moved") == b"\0" and not fs.exists(root + "copied")
fs.rm(root + "tree", recursive=True)
assert fs.find(root + "tree") == []

# What is not ours is refused as Python says it.
for path in ["demo/uploads/new.csv", "demo/logs/x", "other/x"]:
    try:
        fs.pipe(path, b"x")
    except PermissionError:
        continue
    raise AssertionError(f"{path} was written")
print("s3fs works")
