def test_without_versions(s3, bucket, put, fails):
    put("key", b"x")
    for _ in range(2):
        deleted = s3.delete_object(Bucket=bucket, Key="key")
        assert deleted["ResponseMetadata"]["HTTPStatusCode"] == 204
        assert "DeleteMarker" not in deleted and "VersionId" not in deleted
    assert fails(s3.get_object, Bucket=bucket, Key="key")["Code"] == "NoSuchKey"


def test_with_versions(s3, versioned, put):
    version = put("key", b"x")["VersionId"]
    marker = s3.delete_object(Bucket=versioned, Key="key")
    assert marker["DeleteMarker"] is True
    undone = s3.delete_object(Bucket=versioned, Key="key", VersionId=marker["VersionId"])
    assert (undone["DeleteMarker"], undone["VersionId"]) == (True, marker["VersionId"])
    assert s3.get_object(Bucket=versioned, Key="key")["VersionId"] == version
    gone = s3.delete_object(Bucket=versioned, Key="key", VersionId=version)
    assert gone["VersionId"] == version and "DeleteMarker" not in gone
    assert "Versions" not in s3.list_object_versions(Bucket=versioned)


def test_suspended(s3, versioned, put):
    first = put("key", b"1")["VersionId"]
    s3.put_bucket_versioning(Bucket=versioned, VersioningConfiguration={"Status": "Suspended"})
    assert "VersionId" not in put("key", b"2")
    assert "VersionId" not in put("key", b"3")
    assert s3.get_object(Bucket=versioned, Key="key")["VersionId"] == "null"
    marker = s3.delete_object(Bucket=versioned, Key="key")
    assert (marker["DeleteMarker"], marker["VersionId"]) == (True, "null")
    listed = s3.list_object_versions(Bucket=versioned)
    assert [v["VersionId"] for v in listed["Versions"]] == [first]
    assert [m["VersionId"] for m in listed["DeleteMarkers"]] == ["null"]
    s3.put_bucket_versioning(Bucket=versioned, VersioningConfiguration={"Status": "Enabled"})
    put("key", b"4")
    s3.delete_object(Bucket=versioned, Key="key", VersionId="null")
    assert "DeleteMarkers" not in s3.list_object_versions(Bucket=versioned)


def test_what_was_there_before_versions(s3, bucket, put):
    put("key", b"old")
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    put("key", b"new")
    assert s3.get_object(Bucket=bucket, Key="key", VersionId="null")["Body"].read() == b"old"
    s3.delete_object(Bucket=bucket, Key="key", VersionId="null")
    assert len(s3.list_object_versions(Bucket=bucket)["Versions"]) == 1


def test_conditions(s3, bucket, put, fails):
    etag = put("key", b"x")["ETag"]
    error = fails(s3.delete_object, Bucket=bucket, Key="key", IfMatch="other")
    assert (error["Code"], error["Condition"]) == ("PreconditionFailed", "If-Match")
    error = fails(s3.delete_object, Bucket=bucket, Key="key", IfMatchSize=1)
    assert (error["Code"], error["Header"]) == ("NotImplemented", "x-amz-if-match-size")
    s3.delete_object(Bucket=bucket, Key="key", IfMatch=etag)


def test_bad_version(s3, bucket, fails):
    error = fails(s3.delete_object, Bucket=bucket, Key="key", VersionId="HPniJFCxqTsMuIH9KX8K8wEjNUgmABCD")
    assert (error["Code"], error["Message"]) == ("InvalidArgument", "Invalid version id specified")


def test_denied(denied, user, document, s3, versioned, put, fails):
    version = put("key", b"x")["VersionId"]
    denied("delete_object", "s3:DeleteObject", f"{versioned}/key", Bucket=versioned, Key="key")
    hider = user("hider", document("Allow", "s3:DeleteObject", "*"))("s3")
    error = fails(hider.delete_object, Bucket=versioned, Key="key", VersionId=version)
    assert error["Code"] == "AccessDenied" and "s3:DeleteObjectVersion" in error["Message"]
    hider.delete_object(Bucket=versioned, Key="key")
