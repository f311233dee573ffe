"""Keys, their states, aliases, tags, policies, rotation and regions."""

import json
import uuid

import pytest


@pytest.fixture
def kms(client):
    return client("kms")


def make(kms, **options):
    return kms.create_key(**options)["KeyMetadata"]


SPECS = {
    "SYMMETRIC_DEFAULT": ("ENCRYPT_DECRYPT", "EncryptionAlgorithms", ["SYMMETRIC_DEFAULT"]),
    "RSA_2048": ("ENCRYPT_DECRYPT", "EncryptionAlgorithms", ["RSAES_OAEP_SHA_1", "RSAES_OAEP_SHA_256"]),
    "ECC_NIST_P256": ("SIGN_VERIFY", "SigningAlgorithms", ["ECDSA_SHA_256"]),
    "ECC_NIST_P384": ("KEY_AGREEMENT", "KeyAgreementAlgorithms", ["ECDH"]),
    "ECC_NIST_P521": ("SIGN_VERIFY", "SigningAlgorithms", ["ECDSA_SHA_512"]),
    "ECC_SECG_P256K1": ("SIGN_VERIFY", "SigningAlgorithms", ["ECDSA_SHA_256"]),
    "ECC_NIST_EDWARDS25519": ("SIGN_VERIFY", "SigningAlgorithms", ["ED25519_SHA_512", "ED25519_PH_SHA_512"]),
    "HMAC_224": ("GENERATE_VERIFY_MAC", "MacAlgorithms", ["HMAC_SHA_224"]),
    "HMAC_512": ("GENERATE_VERIFY_MAC", "MacAlgorithms", ["HMAC_SHA_512"]),
}


@pytest.mark.parametrize("spec", SPECS)
def test_create_key(kms, account, spec):
    usage, member, algorithms = SPECS[spec]
    key = make(kms, KeySpec=spec, KeyUsage=usage, Description="mine", Tags=[{"TagKey": "a", "TagValue": "1"}])
    assert uuid.UUID(key["KeyId"]).version == 4
    assert key["Arn"] == f"arn:aws:kms:us-east-1:{account.id}:key/{key['KeyId']}"
    assert key[member] == algorithms
    assert (key["KeySpec"], key["KeyUsage"], key["KeyState"], key["Enabled"]) == (spec, usage, "Enabled", True)
    assert (key["Origin"], key["KeyManager"], key["MultiRegion"]) == ("AWS_KMS", "CUSTOMER", False)
    described = kms.describe_key(KeyId=key["Arn"])["KeyMetadata"]
    assert described == key
    assert kms.list_resource_tags(KeyId=key["KeyId"])["Tags"] == [{"TagKey": "a", "TagValue": "1"}]


def test_create_key_refused(kms, refused):
    code, message, status = refused(kms.create_key, KeySpec="RSA_2048")
    assert (code, status) == ("ValidationException", 400)
    assert message == "You must specify a KeyUsage value for all KMS keys except for symmetric encryption keys."
    for spec, usage in [
        ("SYMMETRIC_DEFAULT", "SIGN_VERIFY"), ("RSA_2048", "GENERATE_VERIFY_MAC"), ("ECC_NIST_P256", "ENCRYPT_DECRYPT"),
        ("ECC_SECG_P256K1", "KEY_AGREEMENT"), ("HMAC_256", "SIGN_VERIFY"),
    ]:
        code, message, _ = refused(kms.create_key, KeySpec=spec, KeyUsage=usage)
        assert (code, message) == ("ValidationException", f"KeyUsage {usage} is not compatible with KeySpec {spec}")
    for options in [
        {"KeySpec": "SM2", "KeyUsage": "SIGN_VERIFY"}, {"KeySpec": "ML_DSA_44", "KeyUsage": "SIGN_VERIFY"},
        {"Origin": "AWS_CLOUDHSM"}, {"CustomKeyStoreId": "cks-1234567890abcdef0"},
    ]:
        assert refused(kms.create_key, **options)[2] == 501
    locked = json.dumps({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "kms:Encrypt", "Resource": "*"}]})
    code, message, _ = refused(kms.create_key, Policy=locked)
    assert code == "MalformedPolicyDocumentException"
    assert message == "The new key policy will not allow you to update the key policy in the future."
    assert make(kms, Policy=locked, BypassPolicyLockoutSafetyCheck=True)["Enabled"]
    assert refused(kms.create_key, Policy="{}")[0] == "MalformedPolicyDocumentException"


def test_describe_key_that_is_not_there(kms, account, refused):
    missing = str(uuid.uuid4())
    code, message, status = refused(kms.describe_key, KeyId=missing)
    arn = f"arn:aws:kms:us-east-1:{account.id}:key/{missing}"
    assert (code, message, status) == ("NotFoundException", f"Key '{arn}' does not exist", 400)
    code, message, _ = refused(kms.describe_key, KeyId="alias/none")
    assert message == f"Alias arn:aws:kms:us-east-1:{account.id}:alias/none is not found."
    assert refused(kms.describe_key, KeyId=arn.replace("us-east-1", "eu-west-1"))[1] == "Invalid arn eu-west-1"
    assert refused(kms.enable_key, KeyId="alias/none")[1] == "Invalid keyId 'alias/none'"


def test_list_keys(kms, account):
    ids = sorted(make(kms)["KeyId"] for _ in range(3))
    first = kms.list_keys(Limit=2)
    assert first["Truncated"] and [key["KeyId"] for key in first["Keys"]] == ids[:2]
    second = kms.list_keys(Limit=2, Marker=first["NextMarker"])
    assert not second["Truncated"] and [key["KeyId"] for key in second["Keys"]] == ids[2:]
    listed = account.aws("kms", "list-keys")["Keys"]
    assert [key["KeyId"] for key in listed] == ids


def test_disable_key_and_enable_key(kms, refused):
    key = make(kms)
    kms.disable_key(KeyId=key["KeyId"])
    assert kms.describe_key(KeyId=key["KeyId"])["KeyMetadata"]["KeyState"] == "Disabled"
    code, message, status = refused(kms.encrypt, KeyId=key["KeyId"], Plaintext=b"x")
    assert (code, message, status) == ("DisabledException", f"{key['Arn']} is disabled.", 400)
    kms.enable_key(KeyId=key["KeyId"])
    kms.encrypt(KeyId=key["KeyId"], Plaintext=b"x")


def test_update_key_description(kms):
    key = make(kms)["KeyId"]
    kms.update_key_description(KeyId=key, Description="new")
    assert kms.describe_key(KeyId=key)["KeyMetadata"]["Description"] == "new"


def test_tag_resource_and_untag_resource(kms, refused):
    key = make(kms)["KeyId"]
    kms.tag_resource(KeyId=key, Tags=[{"TagKey": "a", "TagValue": "1"}, {"TagKey": "b", "TagValue": "2"}])
    kms.untag_resource(KeyId=key, TagKeys=["a"])
    assert kms.list_resource_tags(KeyId=key)["Tags"] == [{"TagKey": "b", "TagValue": "2"}]
    assert refused(kms.tag_resource, KeyId=key, Tags=[{"TagKey": "AWS:x", "TagValue": ""}])[0] == "TagException"


def test_aliases(kms, account, refused):
    one, two = make(kms)["KeyId"], make(kms)["KeyId"]
    kms.create_alias(AliasName="alias/a", TargetKeyId=one)
    arn = f"arn:aws:kms:us-east-1:{account.id}:alias/a"
    code, message, _ = refused(kms.create_alias, AliasName="alias/a", TargetKeyId=two)
    assert (code, message) == ("AlreadyExistsException", f"An alias with the name {arn} already exists")
    blob = kms.encrypt(KeyId="alias/a", Plaintext=b"x")["CiphertextBlob"]
    kms.update_alias(AliasName="alias/a", TargetKeyId=two)
    assert kms.describe_key(KeyId=arn)["KeyMetadata"]["KeyId"] == two
    assert kms.decrypt(CiphertextBlob=blob)["KeyId"].endswith(one)
    assert kms.list_aliases(KeyId=one)["Aliases"] == []
    [listed] = kms.list_aliases()["Aliases"]
    assert (listed["AliasName"], listed["AliasArn"], listed["TargetKeyId"]) == ("alias/a", arn, two)
    other = make(kms, KeySpec="HMAC_256", KeyUsage="GENERATE_VERIFY_MAC")["KeyId"]
    assert refused(kms.update_alias, AliasName="alias/a", TargetKeyId=other)[0] == "ValidationException"
    kms.delete_alias(AliasName="alias/a")
    assert kms.list_aliases(KeyId=two)["Aliases"] == []
    assert refused(kms.delete_alias, AliasName="alias/a")[1] == f"Alias {arn} is not found."
    assert refused(kms.create_alias, AliasName="alias/aws/x", TargetKeyId=one)[0] == "NotAuthorizedException"


def test_key_policies(kms, account, refused):
    key = make(kms)["KeyId"]
    assert kms.list_key_policies(KeyId=key)["PolicyNames"] == ["default"]
    policy = kms.get_key_policy(KeyId=key, PolicyName="default")["Policy"]
    assert json.loads(policy)["Statement"][0]["Principal"] == {"AWS": f"arn:aws:iam::{account.id}:root"}
    new = json.loads(policy)
    new["Statement"][0]["Sid"] = "mine"
    kms.put_key_policy(KeyId=key, Policy=json.dumps(new))
    assert json.loads(kms.get_key_policy(KeyId=key)["Policy"]) == new
    new["Statement"][0]["Action"] = "kms:Encrypt"
    assert refused(kms.put_key_policy, KeyId=key, Policy=json.dumps(new))[0] == "MalformedPolicyDocumentException"


def test_schedule_key_deletion_and_cancel_key_deletion(kms, refused):
    key = make(kms)
    arn = key["Arn"]
    for days in (6, 31):
        assert refused(kms.schedule_key_deletion, KeyId=arn, PendingWindowInDays=days)[0] == "ValidationException"
    answer = kms.schedule_key_deletion(KeyId=arn, PendingWindowInDays=7)
    assert (answer["KeyId"], answer["KeyState"], answer["PendingWindowInDays"]) == (arn, "PendingDeletion", 7)
    described = kms.describe_key(KeyId=arn)["KeyMetadata"]
    assert (described["KeyState"], described["DeletionDate"]) == ("PendingDeletion", answer["DeletionDate"])
    pending = ("KMSInvalidStateException", f"{arn} is pending deletion.", 400)
    assert refused(kms.encrypt, KeyId=arn, Plaintext=b"x") == pending
    assert refused(kms.enable_key, KeyId=arn) == pending
    assert refused(kms.schedule_key_deletion, KeyId=arn) == pending
    assert kms.cancel_key_deletion(KeyId=arn)["KeyId"] == arn
    assert kms.describe_key(KeyId=arn)["KeyMetadata"]["KeyState"] == "Disabled"
    assert refused(kms.cancel_key_deletion, KeyId=arn)[1] == f"{arn} is not pending deletion."


def test_rotation(kms, refused):
    key = make(kms)["KeyId"]
    status = kms.get_key_rotation_status(KeyId=key)
    assert (status["KeyRotationEnabled"], status["KeyId"]) == (False, key)
    kms.enable_key_rotation(KeyId=key, RotationPeriodInDays=90)
    status = kms.get_key_rotation_status(KeyId=key)
    assert (status["KeyRotationEnabled"], status["RotationPeriodInDays"]) == (True, 90)
    assert status["NextRotationDate"]
    kms.disable_key_rotation(KeyId=key)
    assert not kms.get_key_rotation_status(KeyId=key)["KeyRotationEnabled"]
    before = kms.encrypt(KeyId=key, Plaintext=b"old")["CiphertextBlob"]
    first = kms.describe_key(KeyId=key)["KeyMetadata"]["CurrentKeyMaterialId"]
    kms.rotate_key_on_demand(KeyId=key)
    second = kms.describe_key(KeyId=key)["KeyMetadata"]["CurrentKeyMaterialId"]
    old = kms.decrypt(CiphertextBlob=before)
    assert (old["Plaintext"], old["KeyMaterialId"]) == (b"old", first)
    after = kms.encrypt(KeyId=key, Plaintext=b"new")["CiphertextBlob"]
    assert kms.decrypt(CiphertextBlob=after)["KeyMaterialId"] == second != first
    [rotation] = kms.list_key_rotations(KeyId=key)["Rotations"]
    assert (rotation["RotationType"], rotation["KeyMaterialId"]) == ("ON_DEMAND", second)
    everything = kms.list_key_rotations(KeyId=key, IncludeKeyMaterial="ALL_KEY_MATERIAL")["Rotations"]
    assert [m["KeyMaterialState"] for m in everything] == ["NON_CURRENT", "CURRENT"]
    asymmetric = make(kms, KeySpec="ECC_NIST_P256", KeyUsage="SIGN_VERIFY")["KeyId"]
    assert refused(kms.enable_key_rotation, KeyId=asymmetric)[0] == "UnsupportedOperationException"


def test_replicate_key_and_update_primary_region(account, kms, refused):
    key = make(kms, MultiRegion=True)
    assert key["KeyId"].startswith("mrk-")
    blob = kms.encrypt(KeyId=key["KeyId"], Plaintext=b"x")["CiphertextBlob"]
    west = account.client("kms", region="eu-west-1")
    assert refused(west.decrypt, CiphertextBlob=blob)[0] == "AccessDeniedException"
    replica = kms.replicate_key(KeyId=key["KeyId"], ReplicaRegion="eu-west-1")["ReplicaKeyMetadata"]
    assert replica["Arn"] == key["Arn"].replace("us-east-1", "eu-west-1")
    assert west.decrypt(CiphertextBlob=blob)["Plaintext"] == b"x"
    assert refused(kms.replicate_key, KeyId=key["KeyId"], ReplicaRegion="eu-west-1")[0] == "AlreadyExistsException"
    assert refused(west.rotate_key_on_demand, KeyId=key["KeyId"])[0] == "UnsupportedOperationException"
    kms.rotate_key_on_demand(KeyId=key["KeyId"])
    blob = kms.encrypt(KeyId=key["KeyId"], Plaintext=b"y")["CiphertextBlob"]
    assert west.decrypt(CiphertextBlob=blob)["Plaintext"] == b"y"
    assert kms.schedule_key_deletion(KeyId=key["KeyId"])["KeyState"] == "PendingReplicaDeletion"
    kms.cancel_key_deletion(KeyId=key["KeyId"])
    kms.update_primary_region(KeyId=key["KeyId"], PrimaryRegion="eu-west-1")
    regions = west.describe_key(KeyId=key["KeyId"])["KeyMetadata"]["MultiRegionConfiguration"]
    assert (regions["MultiRegionKeyType"], regions["PrimaryKey"]["Region"]) == ("PRIMARY", "eu-west-1")
    assert [r["Region"] for r in regions["ReplicaKeys"]] == ["us-east-1"]
    single = make(kms)
    code, message, _ = refused(kms.replicate_key, KeyId=single["KeyId"], ReplicaRegion="eu-west-1")
    assert (code, message) == ("UnsupportedOperationException", f"{single['Arn']} is not a multi-region primary key.")


def test_aws_managed_keys(kms, refused):
    key = kms.describe_key(KeyId="alias/aws/lambda")["KeyMetadata"]
    assert (key["KeyManager"], key["KeyState"]) == ("AWS", "Enabled")
    assert kms.describe_key(KeyId="alias/aws/lambda")["KeyMetadata"] == key
    code, message, _ = refused(kms.encrypt, KeyId="alias/aws/lambda", Plaintext=b"x")
    assert code == "AccessDeniedException"
    assert message.endswith("because no resource-based policy allows the kms:Encrypt action")
    assert refused(kms.disable_key, KeyId=key["KeyId"])[0] == "AccessDeniedException"
    assert refused(kms.describe_key, KeyId="alias/aws/nothing")[0] == "NotFoundException"
