def test_pages(s3, new_bucket):
    names = sorted(new_bucket() for _ in range(3))
    first = s3.list_buckets(MaxBuckets=2)
    assert [bucket["Name"] for bucket in first["Buckets"]] == names[:2]
    assert first["Buckets"][0]["BucketRegion"] == "us-east-1"
    rest = s3.list_buckets(ContinuationToken=first["ContinuationToken"])
    assert [bucket["Name"] for bucket in rest["Buckets"]] == names[2:]
    assert "ContinuationToken" not in rest
    assert len(first["Owner"]["ID"]) == 64
    found = s3.list_buckets(Prefix=names[1], BucketRegion="us-east-1")
    assert [bucket["Name"] for bucket in found["Buckets"]] == [names[1]]
    assert s3.list_buckets(BucketRegion="eu-west-1")["Buckets"] == []


def test_cli(account, bucket):
    assert account.aws("s3api", "list-buckets")["Buckets"][0]["Name"] == bucket
    assert bucket in account.cloud.aws("s3", "ls", environment={"AWS_ACCESS_KEY_ID": account.id}, check=False).stdout


def test_bad_token(s3, fails):
    error = fails(s3.list_buckets, ContinuationToken="???")
    assert (error["Code"], error["ArgumentName"]) == ("InvalidArgument", "continuation-token")
    error = fails(s3.list_buckets, MaxBuckets=10_001)
    assert error["Code"] == "InvalidArgument"


def test_denied(denied):
    denied("list_buckets", "s3:ListAllMyBuckets", None)
