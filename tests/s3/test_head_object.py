def test_as_get_but_without_the_bytes(s3, bucket, put):
    put("key", b"0123456789", Metadata={"a": "b"})
    head = s3.head_object(Bucket=bucket, Key="key")
    assert (head["ContentLength"], head["Metadata"], head["AcceptRanges"]) == (10, {"a": "b"}, "bytes")
    assert "ChecksumCRC32" not in head
    part = s3.head_object(Bucket=bucket, Key="key", Range="bytes=2-4")
    assert (part["ContentLength"], part["ContentRange"]) == (3, "bytes 2-4/10")


def test_missing(s3, bucket, fails):
    error = fails(s3.head_object, Bucket=bucket, Key="none")
    assert (error["Code"], error["Message"], error["Status"]) == ("404", "Not Found", 404)


def test_conditions(s3, bucket, put, fails):
    etag = put("key", b"x")["ETag"]
    assert fails(s3.head_object, Bucket=bucket, Key="key", IfMatch='"x"')["Status"] == 412
    assert fails(s3.head_object, Bucket=bucket, Key="key", IfNoneMatch=etag)["Status"] == 304


def test_denied(nobody, bucket, put, fails):
    put("key", b"x")
    assert fails(nobody.head_object, Bucket=bucket, Key="key")["Status"] == 403  # denied
