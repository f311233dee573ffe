"""What is in the data directory: no secret in the clear. And the secrets are still there after a restart."""

import json

import pytest

HANDLER = "import os\ndef handler(event, context):\n    return os.environ['SECRET']\n"
TRUST = json.dumps({"Version": "2012-10-17", "Statement": [
    {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}]})


def find(directory, *secrets):
    """The files below the directory that hold one of the secrets."""
    return [
        str(path) for path in directory.rglob("*")
        if path.is_file() and path.name != "root.key" and any(secret in path.read_bytes() for secret in secrets)
    ]


def test_no_secret_is_in_the_data_directory(own_cloud, tmp_path, package, python_runtime):
    directory = tmp_path / "data"
    cloud = own_cloud("--data-dir", str(directory))
    kms, lambda_, iam, logs = (cloud.client(service) for service in ("kms", "lambda", "iam", "logs"))
    # The search finds what is in the clear.
    kms.create_key(Description="a description in the clear")
    assert find(directory, b"a description in the clear")
    key = kms.create_key()["KeyMetadata"]["KeyId"]
    blob = kms.encrypt(KeyId=key, Plaintext=b"x")["CiphertextBlob"]
    pair = kms.generate_data_key_pair(KeyId=key, KeyPairSpec="ECC_NIST_P256")
    role = iam.create_role(RoleName="r", AssumeRolePolicyDocument=TRUST)["Role"]["Arn"]
    iam.create_user(UserName="u")
    access_key = iam.create_access_key(UserName="u")["AccessKey"]
    secret = "a-secret-of-the-function"
    lambda_.create_function(
        FunctionName="f", Runtime=python_runtime, Handler="index.handler", Role=role,
        Code={"ZipFile": package({"index.py": HANDLER})}, Environment={"Variables": {"SECRET": secret}})
    lambda_.get_waiter("function_active_v2").wait(FunctionName="f", WaiterConfig={"Delay": 0.1})
    secrets = [secret.encode(), access_key["SecretAccessKey"].encode(), pair["PrivateKeyPlaintext"]]
    assert find(directory, *secrets) == []
    assert cloud.terminate() == 0
    assert find(directory, *secrets) == []
    cloud = own_cloud("--data-dir", str(directory))
    assert cloud.client("kms").decrypt(CiphertextBlob=blob)["Plaintext"] == b"x"
    user = cloud.client("sts", access_key_id=access_key["AccessKeyId"], secret=access_key["SecretAccessKey"])
    assert user.get_caller_identity()["Arn"].endswith(":user/u")
    answer = cloud.client("lambda").invoke(FunctionName="f")
    assert json.loads(answer["Payload"].read()) == secret


def test_the_root_key_is_private(own_cloud, tmp_path):
    directory = tmp_path / "data"
    own_cloud("--data-dir", str(directory))
    assert (directory / "root.key").stat().st_mode & 0o777 == 0o600
