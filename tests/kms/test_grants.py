"""Grants: what they permit, to whom, and their end."""

import json

import pytest


@pytest.fixture
def kms(client):
    return client("kms")


@pytest.fixture
def key(kms):
    return kms.create_key()["KeyMetadata"]["Arn"]


def arn(account, name):
    return f"arn:aws:iam::{account.id}:user/{name}"


def test_create_grant(kms, key, user, account, refused):
    ann = user("ann")("kms")
    assert refused(ann.encrypt, KeyId=key, Plaintext=b"x")[0] == "AccessDeniedException"
    grant = kms.create_grant(
        KeyId=key, GranteePrincipal=arn(account, "ann"), Operations=["Encrypt", "DescribeKey"], Name="n")
    blob = ann.encrypt(KeyId=key, Plaintext=b"x", GrantTokens=[grant["GrantToken"]])["CiphertextBlob"]
    ann.describe_key(KeyId=key)
    assert refused(ann.decrypt, CiphertextBlob=blob)[0] == "AccessDeniedException"
    again = kms.create_grant(
        KeyId=key, GranteePrincipal=arn(account, "ann"), Operations=["DescribeKey", "Encrypt"], Name="n")
    assert again["GrantId"] == grant["GrantId"]
    [listed] = kms.list_grants(KeyId=key)["Grants"]
    assert (listed["GrantId"], listed["GranteePrincipal"], listed["Name"]) == (grant["GrantId"], arn(account, "ann"), "n")
    assert (listed["KeyId"], listed["IssuingAccount"]) == (key, f"arn:aws:iam::{account.id}:root")
    assert kms.list_grants(KeyId=key, GrantId="x" * 64)["Grants"] == []
    assert refused(ann.encrypt, KeyId=key, Plaintext=b"x", GrantTokens=["bad"])[0] == "InvalidGrantTokenException"


def test_create_grant_with_constraints(kms, key, user, account, refused):
    ann = user("ann")("kms")
    grant = lambda **constraints: kms.create_grant(
        KeyId=key, GranteePrincipal=arn(account, "ann"), Operations=["Decrypt", "GenerateDataKey"], Constraints=constraints)
    grant(EncryptionContextSubset={"a": "1"})
    blob = ann.generate_data_key(KeyId=key, KeySpec="AES_256", EncryptionContext={"a": "1", "b": "2"})["CiphertextBlob"]
    ann.decrypt(CiphertextBlob=blob, EncryptionContext={"a": "1", "b": "2"})
    denied = refused(ann.generate_data_key, KeyId=key, KeySpec="AES_256", EncryptionContext={"b": "2"})
    assert denied[0] == "AccessDeniedException"
    grant(EncryptionContextEquals={"b": "2"})
    ann.generate_data_key(KeyId=key, KeySpec="AES_256", EncryptionContext={"b": "2"})
    options = {"KeySpec": "AES_256", "EncryptionContext": {"b": "2", "c": "3"}}
    assert refused(ann.generate_data_key, KeyId=key, **options)[0] == "AccessDeniedException"


def test_create_grant_refused(kms, key, user, account, refused):
    user("ann")
    grant = {"KeyId": key, "GranteePrincipal": arn(account, "ann"), "Operations": ["Encrypt"]}
    assert refused(kms.create_grant, **{**grant, "GranteePrincipal": arn(account, "none")})[0] == "InvalidArnException"
    assert refused(kms.create_grant, **{**grant, "GranteePrincipal": "ann"})[0] == "InvalidArnException"
    assert refused(kms.create_grant, **{**grant, "Operations": ["Sign"]})[0] == "ValidationException"
    assert refused(kms.create_grant, **grant, DryRun=True)[0] == "DryRunOperationException"
    assert kms.list_grants(KeyId=key)["Grants"] == []


def test_revoke_grant(kms, key, user, account, refused):
    ann = user("ann")("kms")
    grant = kms.create_grant(KeyId=key, GranteePrincipal=arn(account, "ann"), Operations=["Encrypt"])["GrantId"]
    ann.encrypt(KeyId=key, Plaintext=b"x")
    kms.revoke_grant(KeyId=key, GrantId=grant)
    assert refused(ann.encrypt, KeyId=key, Plaintext=b"x")[0] == "AccessDeniedException"
    assert refused(kms.revoke_grant, KeyId=key, GrantId=grant)[0] == "NotFoundException"


def test_retire_grant(kms, key, user, account, refused):
    ann, bob, eve = (user(name)("kms") for name in ("ann", "bob", "eve"))
    grant = lambda: kms.create_grant(
        KeyId=key, GranteePrincipal=arn(account, "ann"), RetiringPrincipal=arn(account, "bob"), Operations=["Encrypt"])
    one, two = grant(), grant()
    retirable = kms.list_retirable_grants(RetiringPrincipal=arn(account, "bob"))["Grants"]
    assert {g["GrantId"] for g in retirable} == {one["GrantId"], two["GrantId"]}
    for other in (ann, eve):
        assert refused(other.retire_grant, GrantToken=one["GrantToken"])[0] == "AccessDeniedException"
    bob.retire_grant(GrantToken=one["GrantToken"])
    bob.retire_grant(KeyId=key, GrantId=two["GrantId"])
    assert kms.list_grants(KeyId=key)["Grants"] == []
    assert refused(kms.retire_grant, KeyId=key)[0] == "ValidationException"


def test_grants_across_accounts(cloud, kms, key, client, refused):
    other = cloud.client("kms", access_key_id="000000000009")
    assert refused(other.encrypt, KeyId=key, Plaintext=b"x")[0] == "AccessDeniedException"
    kms.create_grant(
        KeyId=key, GranteePrincipal="arn:aws:iam::000000000009:root", Operations=["Encrypt", "Decrypt"])
    blob = other.encrypt(KeyId=key, Plaintext=b"x")["CiphertextBlob"]
    assert other.decrypt(CiphertextBlob=blob)["Plaintext"] == b"x"


def test_grants_of_deleted_users(kms, key, client, user, account, refused):
    """Another user of the same name has none of the old one's grants."""
    user("ann")
    kms.create_grant(KeyId=key, GranteePrincipal=arn(account, "ann"), Operations=["Encrypt"])
    iam = client("iam")
    [access_key] = iam.list_access_keys(UserName="ann")["AccessKeyMetadata"]
    iam.delete_access_key(UserName="ann", AccessKeyId=access_key["AccessKeyId"])
    iam.delete_user(UserName="ann")
    assert refused(user("ann")("kms").encrypt, KeyId=key, Plaintext=b"x")[0] == "AccessDeniedException"


def test_explicit_deny_beats_grants(kms, key, user, account, document, refused):
    ann = user("ann", document("Deny", "kms:Encrypt", "*"))("kms")
    kms.create_grant(KeyId=key, GranteePrincipal=arn(account, "ann"), Operations=["Encrypt"])
    code, message, _ = refused(ann.encrypt, KeyId=key, Plaintext=b"x")
    assert code == "AccessDeniedException"
    assert message.endswith("with an explicit deny in an identity-based policy")


def test_grants_by_the_command_line(account, kms, key, user):
    user("ann")
    made = account.aws(
        "kms", "create-grant", "--key-id", key, "--grantee-principal", arn(account, "ann"), "--operations", "Decrypt",
        "--constraints", json.dumps({"EncryptionContextSubset": {"a": "1"}}))
    [listed] = account.aws("kms", "list-grants", "--key-id", key)["Grants"]
    assert (listed["GrantId"], listed["Constraints"]) == (made["GrantId"], {"EncryptionContextSubset": {"a": "1"}})
