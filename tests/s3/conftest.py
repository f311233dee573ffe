"""What the tests of S3 share."""

import uuid

import pytest
from botocore.exceptions import ClientError


@pytest.fixture
def s3(account):
    return account.client("s3")


@pytest.fixture
def signer(account):
    """boto3 whose URLs are signed as those of all other SDKs: it has an older way of its own."""

    def signer(**options):
        return account.client("s3", signature_version="s3v4", **options)

    return signer


@pytest.fixture
def new_bucket(s3):
    """`new_bucket()`: the name of a new bucket; buckets of all tests have one name space."""

    def new(**parameters):
        name = f"b-{uuid.uuid4()}"
        s3.create_bucket(Bucket=name, **parameters)
        return name

    return new


@pytest.fixture
def bucket(new_bucket):
    return new_bucket()


@pytest.fixture
def versioned(s3, bucket):
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    return bucket


@pytest.fixture
def put(s3, bucket):
    """`put("key", b"bytes")`: an object of this test's bucket."""

    def put(key, body=b"", **parameters):
        return s3.put_object(Bucket=bucket, Key=key, Body=body, **parameters)

    return put


@pytest.fixture
def nobody(user):
    """boto3 as a user of this test's account without permissions."""
    return user("nobody")("s3")


@pytest.fixture
def denied(account, nobody):
    """`denied(nobody.get_object, "s3:GetObject", "bucket/key", …)`: the call is refused, and says which permission lacks."""

    def denied(operation, action, resource, **parameters):
        with pytest.raises(ClientError) as refused:
            getattr(nobody, operation)(**parameters)
        error = refused.value.response["Error"]
        where = f' on resource: "arn:aws:s3:::{resource}"' if resource else ""
        assert error["Code"] == "AccessDenied"
        assert error["Message"] == (
            f"User: arn:aws:iam::{account.id}:user/nobody is not authorized to perform: {action}{where} "
            f"because no identity-based policy allows the {action} action"
        )
        assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] == 403

    return denied


@pytest.fixture
def fails():
    """`fails(call, **parameters)`: the error that the call must end with, with its status as `Status`."""

    def fails(call, **parameters):
        with pytest.raises(ClientError) as failed:
            call(**parameters)
        answer = failed.value.response
        return {**answer["Error"], "Status": answer["ResponseMetadata"]["HTTPStatusCode"]}

    return fails
