def tags(**pairs):
    return {"TagSet": [{"Key": key, "Value": value} for key, value in pairs.items()]}


def test_buckets(s3, bucket, fails):
    get = lambda: s3.get_bucket_tagging(Bucket=bucket)
    error = fails(get)
    assert (error["Code"], error["BucketName"], error["Status"]) == ("NoSuchTagSet", bucket, 404)
    s3.put_bucket_tagging(Bucket=bucket, Tagging=tags(tag1="tag1", tag2=""))
    assert get()["TagSet"] == tags(tag1="tag1", tag2="")["TagSet"]
    s3.put_bucket_tagging(Bucket=bucket, Tagging=tags(tag3="tag3"))
    assert get()["TagSet"] == tags(tag3="tag3")["TagSet"]
    s3.delete_bucket_tagging(Bucket=bucket)
    assert fails(get)["Code"] == "NoSuchTagSet"


def test_from_the_beginning(s3, new_bucket):
    name = new_bucket(CreateBucketConfiguration={"Tags": [{"Key": "tag1", "Value": "value1"}]})
    assert s3.get_bucket_tagging(Bucket=name)["TagSet"] == [{"Key": "tag1", "Value": "value1"}]


def test_objects(s3, bucket, put, fails):
    put("key", b"x", Tagging="a=b&c")
    at = {"Bucket": bucket, "Key": "key"}
    assert s3.get_object_tagging(**at)["TagSet"] == tags(a="b", c="")["TagSet"]
    assert s3.head_object(**at)["TagCount"] == 2
    s3.put_object_tagging(**at, Tagging=tags(d="e"))
    assert s3.get_object_tagging(**at)["TagSet"] == tags(d="e")["TagSet"]
    s3.copy_object(Bucket=bucket, Key="copy", CopySource=f"{bucket}/key")
    assert s3.get_object_tagging(Bucket=bucket, Key="copy")["TagSet"] == tags(d="e")["TagSet"]
    s3.delete_object_tagging(**at)
    assert s3.get_object_tagging(**at)["TagSet"] == []
    assert "TagCount" not in s3.head_object(**at)
    put("key", b"y")
    assert s3.get_object(**at)["Body"].read() == b"y"


def test_versions(s3, versioned, put, fails):
    first = put("key", b"1", Tagging="n=1")["VersionId"]
    put("key", b"2")
    at = {"Bucket": versioned, "Key": "key"}
    assert s3.get_object_tagging(**at)["TagSet"] == []
    assert s3.get_object_tagging(**at, VersionId=first)["TagSet"] == tags(n="1")["TagSet"]
    assert s3.put_object_tagging(**at, VersionId=first, Tagging=tags(n="2"))["VersionId"] == first
    assert s3.get_object_tagging(**at, VersionId=first)["TagSet"] == tags(n="2")["TagSet"]


def test_bad_input(s3, bucket, put, fails):
    error = fails(put, key="k", Tagging="key1=val1&key1=val2")
    assert (error["Code"], error["ArgumentName"]) == ("InvalidArgument", "x-amz-tagging")
    put("k", b"x")
    many = tags(**{f"k{number}": "v" for number in range(11)})
    assert fails(s3.put_object_tagging, Bucket=bucket, Key="k", Tagging=many)["Code"] == "BadRequest"
    for wrong in [tags(**{"aws:x": "1"}), tags(**{"a,b": "1"}), tags(a="b,c")]:
        assert fails(s3.put_bucket_tagging, Bucket=bucket, Tagging=wrong)["Code"] == "InvalidTag"
    assert fails(s3.get_object_tagging, Bucket=bucket, Key="none")["Code"] == "NoSuchKey"
    assert fails(s3.get_bucket_tagging, Bucket="nobody-has-this-bucket")["Code"] == "NoSuchBucket"


def test_tags_decide(user, document, bucket, put, fails):
    """Attribute-based access: objects with one tag, for those with the same."""
    put("mine", b"x", Tagging="team=blue")
    put("yours", b"x", Tagging="team=red")
    policy = document("Allow", "s3:GetObject", "*", Condition={"StringEquals": {"s3:ExistingObjectTag/team": "blue"}})
    blue = user("blue", policy)("s3")
    assert blue.get_object(Bucket=bucket, Key="mine")["Body"].read() == b"x"
    assert fails(blue.get_object, Bucket=bucket, Key="yours")["Code"] == "AccessDenied"


def test_denied(denied, user, document, bucket, put, fails):
    put("key", b"x")
    at = {"Bucket": bucket, "Key": "key"}
    denied("get_bucket_tagging", "s3:GetBucketTagging", bucket, Bucket=bucket)
    denied("put_bucket_tagging", "s3:PutBucketTagging", bucket, Bucket=bucket, Tagging=tags(a="b"))
    denied("delete_bucket_tagging", "s3:PutBucketTagging", bucket, Bucket=bucket)
    denied("get_object_tagging", "s3:GetObjectTagging", f"{bucket}/key", **at)
    denied("put_object_tagging", "s3:PutObjectTagging", f"{bucket}/key", **at, Tagging=tags(a="b"))
    denied("delete_object_tagging", "s3:DeleteObjectTagging", f"{bucket}/key", **at)
    writer = user("writer", document("Allow", "s3:PutObject", "*"))("s3")
    error = fails(writer.put_object, **at, Body=b"x", Tagging="a=b")
    assert error["Code"] == "AccessDenied" and "s3:PutObjectTagging" in error["Message"]
