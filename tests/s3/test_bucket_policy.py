"""Bucket policies: put, got, deleted, and what they decide."""

import json
import urllib.error
import urllib.request

import pytest


@pytest.fixture
def stranger(cloud):
    """The root user of another account, and its number."""
    import random

    number = f"{random.SystemRandom().randrange(10**11, 10**12)}"
    client = cloud.client("s3", access_key_id=number)
    client.account = number
    return client


def allow(bucket, principal, action="s3:GetObject", resource="/*", effect="Allow", **condition):
    statement = {"Effect": effect, "Principal": principal, "Action": action, "Resource": f"arn:aws:s3:::{bucket}{resource}"}
    if condition:
        statement["Condition"] = condition["condition"]
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def fetch(url):
    try:
        return urllib.request.urlopen(url)
    except urllib.error.HTTPError as error:
        return error


def test_as_it_was_put(s3, bucket, account, fails):
    assert fails(s3.get_bucket_policy, Bucket=bucket)["Code"] == "NoSuchBucketPolicy"
    policy = allow(bucket, {"AWS": account.id})
    answer = s3.put_bucket_policy(Bucket=bucket, Policy=policy)
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 204
    assert s3.get_bucket_policy(Bucket=bucket)["Policy"] == policy
    assert s3.get_bucket_policy_status(Bucket=bucket)["PolicyStatus"] == {"IsPublic": False}
    s3.delete_bucket_policy(Bucket=bucket)
    s3.delete_bucket_policy(Bucket=bucket)
    assert fails(s3.get_bucket_policy_status, Bucket=bucket)["Code"] == "NoSuchBucketPolicy"


def test_bad_input(s3, bucket, fails):
    for policy in ["x", "{", "{}", allow("other", "*"), allow(bucket, "*", action="sqs:SendMessage")]:
        assert fails(s3.put_bucket_policy, Bucket=bucket, Policy=policy)["Code"] == "MalformedPolicy"
    long = allow(bucket, {"AWS": "111111111111"}, resource="/" + "x" * 21_000)
    assert fails(s3.put_bucket_policy, Bucket=bucket, Policy=long)["Code"] == "PolicyTooLarge"
    error = fails(s3.put_bucket_policy, Bucket="nobody-has-this-bucket", Policy="{}")
    assert error["Code"] == "NoSuchBucket"


def test_other_accounts(s3, bucket, put, stranger, fails):
    put("shared/a", b"for you")
    put("own", b"for me")
    error = fails(stranger.get_object, Bucket=bucket, Key="shared/a")
    assert (error["Code"], error["Message"], error["Status"]) == ("AccessDenied", "Access Denied", 403)
    s3.put_bucket_policy(Bucket=bucket, Policy=allow(bucket, {"AWS": stranger.account}, resource="/shared/*"))
    assert stranger.get_object(Bucket=bucket, Key="shared/a")["Body"].read() == b"for you"
    assert fails(stranger.get_object, Bucket=bucket, Key="own")["Code"] == "AccessDenied"
    assert fails(stranger.put_object, Bucket=bucket, Key="shared/a", Body=b"x")["Code"] == "AccessDenied"
    assert fails(stranger.list_objects_v2, Bucket=bucket)["Code"] == "AccessDenied"
    # A missing key is told of to those alone who may list.
    assert fails(stranger.get_object, Bucket=bucket, Key="shared/none")["Code"] == "AccessDenied"


def test_an_explicit_deny_binds_the_owner_but_for_the_policy_itself(s3, bucket, put, fails):
    put("key", b"x")
    s3.put_bucket_policy(Bucket=bucket, Policy=allow(bucket, "*", action="s3:*", resource="*", effect="Deny"))
    error = fails(s3.get_object, Bucket=bucket, Key="key")
    assert error["Code"] == "AccessDenied" and "explicit deny in a resource-based policy" in error["Message"]
    s3.delete_bucket_policy(Bucket=bucket)
    assert s3.get_object(Bucket=bucket, Key="key")["Body"].read() == b"x"


def test_users_of_the_same_account(s3, bucket, put, user, account, nobody, fails):
    put("key", b"x")
    arn = f"arn:aws:iam::{account.id}:user/nobody"
    s3.put_bucket_policy(Bucket=bucket, Policy=allow(bucket, {"AWS": arn}))
    assert nobody.get_object(Bucket=bucket, Key="key")["Body"].read() == b"x"


def test_everybody(s3, account, bucket, put, fails):
    """Blocked in new buckets; once that is lifted, requests without a signature read."""
    put("a b", b"public")
    put("key", b"public")
    policy = allow(bucket, "*")
    error = fails(s3.put_bucket_policy, Bucket=bucket, Policy=policy)
    assert error["Code"] == "AccessDenied" and "BlockPublicPolicy" in error["Message"]
    url = f"{account.cloud.endpoint}/{bucket}/key"
    denied = fetch(url)
    assert denied.status == 403 and b"<Message>Access Denied</Message>" in denied.read()
    s3.delete_public_access_block(Bucket=bucket)
    s3.put_bucket_policy(Bucket=bucket, Policy=policy)
    assert s3.get_bucket_policy_status(Bucket=bucket)["PolicyStatus"] == {"IsPublic": True}
    assert fetch(url).read() == b"public"
    assert fetch(f"{account.cloud.endpoint}/{bucket}/a%20b").read() == b"public"
    assert fetch(f"{account.cloud.endpoint}/{bucket}").status == 403
    restrict = {"RestrictPublicBuckets": True}
    s3.put_public_access_block(Bucket=bucket, PublicAccessBlockConfiguration=restrict)
    assert fetch(url).status == 403
    assert s3.get_object(Bucket=bucket, Key="key")["Body"].read() == b"public"


def test_strangers_write_with_a_policy(s3, account, bucket):
    s3.delete_public_access_block(Bucket=bucket)
    s3.put_bucket_policy(Bucket=bucket, Policy=allow(bucket, "*", action="s3:PutObject", resource="/inbox/*"))
    request = urllib.request.Request(f"{account.cloud.endpoint}/{bucket}/inbox/a", data=b"letter", method="PUT")
    assert urllib.request.urlopen(request).status == 200
    assert s3.get_object(Bucket=bucket, Key="inbox/a")["Body"].read() == b"letter"


def test_conditions(s3, bucket, put, stranger, fails):
    condition = {"StringEquals": {"s3:x-amz-server-side-encryption": "AES256"}}
    policy = allow(bucket, {"AWS": stranger.account}, action="s3:PutObject", condition=condition)
    s3.put_bucket_policy(Bucket=bucket, Policy=policy)
    assert fails(stranger.put_object, Bucket=bucket, Key="k", Body=b"x")["Code"] == "AccessDenied"
    stranger.put_object(Bucket=bucket, Key="k", Body=b"x", ServerSideEncryption="AES256")


def test_denied(denied, bucket):
    denied("put_bucket_policy", "s3:PutBucketPolicy", bucket, Bucket=bucket, Policy="{}")
    denied("get_bucket_policy", "s3:GetBucketPolicy", bucket, Bucket=bucket)
    denied("delete_bucket_policy", "s3:DeleteBucketPolicy", bucket, Bucket=bucket)
    denied("get_bucket_policy_status", "s3:GetBucketPolicyStatus", bucket, Bucket=bucket)
