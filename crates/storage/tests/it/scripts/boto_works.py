"""boto3 does what a version needs to do."""

import hashlib
import io
import os
import threading
import urllib.request
import zlib

from boto3.s3.transfer import TransferConfig
from botocore.exceptions import ClientError
from common import PREFIX, client, refused

s3 = client()

# Buckets.
assert [b["Name"] for b in s3.list_buckets()["Buckets"]] == ["demo"]
s3.head_bucket(Bucket="demo")
assert s3.get_bucket_location(Bucket="demo")["LocationConstraint"] is None

# Put, get, head, with metadata.
body = b"frequency,amplitude\n1,2\n"
put = s3.put_object(Bucket="demo", Key=PREFIX + "spectrum.csv", Body=body, ContentType="text/csv",
                    Metadata={"units": "ppm", "shape": "[2]"}, ContentEncoding="identity", CacheControl="no-cache")
assert put["ETag"] == f'"{hashlib.md5(body).hexdigest()}"', put
got = s3.get_object(Bucket="demo", Key=PREFIX + "spectrum.csv")
assert got["Body"].read() == body and got["ContentType"] == "text/csv"
assert got["Metadata"] == {"units": "ppm", "shape": "[2]"} and got["CacheControl"] == "no-cache", got
assert got["ContentEncoding"] == "identity"
head = s3.head_object(Bucket="demo", Key=PREFIX + "spectrum.csv")
assert head["ContentLength"] == len(body) and head["ETag"] == put["ETag"]
assert s3.get_object(Bucket="demo", Key="uploads/in.csv")["Body"].read() == b"a,b\n1,2\n"
s3.put_object(Bucket="demo", Key=PREFIX + "empty", Body=b"")
assert s3.get_object(Bucket="demo", Key=PREFIX + "empty")["Body"].read() == b""

wide = {f"m{n}": "x" * 1000 for n in range(7)}
s3.put_object(Bucket="demo", Key=PREFIX + "wide", Body=b"", Metadata=wide)
assert s3.head_object(Bucket="demo", Key=PREFIX + "wide")["Metadata"] == wide

# Every checksum that boto3 can send, before and after the body.
for algorithm in ["CRC32", "SHA1", "SHA256"]:
    s3.put_object(Bucket="demo", Key=PREFIX + "sums/" + algorithm, Body=body, ChecksumAlgorithm=algorithm)
    assert s3.get_object(Bucket="demo", Key=PREFIX + "sums/" + algorithm)["Body"].read() == body
crc = zlib.crc32(body).to_bytes(4, "big")
import base64
s3.put_object(Bucket="demo", Key=PREFIX + "sums/given", Body=body, ChecksumCRC32=base64.b64encode(crc).decode())
s3.put_object(Bucket="demo", Key=PREFIX + "sums/stream", Body=io.BytesIO(os.urandom(3_000_000)))
assert s3.head_object(Bucket="demo", Key=PREFIX + "sums/stream")["ContentLength"] == 3_000_000

# Names that need escaping.
for name in ["ü b+c%2e&d=e?f#g.txt", "a'b(c)*!@:;,$", "x" * 255, "日本語/β"]:
    s3.put_object(Bucket="demo", Key=PREFIX + "odd/" + name, Body=name.encode())
    assert s3.get_object(Bucket="demo", Key=PREFIX + "odd/" + name)["Body"].read() == name.encode()
listed = [o["Key"] for o in s3.list_objects_v2(Bucket="demo", Prefix=PREFIX + "odd/")["Contents"]]
assert listed == sorted(listed, key=str.encode) and len(listed) == 4, listed
v1 = [o["Key"] for o in s3.list_objects(Bucket="demo", Prefix=PREFIX + "odd/")["Contents"]]
assert v1 == listed

# Ranges and conditions.
ranged = s3.get_object(Bucket="demo", Key=PREFIX + "spectrum.csv", Range="bytes=10-18")
assert ranged["Body"].read() == body[10:19] and ranged["ContentRange"] == f"bytes 10-18/{len(body)}"
assert ranged["ResponseMetadata"]["HTTPStatusCode"] == 206
assert s3.get_object(Bucket="demo", Key=PREFIX + "spectrum.csv", Range="bytes=-4")["Body"].read() == body[-4:]
assert s3.get_object(Bucket="demo", Key=PREFIX + "spectrum.csv", Range="bytes=20-999")["Body"].read() == body[20:]
refused("InvalidRange", s3.get_object, Bucket="demo", Key=PREFIX + "spectrum.csv", Range="bytes=999-")
s3.get_object(Bucket="demo", Key=PREFIX + "spectrum.csv", IfMatch=put["ETag"])
refused("PreconditionFailed", s3.get_object, Bucket="demo", Key=PREFIX + "spectrum.csv", IfMatch='"0"')
refused("304", s3.get_object, Bucket="demo", Key=PREFIX + "spectrum.csv", IfNoneMatch=put["ETag"])
refused("304", s3.head_object, Bucket="demo", Key=PREFIX + "spectrum.csv", IfModifiedSince=head["LastModified"])
refused("PreconditionFailed", s3.put_object, Bucket="demo", Key=PREFIX + "spectrum.csv", Body=b"x", IfNoneMatch="*")
s3.put_object(Bucket="demo", Key=PREFIX + "once", Body=b"x", IfNoneMatch="*")
refused("PreconditionFailed", s3.put_object, Bucket="demo", Key=PREFIX + "once", Body=b"y", IfNoneMatch="*")
refused("PreconditionFailed", s3.put_object, Bucket="demo", Key=PREFIX + "once", Body=b"y", IfMatch='"0"')

# Of ten that race to create an object, one wins.
outcomes = []
def race(n):
    try:
        client().put_object(Bucket="demo", Key=PREFIX + "race", Body=str(n).encode(), IfNoneMatch="*")
        outcomes.append(n)
    except ClientError as error:
        assert error.response["Error"]["Code"] == "PreconditionFailed", error
threads = [threading.Thread(target=race, args=(n,)) for n in range(10)]
[t.start() for t in threads]; [t.join() for t in threads]
assert len(outcomes) == 1, outcomes
assert s3.get_object(Bucket="demo", Key=PREFIX + "race")["Body"].read() == str(outcomes[0]).encode()

# Readers beside a writer see whole objects.
stop = threading.Event()
def overwrite():
    own = client()
    for n in range(60):
        own.put_object(Bucket="demo", Key=PREFIX + "busy", Body=bytes([n]) * (1000 + n * 1000))
    stop.set()
s3.put_object(Bucket="demo", Key=PREFIX + "busy", Body=b"\x00" * 1000)
writer = threading.Thread(target=overwrite); writer.start()
while not stop.is_set():
    seen = s3.get_object(Bucket="demo", Key=PREFIX + "busy")
    data = seen["Body"].read()
    assert len(set(data)) == 1 and len(data) == 1000 + data[0] * 1000, len(data)
    assert seen["ETag"] == f'"{hashlib.md5(data).hexdigest()}"'
writer.join()

# Lists by pages, 1,500 keys, with and without folding.
def many(start):
    own = client()
    for n in range(start, 1500, 6):
        own.put_object(Bucket="demo", Key=f"{PREFIX}many/{n // 100:02d}/{n:04d}", Body=b"x")
threads = [threading.Thread(target=many, args=(n,)) for n in range(6)]
[t.start() for t in threads]; [t.join() for t in threads]
for operation in ["list_objects_v2", "list_objects"]:
    for size in [1000, 7, 499]:
        pages = s3.get_paginator(operation).paginate(Bucket="demo", Prefix=PREFIX + "many/", PaginationConfig={"PageSize": size})
        found = [o["Key"] for page in pages for o in page.get("Contents", [])]
        assert found == [f"{PREFIX}many/{n // 100:02d}/{n:04d}" for n in range(1500)], (operation, size, len(found))
    for size in [1000, 4, 1]:
        pages = s3.get_paginator(operation).paginate(Bucket="demo", Prefix=PREFIX + "many/", Delimiter="/", PaginationConfig={"PageSize": size})
        folded = [p["Prefix"] for page in pages for p in page.get("CommonPrefixes", [])]
        assert folded == [f"{PREFIX}many/{n:02d}/" for n in range(15)], (operation, size, folded)
roots = s3.list_objects_v2(Bucket="demo", Delimiter="/")
assert [p["Prefix"] for p in roots["CommonPrefixes"]] == ["processes/", "uploads/"] and not roots.get("Contents")
after = s3.list_objects_v2(Bucket="demo", Prefix=PREFIX + "many/14/", StartAfter=PREFIX + "many/14/1497")
assert [o["Key"][-4:] for o in after["Contents"]] == ["1498", "1499"]
assert all(not o["Key"].startswith("logs/") for page in s3.get_paginator("list_objects_v2").paginate(Bucket="demo") for o in page["Contents"])
assert s3.list_objects_v2(Bucket="demo", Prefix="logs/").get("KeyCount") == 0

# Multipart.
big = os.urandom(20_000_000)
s3.upload_fileobj(io.BytesIO(big), "demo", PREFIX + "big", Config=TransferConfig(multipart_threshold=5 << 20, multipart_chunksize=6 << 20, max_concurrency=4))
target = io.BytesIO()
s3.download_fileobj("demo", PREFIX + "big", target)
assert target.getvalue() == big
assert s3.head_object(Bucket="demo", Key=PREFIX + "big")["ETag"].endswith('-4"')
upload = s3.create_multipart_upload(Bucket="demo", Key=PREFIX + "parts", ContentType="image/png", Metadata={"a": "b"})["UploadId"]
where = {"Bucket": "demo", "Key": PREFIX + "parts", "UploadId": upload}
first = s3.upload_part(**where, PartNumber=1, Body=b"wrong")
first = s3.upload_part(**where, PartNumber=1, Body=big[: 5 << 20])
second = s3.upload_part_copy(**where, PartNumber=2, CopySource={"Bucket": "demo", "Key": PREFIX + "big"}, CopySourceRange="bytes=0-99")
shown = s3.list_parts(**where)["Parts"]
assert [(p["PartNumber"], p["Size"]) for p in shown] == [(1, 5 << 20), (2, 100)], shown
assert [u["UploadId"] for u in s3.list_multipart_uploads(Bucket="demo")["Uploads"]] == [upload]
refused("NoSuchKey", s3.get_object, Bucket="demo", Key=PREFIX + "parts")
named = [{"PartNumber": 1, "ETag": first["ETag"]}, {"PartNumber": 2, "ETag": second["CopyPartResult"]["ETag"]}]
refused("InvalidPartOrder", s3.complete_multipart_upload, **where, MultipartUpload={"Parts": named[::-1]})
refused("InvalidPart", s3.complete_multipart_upload, **where, MultipartUpload={"Parts": [{"PartNumber": 1, "ETag": '"0"'}]})
done = s3.complete_multipart_upload(**where, MultipartUpload={"Parts": named})
again = s3.complete_multipart_upload(**where, MultipartUpload={"Parts": named})
assert again["ETag"] == done["ETag"]
got = s3.get_object(Bucket="demo", Key=PREFIX + "parts")
assert got["Body"].read() == big[: 5 << 20] + big[:100] and got["ContentType"] == "image/png" and got["Metadata"] == {"a": "b"}
for algorithm, kind in [("CRC32", "FULL_OBJECT"), ("CRC32", "COMPOSITE"), ("SHA256", "COMPOSITE")]:
    upload = s3.create_multipart_upload(Bucket="demo", Key=PREFIX + "summed", ChecksumAlgorithm=algorithm, ChecksumType=kind)["UploadId"]
    where = {"Bucket": "demo", "Key": PREFIX + "summed", "UploadId": upload}
    part = s3.upload_part(**where, PartNumber=1, Body=b"hello", ChecksumAlgorithm=algorithm)
    named = {"PartNumber": 1, "ETag": part["ETag"], f"Checksum{algorithm}": part[f"Checksum{algorithm}"]}
    bad = dict(named, **{f"Checksum{algorithm}": base64.b64encode(b"\0" * (4 if algorithm == "CRC32" else 32)).decode()})
    refused("InvalidPart", s3.complete_multipart_upload, **where, MultipartUpload={"Parts": [bad]})
    s3.complete_multipart_upload(**where, MultipartUpload={"Parts": [named]})
upload = s3.create_multipart_upload(Bucket="demo", Key=PREFIX + "aborted")["UploadId"]
where = {"Bucket": "demo", "Key": PREFIX + "aborted", "UploadId": upload}
s3.upload_part(**where, PartNumber=1, Body=b"x")
s3.abort_multipart_upload(**where)
refused("NoSuchUpload", s3.upload_part, **where, PartNumber=1, Body=b"x")
refused("NoSuchUpload", s3.complete_multipart_upload, **where, MultipartUpload={"Parts": [{"PartNumber": 1, "ETag": '"0"'}]})

# Copies and deletes.
s3.copy_object(Bucket="demo", Key=PREFIX + "copy", CopySource={"Bucket": "demo", "Key": "uploads/in.csv"})
assert s3.get_object(Bucket="demo", Key=PREFIX + "copy")["Body"].read() == b"a,b\n1,2\n"
s3.copy_object(Bucket="demo", Key=PREFIX + "copy", CopySource={"Bucket": "demo", "Key": PREFIX + "copy"}, MetadataDirective="REPLACE", Metadata={"x": "y"})
assert s3.head_object(Bucket="demo", Key=PREFIX + "copy")["Metadata"] == {"x": "y"}
refused("PreconditionFailed", s3.copy_object, Bucket="demo", Key=PREFIX + "c2", CopySource={"Bucket": "demo", "Key": "uploads/in.csv"}, CopySourceIfMatch='"0"')
s3.delete_object(Bucket="demo", Key=PREFIX + "copy")
refused("NoSuchKey", s3.get_object, Bucket="demo", Key=PREFIX + "copy")
s3.delete_object(Bucket="demo", Key=PREFIX + "copy")
answer = s3.delete_objects(Bucket="demo", Delete={"Objects": [{"Key": PREFIX + "once"}, {"Key": "uploads/in.csv"}, {"Key": PREFIX + "../v2/x"}]})
assert [d["Key"] for d in answer["Deleted"]] == [PREFIX + "once"]
assert [e["Code"] for e in answer["Errors"]] == ["AccessDenied", "InvalidArgument"], answer["Errors"]
s3.head_object(Bucket="demo", Key="uploads/in.csv")

# Presigned URLs, with nothing but the standard library.
url = s3.generate_presigned_url("get_object", Params={"Bucket": "demo", "Key": "uploads/in.csv"}, ExpiresIn=60)
answer = urllib.request.urlopen(url)
assert answer.read() == b"a,b\n1,2\n" and "sandbox" in answer.headers["Content-Security-Policy"]
url = s3.generate_presigned_url("put_object", Params={"Bucket": "demo", "Key": PREFIX + "signed"}, ExpiresIn=60)
urllib.request.urlopen(urllib.request.Request(url, data=b"by url", method="PUT"))
assert s3.get_object(Bucket="demo", Key=PREFIX + "signed")["Body"].read() == b"by url"
print("boto3 works")
