"""Uploads in parts, from their beginning to their end."""

import base64
import hashlib
import io

import pytest
from boto3.s3.transfer import TransferConfig

MIB = 2**20
LARGE = bytes(i * 31 % 251 for i in range(1000)) * 5243  # 5 MiB and a little


@pytest.fixture
def begin(s3, bucket):
    def begin(key="key", **parameters):
        return s3.create_multipart_upload(Bucket=bucket, Key=key, **parameters)["UploadId"]

    return begin


@pytest.fixture
def part(s3, bucket):
    def part(upload, number, body, key="key", **parameters):
        sent = s3.upload_part(Bucket=bucket, Key=key, UploadId=upload, PartNumber=number, Body=body, **parameters)
        return {"PartNumber": number, "ETag": sent["ETag"], **{k: v for k, v in sent.items() if k.startswith("Checksum")}}

    return part


@pytest.fixture
def complete(s3, bucket):
    def complete(upload, *parts, key="key", **parameters):
        return s3.complete_multipart_upload(Bucket=bucket, Key=key, UploadId=upload, MultipartUpload={"Parts": list(parts)}, **parameters)

    return complete


def plain(part):
    return {name: part[name] for name in ["PartNumber", "ETag"]}


def test_an_object(s3, bucket, begin, part, complete):
    upload = begin(ContentType="x/y", Metadata={"k": "v"}, Tagging="a=b", StorageClass="STANDARD_IA")
    parts = [part(upload, 2, LARGE), part(upload, 5, b"end")]
    part(upload, 9, b"not named in the end")
    made = complete(upload, *map(plain, parts))
    digests = hashlib.md5(LARGE).digest() + hashlib.md5(b"end").digest()
    assert made["ETag"] == f'"{hashlib.md5(digests).hexdigest()}-2"'
    assert made["Location"] == f"https://{bucket}.s3.us-east-1.amazonaws.com/key"
    assert made["ChecksumType"] == "FULL_OBJECT" and "ChecksumCRC64NVME" in made
    got = s3.get_object(Bucket=bucket, Key="key")
    assert got["Body"].read() == LARGE + b"end"
    assert (got["ContentType"], got["Metadata"], got["TagCount"], got["StorageClass"]) == ("x/y", {"k": "v"}, 1, "STANDARD_IA")
    across = s3.get_object(Bucket=bucket, Key="key", Range=f"bytes={len(LARGE) - 10}-{len(LARGE) + 1}")
    assert across["Body"].read() == LARGE[-10:] + b"en"
    second = s3.get_object(Bucket=bucket, Key="key", PartNumber=2)
    assert (second["Body"].read(), second["PartsCount"]) == (b"end", 2)
    assert second["ContentRange"] == f"bytes {len(LARGE)}-{len(LARGE) + 2}/{len(LARGE) + 3}"
    copied = s3.copy_object(Bucket=bucket, Key="copy", CopySource=f"{bucket}/key")
    assert copied["CopyObjectResult"]["ETag"] == f'"{hashlib.md5(LARGE + b"end").hexdigest()}"'
    assert copied["CopyObjectResult"]["ChecksumCRC64NVME"] == made["ChecksumCRC64NVME"]


@pytest.mark.parametrize(("algorithm", "kind"), [("CRC32", None), ("CRC32", "FULL_OBJECT"), ("SHA256", None), ("SHA1", None)])
def test_checksums(s3, bucket, begin, part, complete, fails, algorithm, kind):
    extra = {"ChecksumType": kind} if kind else {}
    upload = begin(ChecksumAlgorithm=algorithm, **extra)
    parts = [part(upload, 1, LARGE, ChecksumAlgorithm=algorithm), part(upload, 2, b"end", ChecksumAlgorithm=algorithm)]
    if not kind:
        with pytest.raises(Exception, match="must include the checksum for each part"):
            complete(upload, *map(plain, parts))
    made = complete(upload, *parts)
    value = made[f"Checksum{algorithm}"]
    assert made["ChecksumType"] == (kind or "COMPOSITE")
    assert value.endswith("-2") == (kind is None)
    if kind:
        import zlib

        assert value == base64.b64encode(zlib.crc32(LARGE + b"end").to_bytes(4, "big")).decode()
    assert s3.get_object(Bucket=bucket, Key="key")["Body"].read() == LARGE + b"end"


def test_boto3_and_the_cli(s3, account, bucket, tmp_path):
    body = LARGE * 4
    config = TransferConfig(multipart_threshold=8 * MIB, multipart_chunksize=8 * MIB)
    s3.upload_fileobj(io.BytesIO(body), bucket, "by boto3", Config=config)
    found = io.BytesIO()
    s3.download_fileobj(bucket, "by boto3", found, Config=config)
    assert found.getvalue() == body
    (tmp_path / "file").write_bytes(body)
    account.aws("s3", "cp", tmp_path / "file", f"s3://{bucket}/by-cli", check=False)
    assert s3.head_object(Bucket=bucket, Key="by-cli")["ETag"].endswith('-3"')
    account.aws("s3", "cp", f"s3://{bucket}/by-cli", tmp_path / "back", check=False)
    assert (tmp_path / "back").read_bytes() == body


def test_lists(s3, bucket, begin, part):
    first, second = begin(), begin()
    begin("other")
    part(first, 1, b"a")
    part(first, 3, b"bb")
    listed = s3.list_parts(Bucket=bucket, Key="key", UploadId=first)
    assert [(p["PartNumber"], p["Size"]) for p in listed["Parts"]] == [(1, 1), (3, 2)]
    assert (listed["IsTruncated"], listed["NextPartNumberMarker"], listed["PartNumberMarker"]) == (False, 3, 0)
    assert listed["Initiator"]["ID"] == listed["Owner"]["ID"]
    page = s3.list_parts(Bucket=bucket, Key="key", UploadId=first, MaxParts=1)
    assert (page["IsTruncated"], page["NextPartNumberMarker"]) == (True, 1)
    page = s3.list_parts(Bucket=bucket, Key="key", UploadId=first, PartNumberMarker=1)
    assert [p["PartNumber"] for p in page["Parts"]] == [3]
    uploads = s3.list_multipart_uploads(Bucket=bucket)
    shown = [(u["Key"], u["UploadId"]) for u in uploads["Uploads"]]
    assert sorted(shown[:2]) == sorted([("key", first), ("key", second)])
    assert len(shown) == 3 and not uploads["IsTruncated"]
    found = []
    for page in s3.get_paginator("list_multipart_uploads").paginate(Bucket=bucket, PaginationConfig={"PageSize": 1}):
        found += [u["UploadId"] for u in page.get("Uploads", [])]
    assert found == [u["UploadId"] for u in uploads["Uploads"]]
    assert [u["Key"] for u in s3.list_multipart_uploads(Bucket=bucket, Prefix="o")["Uploads"]] == ["other"]
    begin("dir/a")
    begin("dir/b")
    folders = s3.list_multipart_uploads(Bucket=bucket, Delimiter="/")
    assert [p["Prefix"] for p in folders["CommonPrefixes"]] == ["dir/"]


def test_aborted(s3, bucket, begin, part, complete, fails):
    upload = begin()
    sent = part(upload, 1, b"x")
    s3.abort_multipart_upload(Bucket=bucket, Key="key", UploadId=upload)
    for call in [
        lambda: s3.abort_multipart_upload(Bucket=bucket, Key="key", UploadId=upload),
        lambda: s3.list_parts(Bucket=bucket, Key="key", UploadId=upload),
        lambda: part(upload, 1, b"x"),
        lambda: complete(upload, sent),
        lambda: s3.list_parts(Bucket=bucket, Key="key", UploadId="fakeid"),
    ]:
        error = fails(call)
        assert (error["Code"], error["Status"]) == ("NoSuchUpload", 404)
    s3.delete_bucket(Bucket=bucket)


def test_refused(s3, bucket, begin, part, complete, fails):
    upload = begin()
    one, two = part(upload, 1, b"1"), part(upload, 2, b"2")
    end = lambda *parts, **more: fails(lambda: complete(upload, *map(plain, parts), **more))
    error = end(one, two)
    assert (error["Code"], error["PartNumber"], error["ProposedSize"], error["MinSizeAllowed"]) == ("EntityTooSmall", "1", "1", "5242880")
    assert end(two, one)["Code"] == "InvalidPartOrder"
    error = end({"PartNumber": 3, "ETag": one["ETag"]})
    assert (error["Code"], error["PartNumber"], error["ETag"]) == ("InvalidPart", "3", one["ETag"].strip('"'))
    assert end({**one, "ETag": two["ETag"]})["Code"] == "InvalidPart"
    assert end()["Message"] == "You must specify at least one part"
    assert end(one, MpuObjectSize=5)["Message"].endswith("value 5 does not match what was computed: 1")
    assert "null checksum mode" in end(one, ChecksumType="FULL_OBJECT")["Message"]
    error = fails(lambda: part(upload, 10001, b"x"))
    assert (error["Code"], error["ArgumentValue"]) == ("InvalidArgument", "10001")
    error = fails(begin, ChecksumAlgorithm="SHA1", ChecksumType="FULL_OBJECT")
    assert error["Message"] == "The FULL_OBJECT checksum type cannot be used with the sha1 checksum algorithm."
    upload = begin(ChecksumAlgorithm="SHA256")
    error = fails(lambda: part(upload, 1, b"x", ChecksumAlgorithm="SHA1"))
    assert "expected checksum Type: sha256, actual checksum Type: sha1" in error["Message"]


def test_conditions(s3, bucket, put, begin, part, complete, fails):
    made = put("key", b"old")
    upload = begin()
    sent = plain(part(upload, 1, b"new"))
    error = fails(lambda: complete(upload, sent, IfNoneMatch="*"))
    assert (error["Code"], error["Condition"]) == ("PreconditionFailed", "If-None-Match")
    newer = put("key", b"newer")
    error = fails(lambda: complete(upload, sent, IfMatch=newer["ETag"]))
    assert (error["Code"], error["Status"]) == ("ConditionalRequestConflict", 409)
    complete(upload, sent)
    assert s3.get_object(Bucket=bucket, Key="key")["Body"].read() == b"new"


def test_parts_that_are_copied(s3, bucket, put, begin, complete, fails):
    put("source", LARGE)
    upload = begin()
    copy = lambda number, **more: s3.upload_part_copy(Bucket=bucket, Key="key", UploadId=upload, PartNumber=number, CopySource=f"{bucket}/source", **more)
    parts = []
    for number, more in [(1, {}), (2, {"CopySourceRange": "bytes=10-19"})]:
        result = copy(number, **more)["CopyPartResult"]
        parts.append({"PartNumber": number, "ETag": result["ETag"]})
    assert parts[1]["ETag"] == f'"{hashlib.md5(LARGE[10:20]).hexdigest()}"'
    complete(upload, *parts)
    assert s3.get_object(Bucket=bucket, Key="key")["Body"].read() == LARGE + LARGE[10:20]
    upload = begin()
    assert fails(copy, number=1, CopySourceRange="0-8")["ArgumentValue"] == "0-8"
    assert "not valid for source object of size" in fails(copy, number=1, CopySourceRange="bytes=0-99999999")["Message"]


def test_denied(denied, bucket, put, begin):
    put("source", b"x")
    upload = begin()
    key, one = {"Bucket": bucket, "Key": "key"}, {"UploadId": upload, "PartNumber": 1}
    denied("create_multipart_upload", "s3:PutObject", f"{bucket}/key", **key)
    denied("upload_part", "s3:PutObject", f"{bucket}/key", **key, **one, Body=b"x")
    denied("upload_part_copy", "s3:GetObject", f"{bucket}/source", **key, **one, CopySource=f"{bucket}/source")
    denied("complete_multipart_upload", "s3:PutObject", f"{bucket}/key", **key, UploadId=upload)
    denied("abort_multipart_upload", "s3:AbortMultipartUpload", f"{bucket}/key", **key, UploadId=upload)
    denied("list_parts", "s3:ListMultipartUploadParts", f"{bucket}/key", **key, UploadId=upload)
    denied("list_multipart_uploads", "s3:ListBucketMultipartUploads", bucket, Bucket=bucket)
