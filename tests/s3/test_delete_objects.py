def objects(*keys):
    return {"Objects": [{"Key": key} for key in keys]}


def test_many(s3, bucket, put):
    for key in ["a", "b", "c"]:
        put(key, b"x")
    answer = s3.delete_objects(Bucket=bucket, Delete=objects("a", "b", "none"))
    assert answer["Deleted"] == [{"Key": "a"}, {"Key": "b"}, {"Key": "none"}]
    assert [entry["Key"] for entry in s3.list_objects_v2(Bucket=bucket)["Contents"]] == ["c"]
    quiet = s3.delete_objects(Bucket=bucket, Delete={**objects("c"), "Quiet": True})
    assert "Deleted" not in quiet and "Errors" not in quiet


def test_versions(s3, versioned, put):
    version = put("key", b"x")["VersionId"]
    (marker,) = s3.delete_objects(Bucket=versioned, Delete=objects("key"))["Deleted"]
    assert marker["DeleteMarker"] is True and "VersionId" not in marker
    named = {"Objects": [{"Key": "key", "VersionId": marker["DeleteMarkerVersionId"]}, {"Key": "key", "VersionId": version}]}
    removed = s3.delete_objects(Bucket=versioned, Delete=named)["Deleted"]
    assert removed[0] == {
        "Key": "key",
        "VersionId": marker["DeleteMarkerVersionId"],
        "DeleteMarker": True,
        "DeleteMarkerVersionId": marker["DeleteMarkerVersionId"],
    }
    assert removed[1] == {"Key": "key", "VersionId": version}


def test_the_console_of_the_cli(account, s3, bucket, put):
    for number in range(5):
        put(f"folder/{number}", b"x")
    account.aws("s3", "rm", f"s3://{bucket}/folder", "--recursive", check=False)
    assert s3.list_objects_v2(Bucket=bucket)["KeyCount"] == 0


def test_bad_input(s3, bucket, fails):
    many = objects(*[str(number) for number in range(1001)])
    assert fails(s3.delete_objects, Bucket=bucket, Delete=many)["Code"] == "MalformedXML"
    error = fails(s3.delete_objects, Bucket="nobody-has-this-bucket", Delete=objects("a"))
    assert error["Code"] == "NoSuchBucket"


def test_denied(user, document, bucket, put, s3):
    """Each key is decided for itself; the answer as a whole is no refusal."""
    put("mine/a", b"x")
    put("yours/a", b"x")
    own = user("own", document("Allow", "s3:DeleteObject", f"arn:aws:s3:::{bucket}/mine/*"))("s3")
    answer = own.delete_objects(Bucket=bucket, Delete=objects("mine/a", "yours/a"))
    assert answer["Deleted"] == [{"Key": "mine/a"}]
    (error,) = answer["Errors"]
    assert (error["Key"], error["Code"]) == ("yours/a", "AccessDenied")
    assert [entry["Key"] for entry in s3.list_objects_v2(Bucket=bucket)["Contents"]] == ["yours/a"]
