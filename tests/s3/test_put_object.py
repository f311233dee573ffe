import base64
import hashlib
import io
import urllib.error
import urllib.request
import zlib

import pytest
from botocore.auth import S3SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials


def test_what_is_answered(s3, bucket, put):
    made = put("key", b"test-delete")
    assert made["ETag"] == '"a9a43d6b467d3dc6514412c3a4987415"'
    assert (made["ChecksumCRC32"], made["ChecksumType"]) == ("1jy6qw==", "FULL_OBJECT")
    assert made["ServerSideEncryption"] == "AES256"
    assert "VersionId" not in made


def test_headers_come_back(s3, bucket, put):
    headers = {
        "ContentType": "text/x",
        "CacheControl": "no-cache",
        "ContentDisposition": 'attachment; filename="a b"',
        "ContentEncoding": "x-own",
        "ContentLanguage": "de",
        "Metadata": {"one": "1", "two": "2"},
    }
    put("key", b"x", StorageClass="STANDARD_IA", **headers)
    head = s3.head_object(Bucket=bucket, Key="key")
    for name, value in headers.items():
        assert head[name] == value, name
    assert head["StorageClass"] == "STANDARD_IA"
    put("key", b"x")
    head = s3.head_object(Bucket=bucket, Key="key")
    assert head["ContentType"] == "binary/octet-stream"
    assert "StorageClass" not in head and head["Metadata"] == {}


@pytest.mark.parametrize("size", [0, 1, 65536, 65537, 3 * 1024 * 1024 + 17])
def test_sizes(s3, bucket, put, size):
    body = bytes(i * 31 % 251 for i in range(size))
    made = put("key", body)
    assert made["ETag"] == f'"{hashlib.md5(body).hexdigest()}"'
    assert s3.get_object(Bucket=bucket, Key="key")["Body"].read() == body


def test_nothing_and_then_something(s3, bucket):
    """The client waits for leave to send what is empty, and would take the next answer for another."""
    for key, body in ("nothing", b""), ("something", b"x"), ("nothing", b""):
        s3.put_object(Bucket=bucket, Key=key, Body=body)
        assert s3.get_object(Bucket=bucket, Key=key)["Body"].read() == body


@pytest.mark.parametrize("algorithm", ["CRC32", "CRC32C", "CRC64NVME", "SHA1", "SHA256"])
def test_checksums(s3, bucket, put, fails, algorithm):
    import botocore.httpchecksum

    try:
        made = put("key", b"body", ChecksumAlgorithm=algorithm)
    except botocore.exceptions.MissingDependencyException:
        pytest.skip("checksums: this boto3 lacks the library for them")
    value = made[f"Checksum{algorithm}"]
    head = s3.head_object(Bucket=bucket, Key="key", ChecksumMode="ENABLED")
    assert (head[f"Checksum{algorithm}"], head["ChecksumType"]) == (value, "FULL_OBJECT")
    error = fails(put, key="key", body=b"other", **{f"Checksum{algorithm}": value})
    assert error["Code"] == "BadDigest"
    assert error["Message"] == f"The {algorithm} you specified did not match the calculated checksum."
    assert s3.get_object(Bucket=bucket, Key="key")["Body"].read() == b"body"


def test_without_any_checksum(account, bucket):
    plain = account.client("s3", request_checksum_calculation="when_required")
    made = plain.put_object(Bucket=bucket, Key="key", Body=b"test")
    assert made["ChecksumCRC64NVME"] == "+bu+zv66sUM="


def test_md5(put, fails):
    right = base64.b64encode(hashlib.md5(b"body").digest()).decode()
    put("key", b"body", ContentMD5=right)
    error = fails(put, key="key", body=b"other", ContentMD5=right)
    assert (error["Code"], error["ExpectedDigest"]) == ("BadDigest", hashlib.md5(b"body").hexdigest())
    assert error["CalculatedDigest"] == base64.b64encode(hashlib.md5(b"other").digest()).decode()
    error = fails(put, key="key", body=b"other", ContentMD5="000")
    assert (error["Code"], error["Content-MD5"]) == ("InvalidDigest", "000")


def test_streams_of_unknown_length(s3, bucket):
    """boto3 sends them in chunks with the checksum behind."""
    s3.upload_fileobj(io.BytesIO(b"x" * 200_000), bucket, "key")
    assert s3.head_object(Bucket=bucket, Key="key")["ContentLength"] == 200_000


def chunked(account, bucket, signed, trailer, spoil=None):
    """A body in `aws-chunked`, as SDKs of Java and Go send it."""
    import datetime
    import hmac

    name = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD" if signed else "STREAMING-UNSIGNED-PAYLOAD"
    name += "-TRAILER" if trailer else ""
    body = [b"a" * 70_000, b"b" * 10]
    whole = b"".join(body)
    headers = {
        "content-encoding": "aws-chunked",
        "x-amz-content-sha256": name,
        "x-amz-decoded-content-length": str(len(whole)),
    }
    if trailer:
        headers["x-amz-trailer"] = "x-amz-checksum-crc32"

    class Auth(S3SigV4Auth):
        def payload(self, request):
            return name

        def _should_sha256_sign_payload(self, request):
            return True

        def add_auth(self, request):
            super().add_auth(request)
            request.headers["x-amz-content-sha256"] = name

    request = AWSRequest("PUT", f"{account.cloud.endpoint}/{bucket}/chunked", headers=headers)
    auth = Auth(Credentials(account.id, "test"), "s3", "us-east-1")
    auth.add_auth(request)
    seed = request.headers["Authorization"].rsplit("Signature=", 1)[1]
    stamp = request.context["timestamp"]
    scope = f"{stamp[:8]}/us-east-1/s3/aws4_request"
    key = b"AWS4test"
    for part in [stamp[:8], "us-east-1", "s3", "aws4_request"]:
        key = hmac.new(key, part.encode(), hashlib.sha256).digest()

    def sign(kind, *lines):
        nonlocal seed
        text = "\n".join([kind, stamp, scope, seed, *lines])
        seed = hmac.new(key, text.encode(), hashlib.sha256).hexdigest()
        return seed

    sent = b""
    for chunk in [*body, b""]:
        sent += f"{len(chunk):x}".encode()
        if signed:
            empty = hashlib.sha256(b"").hexdigest()
            digest = hashlib.sha256(chunk).hexdigest()
            sent += f";chunk-signature={sign('AWS4-HMAC-SHA256-PAYLOAD', empty, digest)}".encode()
        sent += b"\r\n" + chunk + (b"\r\n" if chunk else b"")
    if trailer:
        crc = base64.b64encode(zlib.crc32(whole).to_bytes(4, "big")).decode()
        line = f"x-amz-checksum-crc32:{crc}"
        sent += f"{line}\r\n".encode()
        if signed:
            signature = sign("AWS4-HMAC-SHA256-TRAILER", hashlib.sha256(f"{line}\n".encode()).hexdigest())
            sent += f"x-amz-trailer-signature:{signature}\r\n".encode()
    sent += b"\r\n"
    if spoil:
        sent = sent.replace(spoil, b"c" * len(spoil), 1)
    headers = {**dict(request.headers), "content-length": str(len(sent))}
    put = urllib.request.Request(request.url, data=sent, headers=headers, method="PUT")
    return whole, urllib.request.urlopen(put)


@pytest.mark.parametrize(("signed", "trailer"), [(True, False), (True, True), (False, True)])
def test_chunks(s3, account, bucket, signed, trailer):
    whole, answer = chunked(account, bucket, signed, trailer)
    assert answer.status == 200
    got = s3.get_object(Bucket=bucket, Key="chunked")
    assert got["Body"].read() == whole
    assert "ContentEncoding" not in got


@pytest.mark.parametrize(("signed", "trailer", "code"), [(True, False, "SignatureDoesNotMatch"), (False, True, "BadDigest")])
def test_spoilt_chunks(s3, account, bucket, fails, signed, trailer, code):
    with pytest.raises(urllib.error.HTTPError) as error:
        chunked(account, bucket, signed, trailer, spoil=b"bbbbb")
    assert f"<Code>{code}</Code>" in error.value.read().decode()
    assert fails(s3.get_object, Bucket=bucket, Key="chunked")["Code"] == "NoSuchKey"


def test_conditions(s3, bucket, put, fails):
    made = put("key", b"1", IfNoneMatch="*")
    error = fails(put, key="key", body=b"2", IfNoneMatch="*")
    assert (error["Code"], error["Condition"], error["Status"]) == ("PreconditionFailed", "If-None-Match", 412)
    put("key", b"2", IfMatch=made["ETag"])
    error = fails(put, key="key", body=b"3", IfMatch=made["ETag"])
    assert (error["Code"], error["Condition"]) == ("PreconditionFailed", "If-Match")
    assert fails(put, key="other", body=b"3", IfMatch=made["ETag"])["Code"] == "NoSuchKey"
    error = fails(put, key="key", body=b"3", IfMatch="*")
    assert (error["Code"], error["Status"], error["Header"]) == ("NotImplemented", 501, "If-Match")


def test_bad_input(s3, put, fails):
    error = fails(put, key="k" * 1025)
    assert (error["Code"], error["MaxSizeAllowed"], error["Size"]) == ("KeyTooLongError", "1024", "1025")
    put("k" * 1024)
    assert fails(put, key="k", Metadata={"a": "x" * 2048})["Code"] == "MetadataTooLarge"
    assert fails(put, key="k", StorageClass="OUTPOSTS")["Code"] == "InvalidStorageClass"
    assert fails(put, key="k", ACL="public-read")["Code"] == "AccessControlListNotSupported"
    put("k", ACL="bucket-owner-full-control")
    assert fails(s3.put_object, Bucket="nobody-has-this-bucket", Key="k")["Code"] == "NoSuchBucket"
    error = fails(put, key="k", ServerSideEncryption="AES512")
    assert (error["Code"], error["ArgumentName"]) == ("InvalidArgument", "x-amz-server-side-encryption")


def test_too_large_is_refused_before_it_is_sent(account, bucket):
    """Nobody sends five gigabytes to learn that they are too many."""
    import socket

    request = AWSRequest("PUT", f"{account.cloud.endpoint}/{bucket}/k", headers={"x-amz-content-sha256": "UNSIGNED-PAYLOAD"})
    request.context["payload_signing_enabled"] = False
    S3SigV4Auth(Credentials(account.id, "test"), "s3", "us-east-1").add_auth(request)
    request.headers.replace_header("x-amz-content-sha256", request.headers["x-amz-content-sha256"])
    lines = [f"PUT /{bucket}/k HTTP/1.1", f"host: 127.0.0.1:{account.cloud.port}", f"content-length: {5 * 2**30 + 1}", "expect: 100-continue"]
    host = account.cloud.endpoint.split("//")[1]
    lines[1] = f"host: {host}"
    lines += [f"{name}: {value}" for name, value in request.headers.items()]
    with socket.create_connection(("127.0.0.1", account.cloud.port)) as connection:
        connection.sendall("\r\n".join([*lines, "", ""]).encode())
        answer = connection.recv(65536).decode()
    assert answer.startswith("HTTP/1.1 400") and "<Code>EntityTooLarge</Code>" in answer


def test_other_owners(account, put, fails):
    put("k", ExpectedBucketOwner=account.id)
    assert fails(put, key="k", ExpectedBucketOwner="999999999999")["Code"] == "AccessDenied"
    assert fails(put, key="k", ExpectedBucketOwner="abcd")["Code"] == "InvalidBucketOwnerAWSAccountID"


def test_denied(denied, bucket):
    denied("put_object", "s3:PutObject", f"{bucket}/key", Bucket=bucket, Key="key", Body=b"x")


def test_a_connection_is_of_use_after_a_refusal(s3, bucket, put, fails):
    """Clients that wait to be told to go on are not told to; the answer says that the connection ends."""
    for _ in range(3):
        assert fails(put, key="k", body=b"x" * 100_000, StorageClass="OUTPOSTS")["Code"] == "InvalidStorageClass"
        put("k", b"x" * 100_000)
