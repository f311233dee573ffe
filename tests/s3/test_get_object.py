import datetime
import hashlib
import time

import pytest


@pytest.fixture
def get(s3, bucket):
    def get(key="key", **parameters):
        return s3.get_object(Bucket=bucket, Key=key, **parameters)

    return get


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("bytes=0-8", (206, b"012345678", "bytes 0-8/10")),
        ("bytes=-2", (206, b"89", "bytes 8-9/10")),
        ("bytes=1-", (206, b"123456789", "bytes 1-9/10")),
        ("bytes=0-100", (206, b"0123456789", "bytes 0-9/10")),
        ("bytes=0-1,3-4", (200, b"0123456789", None)),
        ("0-8", (200, b"0123456789", None)),
    ],
)
def test_ranges(put, get, header, expected):
    put("key", b"0123456789")
    got = get(Range=header)
    status, body, content_range = expected
    assert got["ResponseMetadata"]["HTTPStatusCode"] == status
    assert (got["Body"].read(), got.get("ContentRange"), got["ContentLength"]) == (body, content_range, len(body))


def test_ranges_of_many_chunks(put, get):
    body = bytes(i * 31 % 251 for i in range(400_000))
    put("key", body)
    for start, end in [(0, 0), (65535, 65536), (65536, 131071), (100_000, 399_999), (399_999, 399_999)]:
        assert get(Range=f"bytes={start}-{end}")["Body"].read() == body[start : end + 1]


def test_range_beyond(put, get, fails):
    put("key", b"0123456789")
    error = fails(get, Range="bytes=100-200")
    assert (error["Code"], error["Status"]) == ("InvalidRange", 416)
    assert (error["ActualObjectSize"], error["RangeRequested"]) == ("10", "bytes=100-200")


def test_conditions(put, get, fails):
    etag = put("key", b"x")["ETag"]
    modified = get()["LastModified"]
    before, later = modified - datetime.timedelta(hours=1), modified + datetime.timedelta(hours=1)
    assert get(IfMatch=etag, IfUnmodifiedSince=modified)["Body"].read() == b"x"
    error = fails(get, IfMatch='"other"')
    assert (error["Code"], error["Condition"], error["Status"]) == ("PreconditionFailed", "If-Match", 412)
    assert fails(get, IfNoneMatch=etag)["Status"] == 304
    assert fails(get, IfNoneMatch=etag.strip('"'))["Status"] == 304
    assert fails(get, IfModifiedSince=modified)["Status"] == 304
    assert fails(get, IfUnmodifiedSince=before)["Condition"] == "If-Unmodified-Since"
    assert get(IfModifiedSince=later)["Body"].read() == b"x"


def test_overrides(put, get):
    put("key", b"x", ContentType="a/b")
    got = get(ResponseContentType="c/d", ResponseContentDisposition="attachment", ResponseCacheControl="none")
    assert (got["ContentType"], got["ContentDisposition"], got["CacheControl"]) == ("c/d", "attachment", "none")


@pytest.mark.parametrize("key", ["a/b//c", "/lead", "ends/", "a b+c%2F", "ünïcødé/😀", "..", "a/../b", "?x=y&z", "~!@#$^&*()=:;"])
def test_keys(put, get, s3, bucket, key):
    put(key, key.encode())
    assert get(key)["Body"].read() == key.encode()
    assert [entry["Key"] for entry in s3.list_objects_v2(Bucket=bucket)["Contents"]] == [key]


def test_missing(get, s3, fails):
    error = fails(get, key="none")
    assert (error["Code"], error["Key"], error["Status"]) == ("NoSuchKey", "none", 404)
    assert fails(s3.get_object, Bucket="nobody-has-this-bucket", Key="k")["Code"] == "NoSuchBucket"


def test_versions(s3, versioned, put, get, fails):
    first, second = put("key", b"1")["VersionId"], put("key", b"2")["VersionId"]
    assert get()["VersionId"] == second
    assert get(VersionId=first)["Body"].read() == b"1"
    marker = s3.delete_object(Bucket=versioned, Key="key")["VersionId"]
    error = fails(get)
    assert error["Code"] == "NoSuchKey"
    error = fails(get, VersionId=marker)
    assert (error["Code"], error["Method"], error["ResourceType"]) == ("MethodNotAllowed", "GET", "DeleteMarker")
    s3.delete_object(Bucket=versioned, Key="key", VersionId=first)
    error = fails(get, VersionId=first)
    assert (error["Code"], error["VersionId"]) == ("NoSuchVersion", first)
    error = fails(get, VersionId="HPniJFCxqTsMuIH9KX8K8wEjNUgmABCD")
    assert (error["Code"], error["ArgumentName"]) == ("InvalidArgument", "versionId")


def test_a_read_goes_on_while_the_object_is_replaced(s3, put, get, bucket):
    body = bytes(1024) * 4096
    put("key", body)
    got = get()
    read = got["Body"].read(1000)
    put("key", b"new")
    s3.delete_object(Bucket=bucket, Key="key")
    time.sleep(0.2)
    read += got["Body"].read()
    assert hashlib.md5(read).hexdigest() == hashlib.md5(body).hexdigest()


def test_large_objects_are_not_in_memory(s3, cloud, own_cloud, tmp_path):
    """What comes in and goes out is much larger than what the process may grow by."""

    def resident_mib(cloud):
        with open(f"/proc/{cloud.pid}/status") as status:
            return int(next(line for line in status if line.startswith("VmHWM")).split()[1]) // 1024

    own = own_cloud("--data-dir", tmp_path / "data")
    client = own.client("s3")
    client.create_bucket(Bucket="large")
    path = tmp_path / "large"
    with open(path, "wb") as out:
        for number in range(48):
            out.write(bytes([number]) * 2**20)
    client.put_object(Bucket="large", Key="warm", Body=b"x" * 2**20)
    before = resident_mib(own)
    with open(path, "rb") as body:
        client.put_object(Bucket="large", Key="key", Body=body)
    digest = hashlib.md5()
    got = client.get_object(Bucket="large", Key="key")
    for piece in got["Body"].iter_chunks(2**20):
        digest.update(piece)
    assert got["ETag"] == f'"{digest.hexdigest()}"'
    assert resident_mib(own) - before < 32


def test_denied(denied, bucket, put):
    put("key", b"x")
    denied("get_object", "s3:GetObject", f"{bucket}/key", Bucket=bucket, Key="key")


def test_strangers_are_not_told_what_is_there(user, document, bucket, fails, put):
    reader = user("reader", document("Allow", "s3:GetObject", "*"))("s3")
    error = fails(reader.get_object, Bucket=bucket, Key="none")
    assert error["Code"] == "AccessDenied" and "s3:ListBucket" in error["Message"]
    lister = user("lister", document("Allow", ["s3:GetObject", "s3:ListBucket"], "*"))("s3")
    assert fails(lister.get_object, Bucket=bucket, Key="none")["Code"] == "NoSuchKey"
