def test_gone(s3, bucket, fails):
    s3.delete_bucket(Bucket=bucket)
    assert fails(s3.list_objects_v2, Bucket=bucket)["Code"] == "NoSuchBucket"
    s3.create_bucket(Bucket=bucket)
    assert s3.list_objects_v2(Bucket=bucket)["KeyCount"] == 0


def test_not_empty(s3, versioned, put, fails):
    put("key")
    s3.delete_object(Bucket=versioned, Key="key")
    error = fails(s3.delete_bucket, Bucket=versioned)
    assert (error["Code"], error["Status"], error["BucketName"]) == ("BucketNotEmpty", 409, versioned)


def test_missing(s3, fails):
    error = fails(s3.delete_bucket, Bucket="nobody-has-this-bucket")
    assert (error["Code"], error["Message"]) == ("NoSuchBucket", "The specified bucket does not exist")


def test_denied(denied, bucket):
    denied("delete_bucket", "s3:DeleteBucket", bucket, Bucket=bucket)
