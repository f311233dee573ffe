def test_states(s3, bucket, fails):
    everything = dict.fromkeys(["BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets"], True)
    get = lambda: s3.get_public_access_block(Bucket=bucket)["PublicAccessBlockConfiguration"]
    assert get() == everything
    s3.put_public_access_block(Bucket=bucket, PublicAccessBlockConfiguration={"BlockPublicAcls": True})
    assert get() == {**dict.fromkeys(everything, False), "BlockPublicAcls": True}
    for _ in range(2):
        s3.delete_public_access_block(Bucket=bucket)
    error = fails(get)
    assert (error["Code"], error["BucketName"], error["Status"]) == ("NoSuchPublicAccessBlockConfiguration", bucket, 404)


def test_missing(s3, fails):
    assert fails(s3.get_public_access_block, Bucket="nobody-has-this-bucket")["Code"] == "NoSuchBucket"


def test_denied(denied, bucket):
    denied("get_public_access_block", "s3:GetBucketPublicAccessBlock", bucket, Bucket=bucket)
    denied("delete_public_access_block", "s3:PutBucketPublicAccessBlock", bucket, Bucket=bucket)
    denied("put_public_access_block", "s3:PutBucketPublicAccessBlock", bucket, Bucket=bucket, PublicAccessBlockConfiguration={})
