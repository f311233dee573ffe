"""Packages under keys of KMS (`SourceKMSKeyArn`): who deploys, who sees them, and what runs without the key."""

import base64
import hashlib
import json
import shutil
import urllib.error
import urllib.request

import pytest

NAMED = "def handler(event, context):\n    return '{}'\n"


def key_policy(account_id, *statements):
    """Users by their own policies; Lambda for functions of the account, as AWS's documentation has it."""
    through = {"StringLike": {"kms:EncryptionContext:aws:lambda:FunctionArn": f"arn:aws:lambda:*:{account_id}:function:*"}}
    own = [
        {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{account_id}:root"}, "Action": "kms:*", "Resource": "*"},
        {
            "Effect": "Allow",
            "Principal": {"Service": "lambda.amazonaws.com"},
            "Action": ["kms:GenerateDataKey", "kms:Decrypt"],
            "Resource": "*",
            "Condition": through,
        },
    ]
    return json.dumps({"Version": "2012-10-17", "Statement": [*own, *statements]})


@pytest.fixture
def kms(client):
    return client("kms")


@pytest.fixture
def key(kms, account):
    return kms.create_key(Policy=key_policy(account.id))["KeyMetadata"]["Arn"]


@pytest.fixture
def deploy(create, package, key):
    """`deploy()`: a function that returns its text, under the key."""

    def make(text="one", key_arn=key, **options):
        code = {"ZipFile": package({"index.py": NAMED.format(text)}), "SourceKMSKeyArn": key_arn}
        return create(Code=code, **options)

    return make


def invoke(lambda_, name, **more):
    return json.loads(lambda_.invoke(FunctionName=name, **more)["Payload"].read())


def download(location):
    with urllib.request.urlopen(location) as answer:
        return answer.read()


def test_under_a_key(lambda_, deploy, package, key, updated):
    name = deploy()
    archive = package({"index.py": NAMED.format("one")})
    found = lambda_.get_function(FunctionName=name)
    assert found["Code"]["SourceKMSKeyArn"] == key
    assert found["Configuration"]["CodeSha256"] == base64.b64encode(hashlib.sha256(archive).digest()).decode()
    assert found["Configuration"]["CodeSize"] == len(archive)
    assert download(found["Code"]["Location"]) == archive
    assert invoke(lambda_, name) == "one"
    # Without a key the next package is under AWS's own.
    version = lambda_.publish_version(FunctionName=name)["Version"]
    lambda_.update_function_code(FunctionName=name, ZipFile=archive)
    updated(name)
    assert "SourceKMSKeyArn" not in lambda_.get_function(FunctionName=name)["Code"]
    assert lambda_.get_function(FunctionName=f"{name}:{version}")["Code"]["SourceKMSKeyArn"] == key
    # Another key is a change, the same package or not.
    assert lambda_.publish_version(FunctionName=name)["Version"] != version
    checked = lambda_.update_function_code(FunctionName=name, ZipFile=archive, SourceKMSKeyArn=key, DryRun=True)
    assert checked["CodeSha256"] == found["Configuration"]["CodeSha256"]
    lambda_.update_function_code(FunctionName=name, ZipFile=archive, SourceKMSKeyArn=key)
    updated(name)
    assert lambda_.get_function(FunctionName=name)["Code"]["SourceKMSKeyArn"] == key
    assert invoke(lambda_, name) == "one"


def test_by_its_alias(lambda_, kms, deploy, key, account):
    kms.create_alias(AliasName="alias/own", TargetKeyId=key)
    alias = f"arn:aws:kms:us-east-1:{account.id}:alias/own"
    name = deploy(key_arn=alias)
    assert invoke(lambda_, name) == "one"
    assert lambda_.get_function(FunctionName=name)["Code"]["SourceKMSKeyArn"] == alias


def test_from_a_bucket(lambda_, client, create, package, key):
    s3 = client("s3")
    s3.create_bucket(Bucket=f"code-{key[-12:]}")
    archive = package({"index.py": NAMED.format("from a bucket")})
    s3.put_object(Bucket=f"code-{key[-12:]}", Key="k", Body=archive)
    name = create(Code={"S3Bucket": f"code-{key[-12:]}", "S3Key": "k", "SourceKMSKeyArn": key})
    assert invoke(lambda_, name) == "from a bucket"
    assert download(lambda_.get_function(FunctionName=name)["Code"]["Location"]) == archive


def test_keys_that_lambda_may_not_use(lambda_, kms, role, package, account, refused, python_runtime, key):
    def attempt(key_arn):
        code = {"ZipFile": package({"index.py": NAMED}), "SourceKMSKeyArn": key_arn}
        refusal = refused(
            lambda_.create_function, FunctionName="f", Runtime=python_runtime, Handler="index.handler", Role=role, Code=code
        )
        assert lambda_.list_functions()["Functions"] == []
        return refusal

    # The default policy lets users of the account, not services.
    own = kms.create_key()["KeyMetadata"]["Arn"]
    code, message, status = attempt(own)
    assert (code, status) == ("InvalidParameterValueException", 400)
    assert "KMS Exception: AccessDeniedException KMS Message: " in message
    assert "kms:GenerateDataKey" in message
    missing = key[:-36] + "00000000-0000-4000-8000-000000000000"
    code, message, _ = attempt(missing)
    assert code == "InvalidParameterValueException" and "KMS Exception: NotFoundException" in message
    kms.disable_key(KeyId=key)
    code, message, _ = attempt(key)
    assert code == "InvalidParameterValueException" and "KMS Exception: DisabledException" in message
    code, message, _ = attempt("no-arn")
    assert code == "ValidationException" or "Member must satisfy regular expression pattern" in message


def test_who_may_see_them(lambda_, deploy, key, user, kms):
    name = deploy()
    ann = user({"Action": "lambda:*"})("lambda")
    found = ann.get_function(FunctionName=name)
    assert found["Code"] == {"RepositoryType": "S3", "SourceKMSKeyArn": key}
    assert found["Configuration"]["FunctionName"] == name
    bob = user({"Action": "lambda:*"}, {"Action": "kms:Decrypt", "Resource": key})("lambda")
    location = bob.get_function(FunctionName=name)["Code"]["Location"]
    assert download(location)
    kms.disable_key(KeyId=key)
    assert "Location" not in bob.get_function(FunctionName=name)["Code"]
    with pytest.raises(urllib.error.HTTPError):
        download(location)


@pytest.mark.parametrize(
    ("breaks", "code"),
    [
        (lambda kms, key, account: kms.disable_key(KeyId=key), "KMSDisabledException"),
        (lambda kms, key, account: kms.schedule_key_deletion(KeyId=key), "KMSInvalidStateException"),
        (
            lambda kms, key, account: kms.put_key_policy(
                KeyId=key, Policy=kms.get_key_policy(KeyId=key)["Policy"].replace("lambda.amazonaws.com", "s3.amazonaws.com")
            ),
            "KMSAccessDeniedException",
        ),
    ],
)
def test_invocations_without_the_key(lambda_, deploy, kms, key, account, refused, breaks, code):
    name, warm = deploy(), deploy()
    assert invoke(lambda_, warm) == "one"
    breaks(kms, key, account)
    answer, message, status = refused(lambda_.invoke, FunctionName=name)
    assert (answer, status) == (code, 502)
    assert message.startswith("Lambda was unable to decrypt the deployment package because ")
    # Who has the package needs no key.
    assert invoke(lambda_, warm) == "one"


def test_an_update_waits_for_the_key(lambda_, deploy, kms, key, updated, refused):
    name = deploy()
    kms.disable_key(KeyId=key)
    lambda_.update_function_configuration(FunctionName=name, Description="later")

    def status():
        return lambda_.get_function_configuration(FunctionName=name)

    with pytest.raises(Exception, match="Failed"):
        updated(name)
    assert status()["LastUpdateStatusReasonCode"] == "DisabledKMSKey"
    kms.enable_key(KeyId=key)
    lambda_.update_function_configuration(FunctionName=name, Description="now")
    updated(name)
    assert invoke(lambda_, name) == "one"


def test_a_new_start_of_the_host(own_cloud, data_dir, package, python_runtime, trust, document):
    """What was unpacked is made again from the archive, which nobody reads without the key."""
    cloud = own_cloud("--data-dir", data_dir)
    iam, kms, client = (cloud.client(service) for service in ("iam", "kms", "lambda"))
    role = iam.create_role(RoleName="r", AssumeRolePolicyDocument=trust(Service="lambda.amazonaws.com"))["Role"]["Arn"]
    key = kms.create_key(Policy=key_policy("000000000000"))["KeyMetadata"]["Arn"]
    secret = "a text that stands nowhere else"
    client.create_function(
        FunctionName="f",
        Runtime=python_runtime,
        Handler="index.handler",
        Role=role,
        Code={"ZipFile": package({"index.py": NAMED.format(secret)}), "SourceKMSKeyArn": key},
    )
    client.get_waiter("function_active_v2").wait(FunctionName="f", WaiterConfig={"Delay": 0.1, "MaxAttempts": 100})
    cloud.kill()
    [boot] = data_dir.rglob("boot")
    for tree in boot.parent.iterdir():
        if tree.is_dir():
            shutil.rmtree(tree)
    # Stored archives begin as archives do, but for this one.
    blobs = [path for path in data_dir.rglob("*") if path.is_file() and "blobs" in path.parts]
    assert blobs and not [path for path in blobs if path.read_bytes().startswith(b"PK")]
    cloud.start()
    client, kms = cloud.client("lambda"), cloud.client("kms")
    assert invoke(client, "f") == secret
    assert secret.encode() in b"".join(path.read_bytes() for path in boot.parent.rglob("index.py"))
