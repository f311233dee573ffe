"""Who may use a key: its policy, the caller's own policies where the key's delegates, conditions. Every operation is
refused to a user without permissions, in AWS's words."""

import json
import uuid

import pytest


@pytest.fixture
def kms(client):
    return client("kms")


def policy(*statements):
    return json.dumps({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Resource": "*", **statement} for statement in statements]})


def test_denied(account, kms, user, refused):
    nobody = user("nobody")("kms")
    arn = kms.create_key()["KeyMetadata"]["Arn"]
    primary = kms.create_key(MultiRegion=True)["KeyMetadata"]["Arn"]
    new = lambda spec, usage: kms.create_key(KeySpec=spec, KeyUsage=usage)["KeyMetadata"]["Arn"]
    signing, mac = new("ECC_NIST_P256", "SIGN_VERIFY"), new("HMAC_256", "GENERATE_VERIFY_MAC")
    agreement = new("ECC_NIST_P256", "KEY_AGREEMENT")
    public = kms.get_public_key(KeyId=agreement)["PublicKey"]
    kms.create_alias(AliasName="alias/a", TargetKeyId=arn)
    blob = kms.encrypt(KeyId=arn, Plaintext=b"x")["CiphertextBlob"]
    user("other")
    grant = kms.create_grant(KeyId=arn, GranteePrincipal=f"arn:aws:iam::{account.id}:user/other", Operations=["Encrypt"])
    alias = f"arn:aws:kms:us-east-1:{account.id}:alias/"
    signed = {"KeyId": signing, "Message": b"m", "SigningAlgorithm": "ECDSA_SHA_256"}
    code = {"KeyId": mac, "Message": b"m", "MacAlgorithm": "HMAC_SHA_256"}
    K, pair = {"KeyId": arn}, {"KeyId": arn, "KeyPairSpec": "ECC_NIST_P256"}
    calls = {
        "CancelKeyDeletion": K,
        "CreateAlias": ({"AliasName": "alias/b", "TargetKeyId": arn}, alias + "b"),
        "CreateGrant": {**K, "GranteePrincipal": f"arn:aws:iam::{account.id}:root", "Operations": ["Encrypt"]},
        "CreateKey": ({}, "*"),
        "Decrypt": ({"CiphertextBlob": blob}, arn),
        "DeleteAlias": ({"AliasName": "alias/a"}, alias + "a"),
        "DeriveSharedSecret": {"KeyId": agreement, "KeyAgreementAlgorithm": "ECDH", "PublicKey": public},
        "DescribeKey": K,
        "DisableKey": K,
        "DisableKeyRotation": K,
        "EnableKey": K,
        "EnableKeyRotation": K,
        "Encrypt": {**K, "Plaintext": b"x"},
        "GenerateDataKey": {**K, "KeySpec": "AES_256"},
        "GenerateDataKeyPair": pair,
        "GenerateDataKeyPairWithoutPlaintext": pair,
        "GenerateDataKeyWithoutPlaintext": K,
        "GenerateMac": code,
        "GenerateRandom": ({"NumberOfBytes": 1}, "*"),
        "GetKeyPolicy": K,
        "GetKeyRotationStatus": K,
        "GetPublicKey": {"KeyId": signing},
        "ListAliases": ({}, "*"),
        "ListGrants": K,
        "ListKeyPolicies": K,
        "ListKeyRotations": K,
        "ListKeys": ({}, "*"),
        "ListResourceTags": K,
        "ListRetirableGrants": ({"RetiringPrincipal": f"arn:aws:iam::{account.id}:root"}, "*"),
        "PutKeyPolicy": {**K, "Policy": "{}"},
        "ReEncrypt": ({"CiphertextBlob": blob, "DestinationKeyId": arn}, arn),
        "ReplicateKey": {"KeyId": primary, "ReplicaRegion": "eu-west-1"},
        "RetireGrant": {**K, "GrantId": grant["GrantId"]},
        "RevokeGrant": {**K, "GrantId": grant["GrantId"]},
        "RotateKeyOnDemand": K,
        "ScheduleKeyDeletion": K,
        "Sign": signed,
        "TagResource": {**K, "Tags": [{"TagKey": "a", "TagValue": "b"}]},
        "UntagResource": {**K, "TagKeys": ["a"]},
        "UpdateAlias": ({"AliasName": "alias/a", "TargetKeyId": primary}, alias + "a"),
        "UpdateKeyDescription": {**K, "Description": "d"},
        "UpdatePrimaryRegion": {"KeyId": primary, "PrimaryRegion": "eu-west-1"},
        "Verify": {**signed, "Signature": b"s"},
        "VerifyMac": {**code, "Mac": b"m"},
    }
    methods = {operation: method for method, operation in nobody.meta.method_to_api_mapping.items()}
    for operation, call in calls.items():
        arguments, resource = call if isinstance(call, tuple) else (call, call["KeyId"])
        action = "kms:ReEncryptFrom" if operation == "ReEncrypt" else f"kms:{operation}"
        code, message, status = refused(getattr(nobody, methods[operation]), **arguments)
        assert (code, status) == ("AccessDeniedException", 400), operation
        assert message == (
            f"User: arn:aws:iam::{account.id}:user/nobody is not authorized to perform: {action} "
            f"on resource: {resource} because no identity-based policy allows the {action} action"
        )


def test_keys_that_are_not_there(account, user, refused, document):
    """Who may not describe keys does not learn which there are."""
    missing = {"KeyId": str(uuid.uuid4())}
    assert refused(user("nobody")("kms").describe_key, **missing)[0] == "AccessDeniedException"
    allowed = user("ann", document("Allow", "kms:DescribeKey", "*"))("kms")
    assert refused(allowed.describe_key, **missing)[0] == "NotFoundException"


def test_the_key_policy_must_consent(account, kms, user, document, refused):
    """A policy of IAM alone gives nothing, not even to the root user; the key's policy alone gives all."""
    ann = user("ann", document("Allow", "kms:*", "*"))("kms")
    bob = user("bob")("kms")
    arn = f"arn:aws:iam::{account.id}:user/"
    key = kms.create_key(
        Policy=policy({"Principal": {"AWS": arn + "bob"}, "Action": "kms:*"}), BypassPolicyLockoutSafetyCheck=True,
    )["KeyMetadata"]["Arn"]
    bob.encrypt(KeyId=key, Plaintext=b"x")
    for other, name in [(ann, f"arn:aws:iam::{account.id}:user/ann"), (kms, f"arn:aws:iam::{account.id}:root")]:
        code, message, _ = refused(other.encrypt, KeyId=key, Plaintext=b"x")
        assert code == "AccessDeniedException"
        assert message == (
            f"User: {name} is not authorized to perform: kms:Encrypt on resource: {key} "
            "because no resource-based policy allows the kms:Encrypt action")


def test_delegation_to_the_account(kms, user, document, refused):
    key = kms.create_key()["KeyMetadata"]["Arn"]
    ann = user("ann", document("Allow", "kms:Encrypt", key))("kms")
    ann.encrypt(KeyId=key, Plaintext=b"x")
    assert refused(ann.describe_key, KeyId=key)[0] == "AccessDeniedException"


def test_across_accounts(cloud, kms, account, refused):
    """Both accounts must allow; administration is not to be had from outside."""
    other = cloud.client("kms", access_key_id="000000000008")
    root = {"Principal": {"AWS": f"arn:aws:iam::{account.id}:root"}, "Action": "kms:*"}
    key = kms.create_key(Policy=policy(root))["KeyMetadata"]["Arn"]
    assert refused(other.encrypt, KeyId=key, Plaintext=b"x")[0] == "AccessDeniedException"
    guest = {"Principal": {"AWS": "000000000008"}, "Action": "kms:*"}
    kms.put_key_policy(KeyId=key, Policy=policy(root, guest))
    blob = other.encrypt(KeyId=key, Plaintext=b"x")["CiphertextBlob"]
    assert kms.decrypt(CiphertextBlob=blob)["Plaintext"] == b"x"
    assert refused(other.disable_key, KeyId=key)[0] == "AccessDeniedException"
    nobody_iam = cloud.client("iam", access_key_id="000000000008")
    name = f"kms-{uuid.uuid4()}"
    nobody_iam.create_user(UserName=name)
    access = nobody_iam.create_access_key(UserName=name)["AccessKey"]
    nobody = cloud.client("kms", access_key_id=access["AccessKeyId"], secret=access["SecretAccessKey"])
    code, message, _ = refused(nobody.encrypt, KeyId=key, Plaintext=b"x")
    assert code == "AccessDeniedException" and "no identity-based policy allows" in message


@pytest.mark.parametrize(
    ("condition", "allowed"),
    [
        ({"StringEquals": {"kms:EncryptionContext:app": "a"}}, True),
        ({"StringEquals": {"kms:EncryptionContext:app": "b"}}, False),
        ({"ForAnyValue:StringEquals": {"kms:EncryptionContextKeys": "app"}}, True),
        ({"ForAllValues:StringEquals": {"kms:EncryptionContextKeys": ["other"]}}, False),
        ({"StringEquals": {"kms:KeySpec": "SYMMETRIC_DEFAULT"}}, True),
        ({"StringEquals": {"kms:KeyUsage": "SIGN_VERIFY"}}, False),
        ({"StringEquals": {"kms:EncryptionAlgorithm": "SYMMETRIC_DEFAULT"}}, True),
        ({"StringEquals": {"kms:RequestAlias": "alias/conditions"}}, True),
        ({"ForAnyValue:StringLike": {"kms:ResourceAliases": "alias/cond*"}}, True),
        ({"StringEquals": {"aws:ResourceTag/team": "red"}}, True),
        ({"StringEquals": {"aws:ResourceTag/team": "blue"}}, False),
        ({"StringLike": {"kms:ViaService": "lambda.*"}}, False),
        ({"Null": {"kms:ViaService": "true"}}, True),
        ({"Bool": {"kms:MultiRegion": "false"}}, True),
        ({"StringEquals": {"kms:KeyOrigin": "AWS_KMS"}}, True),
    ],
)
def test_conditions(kms, user, document, refused, condition, allowed):
    key = kms.create_key(Tags=[{"TagKey": "team", "TagValue": "red"}])["KeyMetadata"]["Arn"]
    kms.create_alias(AliasName="alias/conditions", TargetKeyId=key)
    ann = user("ann", document("Allow", "kms:Encrypt", "*", Condition=condition))("kms")
    call = {"KeyId": "alias/conditions", "Plaintext": b"x", "EncryptionContext": {"app": "a"}}
    if allowed:
        ann.encrypt(**call)
    else:
        assert refused(ann.encrypt, **call)[0] == "AccessDeniedException"


def test_create_key_conditions(user, document, refused):
    ann = user("ann", document("Allow", "kms:CreateKey", "*", Condition={"StringEquals": {"kms:KeySpec": "HMAC_256"}}))("kms")
    assert refused(ann.create_key)[0] == "AccessDeniedException"
    ann.create_key(KeySpec="HMAC_256", KeyUsage="GENERATE_VERIFY_MAC")
    tags = [{"TagKey": "a", "TagValue": "b"}]
    denied = refused(ann.create_key, KeySpec="HMAC_256", KeyUsage="GENERATE_VERIFY_MAC", Tags=tags)
    assert "kms:TagResource" in denied[1]
