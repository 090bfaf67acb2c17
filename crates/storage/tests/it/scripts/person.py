"""A person's own key: reads the project, writes `uploads/` and nothing else."""

from common import PREFIX, client, refused

own = client("PERSON")
assert own.get_object(Bucket="demo", Key="uploads/in.csv")["Body"].read() == b"a,b\n1,2\n"
own.put_object(Bucket="demo", Key="uploads/by-s3/data.csv", Body=b"x,y\n", ContentType="text/csv")
own.put_object(Bucket="demo", Key="uploads/gone.csv", Body=b"x")
own.delete_object(Bucket="demo", Key="uploads/gone.csv")
upload = own.create_multipart_upload(Bucket="demo", Key="uploads/parts.bin")["UploadId"]
where = {"Bucket": "demo", "Key": "uploads/parts.bin", "UploadId": upload}
part = own.upload_part(**where, PartNumber=1, Body=b"hello")
own.complete_multipart_upload(**where, MultipartUpload={"Parts": [{"PartNumber": 1, "ETag": part["ETag"]}]})
for key in [PREFIX + "x", "logs/x", "x", "uploads"]:
    refused("AccessDenied", own.put_object, Bucket="demo", Key=key, Body=b"x")
reader = client("READER")
assert reader.get_object(Bucket="demo", Key="uploads/by-s3/data.csv")["Body"].read() == b"x,y\n"
refused("AccessDenied", reader.put_object, Bucket="demo", Key="uploads/x", Body=b"x")
refused("AccessDenied", reader.delete_object, Bucket="demo", Key="uploads/in.csv")
print("a person's key works")
