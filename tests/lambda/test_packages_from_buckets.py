"""Packages of functions and layers that are in buckets, and what of failed events goes into one."""

import base64
import hashlib
import json
import re
import uuid

import pytest
from botocore.exceptions import ClientError


@pytest.fixture
def bucket(client):
    name = f"b-{uuid.uuid4()}"
    client("s3").create_bucket(Bucket=name)
    return name


@pytest.fixture
def store(client, bucket, package):
    """`store("key", files)`: a package in this test's bucket; answers with its bytes."""

    def store(key, files):
        archive = package(files)
        client("s3").put_object(Bucket=bucket, Key=key, Body=archive)
        return archive

    return store


def says(text):
    return {"index.py": f"def handler(event, context):\n    return {text!r}\n"}


def invoke(lambda_, name):
    return json.load(lambda_.invoke(FunctionName=name)["Payload"])


def test_a_function_and_its_update(lambda_, create, bucket, store):
    archive = store("one.zip", says("one"))
    name = create(Code={"S3Bucket": bucket, "S3Key": "one.zip"})
    assert invoke(lambda_, name) == "one"
    digest = base64.b64encode(hashlib.sha256(archive).digest()).decode()
    assert lambda_.get_function_configuration(FunctionName=name)["CodeSha256"] == digest
    # It was unpacked when it was made: what becomes of the bucket later means nothing to it.
    store("one.zip", says("other"))
    assert invoke(lambda_, name) == "one"
    store("two.zip", says("two"))
    lambda_.update_function_code(FunctionName=name, S3Bucket=bucket, S3Key="two.zip")
    lambda_.get_waiter("function_updated_v2").wait(FunctionName=name, WaiterConfig={"Delay": 0.1, "MaxAttempts": 100})
    assert invoke(lambda_, name) == "two"


def test_versions(client, lambda_, create, bucket, store):
    client("s3").put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    store("code.zip", says("first"))
    first = client("s3").head_object(Bucket=bucket, Key="code.zip")["VersionId"]
    store("code.zip", says("second"))
    name = create(Code={"S3Bucket": bucket, "S3Key": "code.zip", "S3ObjectVersion": first})
    assert invoke(lambda_, name) == "first"


def test_a_layer(lambda_, create, bucket, store):
    store("layer.zip", {"python/extra.py": "ANSWER = 42\n"})
    layer = lambda_.publish_layer_version(LayerName="extra", Content={"S3Bucket": bucket, "S3Key": "layer.zip"})
    name = create("import extra\ndef handler(event, context):\n    return extra.ANSWER\n", Layers=[layer["LayerVersionArn"]])
    assert invoke(lambda_, name) == 42


@pytest.fixture
def refused_code(create):
    def refused_code(**code):
        with pytest.raises(ClientError) as error:
            create(Code=code)
        answer = error.value.response
        return answer["Error"]["Code"], answer["Error"]["Message"], answer["ResponseMetadata"]["HTTPStatusCode"]

    return refused_code


def test_what_is_not_there(bucket, refused_code, client, store):
    """Recorded: the texts of the first two."""
    code = "InvalidParameterValueException"
    text = "Error occurred while GetObject. S3 Error Code: {}. S3 Error Message: {}"
    missing = text.format("NoSuchBucket", "The specified bucket does not exist")
    assert refused_code(S3Bucket="nobody-has-this-bucket", S3Key="k") == (code, missing, 400)
    missing = text.format("NoSuchKey", "The specified key does not exist.")
    assert refused_code(S3Bucket=bucket, S3Key="k") == (code, missing, 400)
    client("s3").put_object(Bucket=bucket, Key="text", Body=b"no archive")
    assert "Could not unzip" in refused_code(S3Bucket=bucket, S3Key="text")[1]
    assert refused_code(S3Bucket=bucket, S3Key="text", ZipFile=b"x")[0] == code


def test_a_bucket_of_another_region(client, refused_code):
    name = f"b-{uuid.uuid4()}"
    client("s3").create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    code, message, _ = refused_code(S3Bucket=name, S3Key="k")
    assert code == "InvalidParameterValueException"
    assert message == (
        "Error occurred while GetObject. S3 Error Code: PermanentRedirect. S3 Error Message: "
        "The bucket is in this region: eu-west-1. Please use this region to retry the request"
    )


def test_it_is_read_with_the_rights_of_the_caller(user, role, bucket, store, python_runtime):
    """denied: whoever may make functions may not read every bucket of the account."""
    store("code.zip", says("x"))
    parameters = {
        "FunctionName": "f", "Runtime": python_runtime, "Handler": "index.handler", "Role": role,
        "Code": {"S3Bucket": bucket, "S3Key": "code.zip"},
    }
    maker = user({"Action": ["lambda:*", "iam:PassRole"]})("lambda")
    with pytest.raises(ClientError) as error:
        maker.create_function(**parameters)
    answer = error.value.response
    assert (answer["Error"]["Code"], answer["ResponseMetadata"]["HTTPStatusCode"]) == ("AccessDeniedException", 403)
    assert f"permission to GetObject for {bucket}/code.zip. S3 Error Code: AccessDenied." in answer["Error"]["Message"]
    with pytest.raises(ClientError) as error:
        maker.publish_layer_version(LayerName="l", Content=parameters["Code"])
    assert error.value.response["Error"]["Code"] == "AccessDeniedException"
    reader = user({"Action": ["lambda:*", "iam:PassRole", "s3:GetObject"]})("lambda")
    assert reader.create_function(**parameters)["FunctionName"] == "f"


def test_failed_events_go_into_a_bucket(lambda_, client, create, role, document, bucket, eventually):
    name = create("def handler(event, context):\n    raise Exception('intentional failure')\n")
    target = {"OnFailure": {"Destination": f"arn:aws:s3:::{bucket}"}}
    put = lambda: lambda_.put_function_event_invoke_config(
        FunctionName=name, MaximumRetryAttempts=0, DestinationConfig=target
    )
    with pytest.raises(ClientError) as error:
        put()
    assert error.value.response["Error"]["Message"] == (
        f"The function's execution role does not have permissions to call PutObject on arn:aws:s3:::{bucket}"
    )
    resources = [f"arn:aws:s3:::{bucket}", f"arn:aws:s3:::{bucket}/*"]
    policy = document("Allow", ["s3:PutObject", "s3:ListBucket"], resources)
    client("iam").put_role_policy(RoleName=role.rsplit("/", 1)[-1], PolicyName="bucket", PolicyDocument=policy)
    put()
    lambda_.invoke(FunctionName=name, InvocationType="Event", Payload=b'{"k": "v"}')
    s3 = client("s3")
    (told,) = eventually(lambda: s3.list_objects_v2(Bucket=bucket).get("Contents"))
    assert re.fullmatch(rf"aws/lambda/async/{name}/(\d{{4}}/\d\d/\d\d)/\d{{4}}-\d\d-\d\dT\d\d\.\d\d\.\d\d-[0-9a-f-]{{36}}", told["Key"])
    record = json.load(s3.get_object(Bucket=bucket, Key=told["Key"])["Body"])
    assert record["requestPayload"] == {"k": "v"}
    assert record["responsePayload"]["errorMessage"] == "intentional failure"
