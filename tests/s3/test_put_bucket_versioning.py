def test_states(s3, bucket, fails):
    assert "Status" not in s3.get_bucket_versioning(Bucket=bucket)
    for status in ["Suspended", "Enabled", "Suspended"]:
        s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": status})
        assert s3.get_bucket_versioning(Bucket=bucket)["Status"] == status


def test_bad_input(s3, bucket, fails):
    for status in ["enabled", "Disabled"]:
        error = fails(s3.put_bucket_versioning, Bucket=bucket, VersioningConfiguration={"Status": status})
        assert (error["Code"], error["Status"]) == ("MalformedXML", 400)
    error = fails(s3.put_bucket_versioning, Bucket=bucket, VersioningConfiguration={})
    assert error["Code"] == "IllegalVersioningConfigurationException"
    error = fails(s3.get_bucket_versioning, Bucket="nobody-has-this-bucket")
    assert error["Code"] == "NoSuchBucket"


def test_denied(denied, bucket):
    denied("get_bucket_versioning", "s3:GetBucketVersioning", bucket, Bucket=bucket)
    denied("put_bucket_versioning", "s3:PutBucketVersioning", bucket, Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
