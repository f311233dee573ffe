def test_there(s3, bucket):
    head = s3.head_bucket(Bucket=bucket)
    assert head["BucketRegion"] == "us-east-1"
    assert head["BucketArn"] == f"arn:aws:s3:::{bucket}"
    assert head["AccessPointAlias"] is False


def test_missing(s3, fails):
    error = fails(s3.head_bucket, Bucket="nobody-has-this-bucket")
    assert (error["Code"], error["Message"], error["Status"]) == ("404", "Not Found", 404)


def test_elsewhere(account, bucket, new_bucket):
    """SDKs find a bucket's region so: boto3 asks again where the first answer says that it is."""
    tokyo = account.client("s3", region="ap-northeast-1")
    assert tokyo.head_bucket(Bucket=bucket)["BucketRegion"] == "us-east-1"


def test_denied(nobody, bucket, fails):
    error = fails(nobody.head_bucket, Bucket=bucket)  # denied
    assert (error["Code"], error["Status"]) == ("403", 403)
