import uuid

import pytest


def test_where_it_is(s3, account, new_bucket):
    name = f"b-{uuid.uuid4()}"
    made = s3.create_bucket(Bucket=name)
    assert (made["Location"], made["BucketArn"]) == (f"/{name}", f"arn:aws:s3:::{name}")
    other = f"b-{uuid.uuid4()}"
    made = s3.create_bucket(Bucket=other, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    assert made["Location"] == f"http://{other}.s3.amazonaws.com/"
    assert account.client("s3", region="eu-west-1").head_bucket(Bucket=other)["BucketRegion"] == "eu-west-1"


def test_names_are_everybodys(s3, account, cloud, bucket, fails):
    s3.create_bucket(Bucket=bucket)
    stranger = cloud.client("s3", access_key_id="999999999999")
    error = fails(stranger.create_bucket, Bucket=bucket)
    assert (error["Code"], error["Status"], error["BucketName"]) == ("BucketAlreadyExists", 409, bucket)
    london = account.client("s3", region="eu-west-2")
    where = {"LocationConstraint": "eu-west-2"}
    error = fails(london.create_bucket, Bucket=bucket, CreateBucketConfiguration=where)
    assert (error["Code"], error["Status"]) == ("BucketAlreadyOwnedByYou", 409)


@pytest.mark.parametrize("name", ["Abc", "ab", "a..b", "192.168.0.1", "xn--abc", "abc-s3alias"])
def test_names(s3, fails, name):
    s3.meta.events.unregister("before-parameter-build.s3", unique_id=None)
    error = fails(s3.create_bucket, Bucket=name)
    assert (error["Code"], error["Status"]) == ("InvalidBucketName", 400)


def test_regions(account, s3, fails):
    name = f"b-{uuid.uuid4()}"
    paris = account.client("s3", region="eu-west-3")
    assert fails(paris.create_bucket, Bucket=name)["Code"] == "IllegalLocationConstraintException"
    for constraint in ["us-east-1-foo", "aws-global"]:
        where = {"LocationConstraint": constraint}
        error = fails(s3.create_bucket, Bucket=name, CreateBucketConfiguration=where)
        assert (error["Code"], error["LocationConstraint"]) == ("InvalidLocationConstraint", constraint)


def test_denied(denied):
    denied("create_bucket", "s3:CreateBucket", "made-by-nobody", Bucket="made-by-nobody")
