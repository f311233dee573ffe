"""Environment variables under keys of KMS: who may configure, see and use them."""

import json

import pytest

HANDLER = "import os\ndef handler(event, context):\n    return os.environ.get('SECRET')\n"


@pytest.fixture
def kms(client):
    return client("kms")


@pytest.fixture
def key(kms):
    return kms.create_key()["KeyMetadata"]["Arn"]


@pytest.fixture
def function(create):
    def make(**options):
        return create(HANDLER, Environment={"Variables": {"SECRET": "hush"}}, **options)

    return make


def invoke(lambda_, name):
    return json.loads(lambda_.invoke(FunctionName=name)["Payload"].read())


def test_the_account_s_own_key(lambda_, function, kms):
    name = function()
    shown = lambda_.get_function_configuration(FunctionName=name)
    assert shown["Environment"] == {"Variables": {"SECRET": "hush"}} and "KMSKeyArn" not in shown
    assert invoke(lambda_, name) == "hush"
    [alias] = [a for a in kms.list_aliases()["Aliases"] if a["AliasName"] == "alias/aws/lambda"]
    assert kms.describe_key(KeyId=alias["TargetKeyId"])["KeyMetadata"]["KeyManager"] == "AWS"


def test_a_customer_s_key(lambda_, function, kms, key, updated):
    name = function(KMSKeyArn=key)
    shown = lambda_.get_function_configuration(FunctionName=name)
    assert (shown["KMSKeyArn"], shown["Environment"]) == (key, {"Variables": {"SECRET": "hush"}})
    assert invoke(lambda_, name) == "hush"
    [grant] = kms.list_grants(KeyId=key)["Grants"]
    assert grant["Operations"] == ["Decrypt"]
    assert grant["Constraints"] == {"EncryptionContextEquals": {"aws:lambda:FunctionArn": shown["FunctionArn"]}}
    lambda_.update_function_configuration(FunctionName=name, KMSKeyArn="")
    updated(name)
    shown = lambda_.get_function_configuration(FunctionName=name)
    assert "KMSKeyArn" not in shown and shown["Environment"] == {"Variables": {"SECRET": "hush"}}
    kms.disable_key(KeyId=key)
    assert invoke(lambda_, name) == "hush"


def test_a_customer_s_key_by_its_alias(lambda_, function, kms, key, account):
    """What is asked of IAM for the grant is what AWS would ask; the cloud's log tells, and is looked at when it ends."""
    kms.create_alias(AliasName="alias/own", TargetKeyId=key)
    name = function(KMSKeyArn=f"arn:aws:kms:us-east-1:{account.id}:alias/own")
    assert invoke(lambda_, name) == "hush"
    assert len(kms.list_grants(KeyId=key)["Grants"]) == 1


@pytest.mark.parametrize(
    ("breaks", "code"),
    [
        (lambda kms, key: kms.disable_key(KeyId=key), "KMSDisabledException"),
        (lambda kms, key: kms.schedule_key_deletion(KeyId=key), "KMSInvalidStateException"),
        (
            lambda kms, key: [kms.revoke_grant(KeyId=key, GrantId=g["GrantId"]) for g in kms.list_grants(KeyId=key)["Grants"]],
            "KMSAccessDeniedException",
        ),
    ],
)
def test_invocations_without_the_key(lambda_, function, kms, key, refused, breaks, code):
    name = function(KMSKeyArn=key)
    breaks(kms, key)
    answer, message, status = refused(lambda_.invoke, FunctionName=name)
    assert (answer, status) == (code, 502)
    assert message.startswith("Lambda was unable to decrypt the environment variables because ")


def test_a_warm_environment_does_not_ask(lambda_, function, kms, key):
    name = function(KMSKeyArn=key)
    assert invoke(lambda_, name) == "hush"
    kms.disable_key(KeyId=key)
    assert invoke(lambda_, name) == "hush"


def test_who_may_see_them(lambda_, function, key, user, kms):
    name = function(KMSKeyArn=key)
    ann = user({"Action": "lambda:*"})("lambda")
    environment = ann.get_function_configuration(FunctionName=name)["Environment"]
    assert "Variables" not in environment
    assert environment["Error"]["ErrorCode"] == "AccessDeniedException"
    assert "is not authorized to perform: kms:Decrypt" in environment["Error"]["Message"]
    [listed] = ann.list_functions()["Functions"]
    assert "Variables" not in listed["Environment"]
    through = {"StringEquals": {"kms:ViaService": "lambda.us-east-1.amazonaws.com"}}
    decrypt = {"Action": "kms:Decrypt", "Resource": key, "Condition": through}
    bob = user({"Action": "lambda:*"}, decrypt)
    assert bob("lambda").get_function(FunctionName=name)["Configuration"]["Environment"]["Variables"] == {"SECRET": "hush"}
    kms.disable_key(KeyId=key)
    environment = lambda_.get_function_configuration(FunctionName=name)["Environment"]
    assert environment["Error"]["ErrorCode"] == "DisabledException"


def test_who_may_configure_them(lambda_, function, key, user, refused):
    name = function()
    ann = user({"Action": ["lambda:*", "iam:PassRole"]})("lambda")
    code, message, _ = refused(ann.update_function_configuration, FunctionName=name, KMSKeyArn=key)
    assert code == "InvalidParameterValueException"
    assert "KMS Exception: AccessDeniedException KMS Message: User: " in message
    missing = key[:-36] + "00000000-0000-4000-8000-000000000000"
    code, message, _ = refused(lambda_.update_function_configuration, FunctionName=name, KMSKeyArn=missing)
    assert code == "InvalidParameterValueException" and "KMS Exception: NotFoundException" in message
