import pytest


def test_all_of_it(s3, bucket, new_bucket, put):
    put("a b/ü", b"body", ContentType="x/y", Metadata={"k": "v"}, CacheControl="none", StorageClass="STANDARD_IA")
    other = new_bucket()
    copied = s3.copy_object(Bucket=other, Key="copy", CopySource={"Bucket": bucket, "Key": "a b/ü"})
    result = copied["CopyObjectResult"]
    assert result["ETag"] == '"841a2d689ad86bd1611447453c22c6fc"'
    assert result["ChecksumType"] == "FULL_OBJECT" and "ChecksumCRC32" in result
    got = s3.get_object(Bucket=other, Key="copy")
    assert got["Body"].read() == b"body"
    assert (got["ContentType"], got["Metadata"], got["CacheControl"]) == ("x/y", {"k": "v"}, "none")
    assert "StorageClass" not in got


def test_replaced(s3, bucket, put, fails):
    put("key", b"body", ContentType="x/y", Metadata={"k": "v"})
    source = {"Bucket": bucket, "Key": "key"}
    error = fails(s3.copy_object, Bucket=bucket, Key="key", CopySource=source)
    assert error["Code"] == "InvalidRequest" and "to itself" in error["Message"]
    s3.copy_object(Bucket=bucket, Key="key", CopySource=source, MetadataDirective="REPLACE", Metadata={"l": "w"}, ContentType="a/b")
    got = s3.head_object(Bucket=bucket, Key="key")
    assert (got["ContentType"], got["Metadata"]) == ("a/b", {"l": "w"})


def test_versions(s3, versioned, put, fails):
    first = put("key", b"1")["VersionId"]
    put("key", b"2")
    copied = s3.copy_object(Bucket=versioned, Key="key", CopySource={"Bucket": versioned, "Key": "key", "VersionId": first})
    assert copied["CopySourceVersionId"] == first
    assert s3.get_object(Bucket=versioned, Key="key")["VersionId"] == copied["VersionId"]
    assert s3.get_object(Bucket=versioned, Key="key")["Body"].read() == b"1"
    marker = s3.delete_object(Bucket=versioned, Key="key")["VersionId"]
    source = {"Bucket": versioned, "Key": "key", "VersionId": marker}
    assert "delete marker" in fails(s3.copy_object, Bucket=versioned, Key="x", CopySource=source)["Message"]


@pytest.mark.parametrize(
    ("condition", "name"),
    [({"CopySourceIfMatch": "x"}, "x-amz-copy-source-If-Match"), ({"CopySourceIfNoneMatch": "*"}, "x-amz-copy-source-If-None-Match")],
)
def test_conditions(s3, bucket, put, fails, condition, name):
    put("key", b"x")
    error = fails(s3.copy_object, Bucket=bucket, Key="copy", CopySource=f"{bucket}/key", **condition)
    assert (error["Code"], error["Condition"], error["Status"]) == ("PreconditionFailed", name, 412)


def test_bad_input(s3, bucket, put, fails):
    put("key", b"x")
    assert fails(s3.copy_object, Bucket=bucket, Key="c", CopySource=f"{bucket}/none")["Code"] == "NoSuchKey"
    assert fails(s3.copy_object, Bucket=bucket, Key="c", CopySource="nobody-has-this-bucket/k")["Code"] == "NoSuchBucket"
    assert fails(s3.copy_object, Bucket=bucket, Key="c", CopySource=bucket)["Code"] == "InvalidArgument"
    error = fails(s3.copy_object, Bucket=bucket, Key="c", CopySource=f"{bucket}/key", MetadataDirective="MOVE")
    assert error["Message"] == "Unknown metadata directive."


def test_denied(denied, user, document, bucket, put, fails):
    put("key", b"x")
    source = f"{bucket}/key"
    denied("copy_object", "s3:GetObject", source, Bucket=bucket, Key="copy", CopySource=source)
    reader = user("reader", document("Allow", "s3:GetObject", "*"))("s3")
    error = fails(reader.copy_object, Bucket=bucket, Key="copy", CopySource=source)
    assert error["Code"] == "AccessDenied" and "s3:PutObject" in error["Message"]
