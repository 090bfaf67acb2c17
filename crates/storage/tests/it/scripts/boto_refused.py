"""Every hostile request ends with the right S3 error code, and changes nothing."""

import base64
import io
import urllib.error
import urllib.request
import zlib

import boto3
from botocore.client import Config
from common import ENDPOINT, PREFIX, client, keys, refused

own = client()
own.put_object(Bucket="demo", Key=PREFIX + "here", Body=b"original")

# Credentials.
refused("SignatureDoesNotMatch", client(secret="x" * 40).get_object, Bucket="demo", Key="uploads/in.csv")
refused("ExpiredToken", client("EXPIRED").get_object, Bucket="demo", Key="uploads/in.csv")
refused("InvalidAccessKeyId", client("REVOKED").get_object, Bucket="demo", Key="uploads/in.csv")
unknown = boto3.client("s3", endpoint_url=ENDPOINT, aws_access_key_id="CASUNKNOWN", aws_secret_access_key="x" * 40)
refused("InvalidAccessKeyId", unknown.get_object, Bucket="demo", Key="uploads/in.csv")
token = boto3.client("s3", endpoint_url=ENDPOINT, aws_access_key_id=keys("OWN")[0], aws_secret_access_key=keys("OWN")[1], aws_session_token="t")
refused("InvalidToken", token.list_objects_v2, Bucket="demo")

# Other buckets do not even exist.
for bucket in ["other", "nosuchbucket"]:
    refused("AccessDenied", own.get_object, Bucket=bucket, Key="uploads/theirs.csv")
    refused("AccessDenied", own.list_objects_v2, Bucket=bucket)
    refused("403", own.head_bucket, Bucket=bucket)
    refused("AccessDenied", own.put_object, Bucket=bucket, Key=PREFIX + "x", Body=b"x")
    refused("AccessDenied", own.copy_object, Bucket="demo", Key=PREFIX + "x", CopySource={"Bucket": bucket, "Key": "uploads/theirs.csv"})

# Other prefixes: readable in part, never writable.
for key in ["uploads/new.csv", "uploads/in.csv", "other", "processes/x", PREFIX[:-3] + "v2/x", PREFIX[:-3] + "v11/x", PREFIX[:-1], "logs/x"]:
    refused("AccessDenied", own.put_object, Bucket="demo", Key=key, Body=b"x")
    refused("AccessDenied", own.delete_object, Bucket="demo", Key=key)
    refused("AccessDenied", own.create_multipart_upload, Bucket="demo", Key=key)
    refused("AccessDenied", own.copy_object, Bucket="demo", Key=key, CopySource={"Bucket": "demo", "Key": "uploads/in.csv"})
for key in ["logs/secret", "secret", "notebooks/x"]:
    refused("AccessDenied", own.get_object, Bucket="demo", Key=key)
    refused("403", own.head_object, Bucket="demo", Key=key)
    refused("AccessDenied", own.copy_object, Bucket="demo", Key=PREFIX + "x", CopySource={"Bucket": "demo", "Key": key})
refused("NoSuchKey", own.get_object, Bucket="demo", Key="uploads/nothing")
refused("404", own.head_object, Bucket="demo", Key="uploads/nothing")
sibling = client("SIBLING")
assert sibling.get_object(Bucket="demo", Key=PREFIX + "here")["Body"].read() == b"original"
refused("AccessDenied", sibling.put_object, Bucket="demo", Key=PREFIX + "here", Body=b"x")
refused("AccessDenied", sibling.delete_object, Bucket="demo", Key=PREFIX + "here")

# A multipart upload belongs to its key and its access key.
upload = own.create_multipart_upload(Bucket="demo", Key=PREFIX + "mine")["UploadId"]
refused("NoSuchUpload", own.upload_part, Bucket="demo", Key=PREFIX + "another", UploadId=upload, PartNumber=1, Body=b"x")
refused("AccessDenied", sibling.upload_part, Bucket="demo", Key=PREFIX + "mine", UploadId=upload, PartNumber=1, Body=b"x")
refused("AccessDenied", sibling.list_parts, Bucket="demo", Key=PREFIX + "mine", UploadId=upload)
assert not sibling.list_multipart_uploads(Bucket="demo").get("Uploads")
refused("AccessDenied", own.upload_part_copy, Bucket="demo", Key=PREFIX + "mine", UploadId=upload, PartNumber=1, CopySource={"Bucket": "demo", "Key": "logs/secret"})
refused("NoSuchUpload", own.upload_part, Bucket="demo", Key=PREFIX + "mine", UploadId="../../x", PartNumber=1, Body=b"x")
refused("InvalidArgument", own.upload_part, Bucket="demo", Key=PREFIX + "mine", UploadId=upload, PartNumber=0, Body=b"x")

# Operations that are not offered.
for operation, arguments in [
    ("delete_bucket", {}), ("get_bucket_acl", {}), ("put_bucket_policy", {"Policy": "{}"}),
    ("get_bucket_policy", {}), ("put_bucket_cors", {"CORSConfiguration": {"CORSRules": []}}),
    ("put_object_acl", {"Key": PREFIX + "here", "ACL": "public-read"}), ("get_object_tagging", {"Key": PREFIX + "here"}),
    ("list_object_versions", {}), ("put_bucket_versioning", {"VersioningConfiguration": {"Status": "Enabled"}}),
]:
    refused("AccessDenied", getattr(own, operation), Bucket="demo", **arguments)

refused("BucketAlreadyOwnedByYou", own.create_bucket, Bucket="demo")
refused("AccessDenied", own.create_bucket, Bucket="new-bucket")

# Bodies that are not what was announced leave nothing.
good = base64.b64encode(zlib.crc32(b"good").to_bytes(4, "big")).decode()
refused("BadDigest", own.put_object, Bucket="demo", Key=PREFIX + "here", Body=b"evil", ChecksumCRC32=good)
refused("BadDigest", own.put_object, Bucket="demo", Key=PREFIX + "here", Body=b"evil", ContentMD5=base64.b64encode(b"\0" * 16).decode())
refused("BadDigest", own.put_object, Bucket="demo", Key=PREFIX + "here", Body=b"evil", ChecksumSHA256=base64.b64encode(b"\0" * 32).decode())
assert own.get_object(Bucket="demo", Key=PREFIX + "here")["Body"].read() == b"original"

# Quotas: 1 MB for this one.
small = client("SMALL")
buckets = small.list_buckets()["Buckets"]
assert [b["Name"] for b in buckets] == ["demo"]
import os
prefix = os.environ["SMALL_PREFIX"]
small.put_object(Bucket="demo", Key=prefix + "a", Body=b"x" * 900_000)
refused("QuotaExceeded", small.put_object, Bucket="demo", Key=prefix + "b", Body=b"x" * 200_000)
refused("QuotaExceeded", small.put_object, Bucket="demo", Key=prefix + "b", Body=io.BytesIO(b"x" * 2_000_000))
small.put_object(Bucket="demo", Key=prefix + "a", Body=b"x" * 950_000)
refused("QuotaExceeded", small.copy_object, Bucket="demo", Key=prefix + "b", CopySource={"Bucket": "demo", "Key": prefix + "a"})
small.delete_object(Bucket="demo", Key=prefix + "a")
upload = small.create_multipart_upload(Bucket="demo", Key=prefix + "m")["UploadId"]
small.upload_part(Bucket="demo", Key=prefix + "m", UploadId=upload, PartNumber=1, Body=b"x" * 900_000)
refused("QuotaExceeded", small.upload_part, Bucket="demo", Key=prefix + "m", UploadId=upload, PartNumber=2, Body=b"x" * 200_000)
small.abort_multipart_upload(Bucket="demo", Key=prefix + "m", UploadId=upload)

# Keys that are no keys.
for key in [PREFIX + "../v2/x", PREFIX + "a//b", PREFIX + "./a", PREFIX + "a/", "/uploads/in.csv", PREFIX + "a\\b", PREFIX + "a\nb", PREFIX + "x" * 256]:
    refused("InvalidArgument", own.put_object, Bucket="demo", Key=key, Body=b"x")
refused("KeyTooLongError", own.put_object, Bucket="demo", Key=PREFIX + "x/" * 600, Body=b"x")
own.put_object(Bucket="demo", Key=PREFIX + "tree", Body=b"x")
refused("InvalidArgument", own.put_object, Bucket="demo", Key=PREFIX + "tree/leaf", Body=b"x")
own.put_object(Bucket="demo", Key=PREFIX + "wood/leaf", Body=b"x")
refused("InvalidArgument", own.put_object, Bucket="demo", Key=PREFIX + "wood", Body=b"x")
refused("NotImplemented", own.put_object, Bucket="demo", Key=PREFIX + "x", Body=b"x", SSECustomerAlgorithm="AES256", SSECustomerKey="k" * 32)
refused("MetadataTooLarge", own.put_object, Bucket="demo", Key=PREFIX + "x", Body=b"x", Metadata={f"a{n}": "x" * 1000 for n in range(9)})


# Presigned URLs are what they were signed for and no more.
def status(url, method="GET", data=None, **headers):
    request = urllib.request.Request(url, data=data, method=method, headers={k.replace("_", "-"): v for k, v in headers.items()})
    try:
        with urllib.request.urlopen(request) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as error:
        return error.code, error.read()

put = own.generate_presigned_url("put_object", Params={"Bucket": "demo", "Key": PREFIX + "copied"}, ExpiresIn=60)
code, body = status(put, "PUT", b"", x_amz_copy_source="/demo/uploads/in.csv")
assert code == 403 and b"AccessDenied" in body, (code, body)
code, body = status(put, "PUT", b"", x_amz_meta_evil="1")
assert code == 403 and b"AccessDenied" in body, (code, body)
refused("404", own.head_object, Bucket="demo", Key=PREFIX + "copied")
for query in ["&x-id=CopyObject", "&uploadId=x&partNumber=1", "&uploads"]:
    code, body = status(put + query, "PUT", b"x")
    assert code == 403 and b"SignatureDoesNotMatch" in body, (code, body)
assert status(put, "DELETE")[0] == 403
assert status(put.replace("copied", "other"), "PUT", b"x")[0] == 403
get = own.generate_presigned_url("get_object", Params={"Bucket": "demo", "Key": "uploads/in.csv"}, ExpiresIn=60)
assert status(get)[0] == 200
assert status(get.replace("in.csv", "other.csv"))[0] == 403
long = own.generate_presigned_url("get_object", Params={"Bucket": "demo", "Key": "uploads/in.csv"}, ExpiresIn=604800)
assert b"AuthorizationQueryParametersError" in status(long)[1]
foreign = client("REVOKED").generate_presigned_url("get_object", Params={"Bucket": "demo", "Key": "uploads/in.csv"}, ExpiresIn=60)
assert b"InvalidAccessKeyId" in status(foreign)[1]
old = boto3.client("s3", endpoint_url=ENDPOINT, aws_access_key_id=keys("OWN")[0], aws_secret_access_key=keys("OWN")[1], config=Config(signature_version="s3"))
assert b"InvalidRequest" in status(old.generate_presigned_url("get_object", Params={"Bucket": "demo", "Key": "uploads/in.csv"}))[1]
refused("InvalidRequest", old.get_object, Bucket="demo", Key="uploads/in.csv")
form = own.generate_presigned_post("demo", PREFIX + "form")
boundary = "b" * 20
parts = "".join(f'--{boundary}\r\nContent-Disposition: form-data; name="{n}"\r\n\r\n{v}\r\n' for n, v in form["fields"].items())
parts += f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="f"\r\n\r\nx\r\n--{boundary}--\r\n'
code, body = status(form["url"], "POST", parts.encode(), Content_Type=f"multipart/form-data; boundary={boundary}")
assert code == 403 and b"AccessDenied" in body, (code, body)
assert status(f"{ENDPOINT}/demo/uploads/in.csv")[0] == 403
assert status(f"{ENDPOINT}/")[0] == 403
print("boto3 is refused")
