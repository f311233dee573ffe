"""What AWS itself answered, call by call.

Meant differences: AWS's list of enumeration values has no stable order and has grown since, so those messages are not
compared; `KeyMaterialId` and its kin were added to answers after some of the recordings. Recordings of imported material
are compared in `test_imported_material.py`.
"""

import hashlib
import json
import sys
from pathlib import Path

import pytest
from botocore.exceptions import ClientError

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
import oracle  # noqa: E402

NEWER = {"KeyMaterialId", "SourceKeyMaterialId", "DestinationKeyMaterialId", "CurrentKeyMaterialId"}
BINARY = {"CiphertextBlob", "Plaintext", "PrivateKeyCiphertextBlob", "PrivateKeyPlaintext", "PublicKey", "Signature", "Mac"}


@pytest.fixture
def kms(client):
    return client("kms")


@pytest.fixture
def case(account):
    def load(name, *different):
        answers = oracle.load("kms", "kms.json", name)
        return oracle.Case(answers, account.id, different={*different, *BINARY})

    return load


def error(call, **parameters):
    with pytest.raises(ClientError) as raised:
        call(**parameters)
    return raised.value.response


def make(kms, **options):
    return kms.create_key(**options)["KeyMetadata"]


def test_create_alias(kms, case):
    case("TestKMS::test_create_alias").check(
        "create_alias", error(kms.create_alias, AliasName="invalid", TargetKeyId=make(kms)["KeyId"]))


@pytest.mark.parametrize(("name", "tag"), [("lowercase_prefix", "aws:key1"), ("uppercase_prefix", "AWS:key1")])
def test_tags_refused(kms, case, name, tag):
    tags = [{"TagKey": tag, "TagValue": "value1"}]
    recorded = case(f"TestKMS::test_create_key_with_invalid_tag_key[{name}]")
    recorded.check("invalid-tag-key", error(kms.create_key, Tags=tags))
    recorded = case("TestKMS::test_tag_existing_key_with_invalid_tag_key")
    recorded.check("invalid-tag-key", error(kms.tag_resource, KeyId=make(kms)["KeyId"], Tags=[{"TagKey": "aws:key1", "TagValue": "v"}]))


def test_long_tags(kms, case):
    tags = [{"TagKey": "test-key", "TagValue": "v" * 257}]
    case("TestKMS::test_key_with_long_tag_value_raises_error").check("too-long-tag-value", error(kms.create_key, Tags=tags))


@pytest.mark.parametrize(("spec", "algorithm"), [
    ("RSA_2048", "RSAES_OAEP_SHA_1"), ("RSA_4096", "RSAES_OAEP_SHA_1"), ("RSA_4096", "RSAES_OAEP_SHA_256")])
def test_plaintext_size(kms, case, spec, algorithm):
    key = make(kms, KeySpec=spec, KeyUsage="ENCRYPT_DECRYPT")["KeyId"]
    recorded = case(f"TestKMS::test_encrypt_validate_plaintext_size_per_key_type[{spec}-{algorithm}]")
    call = {"KeyId": key, "Plaintext": b"x" * 600, "EncryptionAlgorithm": algorithm}
    recorded.check("generate-random-exc", error(kms.encrypt, **call))


def test_plaintext_size_for_encrypt(kms, case):
    recorded = case("TestKMS::test_plaintext_size_for_encrypt")
    call = {"KeyId": make(kms)["KeyId"], "Plaintext": b"x" * 4097}
    recorded.check("invalid-plaintext-size-encrypt", error(kms.encrypt, **call))


@pytest.mark.parametrize("size", [224, 256, 384])
def test_mac(kms, case, size):
    algorithm = f"HMAC_SHA_{size}"
    recorded = case(f"TestKMS::test_generate_and_verify_mac[HMAC_{size}-{algorithm}]")
    key = make(kms, KeySpec=f"HMAC_{size}", KeyUsage="GENERATE_VERIFY_MAC")["KeyId"]
    call = {"KeyId": key, "Message": b"m", "MacAlgorithm": algorithm}
    made = kms.generate_mac(**call)
    recorded.check("generate-mac", made)
    recorded.check("verify-mac", kms.verify_mac(**call, Mac=made["Mac"]))
    call["KeyId"] = "key_id"
    recorded.check("generate-mac-invalid-key-id", error(kms.generate_mac, **call))
    recorded.check("verify-mac-invalid-key-id", error(kms.verify_mac, **call, Mac=made["Mac"]))


def test_generate_random(client, case):
    kms = client("kms", parameter_validation=False)
    for number in (None, 0, 1025):
        recorded = case(f"TestKMS::test_generate_random_invalid_number_of_bytes[{number}]")
        options = {} if number is None else {"NumberOfBytes": number}
        recorded.check("generate-random-exc", error(kms.generate_random, **options))


def test_invalid_key_ids(kms, case):
    recorded = case("TestKMS::test_get_key_invalid_uuid")
    for label, key in [
        ("describe-key-with-invalid-uuid", "fake-key-id"),
        ("describe-key-with-invalid-uuid-2", "134f2428cec14b25a1ae9048164dba47"),
        ("describe-key-with-invalid-uuid-mrk", "mrk-fake-key-id"),
    ]:
        recorded.check(label, error(kms.describe_key, KeyId=key))


def test_create_key_refused(kms, case):
    recorded = case("TestKMS::test_hmac_create_key_invalid_operations")
    recorded.check("create-hmac-key-without-key-usage", error(kms.create_key, KeySpec="HMAC_256"))
    # The values of enumerations: see above.
    recorded.different.add("Message")
    recorded.check("create-hmac-key-invalid-spec", error(kms.create_key, KeySpec="HMAC_random", KeyUsage="GENERATE_VERIFY_MAC"))
    recorded.check("create-hmac-key-invalid-key-usage", error(kms.create_key, KeySpec="HMAC_256", KeyUsage="RANDOM"))


@pytest.mark.parametrize("days", [90, 180])
def test_enable_key_rotation(kms, case, days):
    key = make(kms)["KeyId"]
    kms.enable_key_rotation(KeyId=key, RotationPeriodInDays=days)
    status = kms.get_key_rotation_status(KeyId=key)
    case(f"TestKMS::test_key_enable_rotation_status[{days}]").check("match_response", status)


@pytest.mark.parametrize("automatic", [False, True])
def test_rotate_key_on_demand(kms, case, automatic):
    key = make(kms)["KeyId"]
    if automatic:
        kms.enable_key_rotation(KeyId=key)
    kind = "enabled" if automatic else "disabled"
    recorded = case(f"TestKMS::test_rotate_key_on_demand_with_symmetric_key_and_automatic_rotation_{kind}")
    recorded.check("rotate-on-demand-response", kms.rotate_key_on_demand(KeyId=key))
    recorded.check("rotation-status-response-after-rotation", kms.get_key_rotation_status(KeyId=key))


def test_rotation_changes_the_material(kms, case):
    recorded = case("TestKMS::test_key_rotation_updates_current_key_material_id_for_aws_symmetric_keys")
    key = make(kms, Description="test-key")["KeyId"]
    recorded.check("describe-key-before-rotation", kms.describe_key(KeyId=key))
    kms.rotate_key_on_demand(KeyId=key)
    recorded.check("describe-key-after-rotation", kms.describe_key(KeyId=key))


def test_rotation_refused(kms, case):
    key = make(kms)
    for _ in range(25):
        kms.rotate_key_on_demand(KeyId=key["KeyId"])
    recorded = case("TestKMS::test_key_rotations_limits")
    recorded.check("error-response", error(kms.rotate_key_on_demand, KeyId=key["KeyId"]))
    kms.disable_key(KeyId=key["KeyId"])
    recorded = case("TestKMS::test_rotate_key_on_demand_raises_error_given_key_is_disabled")
    recorded.check("error-response", error(kms.rotate_key_on_demand, KeyId=key["KeyId"]))
    recorded = case("TestKMS::test_rotate_key_on_demand_raises_error_given_key_that_does_not_exist")
    missing = "00000000-0000-4000-8000-000000000000"
    recorded.check("error-response", error(kms.rotate_key_on_demand, KeyId=missing))
    recorded = case("TestKMS::test_rotate_key_on_demand_raises_error_given_non_symmetric_key")
    asymmetric = make(kms, KeySpec="ECC_NIST_P256", KeyUsage="SIGN_VERIFY")["KeyId"]
    recorded.check("error-response", error(kms.rotate_key_on_demand, KeyId=asymmetric))
    recorded = case("TestKMS::test_rotate_key_on_demand_on_external_key_with_no_key_material[SYMMETRIC_DEFAULT]")
    external = make(kms, Origin="EXTERNAL", Description="test-key")
    recorded.check("create-kms-external-key", external)
    label = "rotate-key-on-demand-error-response-SYMMETRIC_DEFAULT"
    recorded.check(label, error(kms.rotate_key_on_demand, KeyId=external["KeyId"]))


@pytest.mark.parametrize(("spec", "algorithm"), [("RSA_2048", "RSAES_OAEP_SHA_256"), ("SYMMETRIC_DEFAULT", "SYMMETRIC_DEFAULT")])
def test_re_encrypt(kms, case, spec, algorithm):
    recorded = case(f"TestKMS::test_re_encrypt[{spec}-{algorithm}]", *NEWER)
    one, two = (make(kms, KeySpec=spec, KeyUsage="ENCRYPT_DECRYPT")["KeyId"] for _ in range(2))
    blob = kms.encrypt(KeyId=one, Plaintext=b"x", EncryptionAlgorithm=algorithm)["CiphertextBlob"]
    answer = kms.re_encrypt(
        SourceKeyId=one, DestinationKeyId=two, CiphertextBlob=blob,
        SourceEncryptionAlgorithm=algorithm, DestinationEncryptionAlgorithm=algorithm)
    recorded.check("test_re_encrypt", answer)


def test_re_encrypt_incorrect_source_key(kms, case):
    recorded = case("TestKMS::test_re_encrypt_incorrect_source_key")
    one, two = make(kms)["KeyId"], make(kms)["KeyId"]
    blob = kms.encrypt(KeyId=one, Plaintext=b"x")["CiphertextBlob"]
    call = {"SourceKeyId": two, "DestinationKeyId": two, "CiphertextBlob": blob}
    recorded.check("incorrect-source-key", error(kms.re_encrypt, **call))


def test_replicate_key(kms, case, account):
    recorded = case("TestKMS::test_replicate_key")
    key = make(kms, MultiRegion=True, Description="test replicated key")["KeyId"]
    elsewhere = account.client("kms", region="ap-southeast-1")
    recorded.check("describe-key-from-different-region", error(elsewhere.describe_key, KeyId=key))
    answer = kms.replicate_key(KeyId=key, ReplicaRegion="ap-southeast-1")
    answer["ReplicaPolicy"] = json.loads(answer["ReplicaPolicy"])
    recorded.check("replicate-key", answer)
    recorded.check("describe-key-from-region", kms.describe_key(KeyId=key))
    recorded.check("describe-replicated-key", elsewhere.describe_key(KeyId=key))
    recorded = case("TestKMS::test_replicate_replica_key_should_fail")
    call = {"KeyId": key, "ReplicaRegion": "eu-central-1"}
    recorded.check("fail-replicate-non-primary-key", error(elsewhere.replicate_key, **call))


@pytest.mark.parametrize(("spec", "algorithm"), [
    ("ECC_NIST_P384", "ECDSA_SHA_384"), ("ECC_SECG_P256K1", "ECDSA_SHA_256"), ("RSA_2048", "RSASSA_PSS_SHA_256")])
def test_sign_and_verify(kms, case, spec, algorithm):
    recorded = case(f"TestKMS::test_sign_verify[{spec}-{algorithm}]")
    key = make(kms, KeySpec=spec, KeyUsage="SIGN_VERIFY")["KeyId"]
    hashed = hashlib.new("sha" + algorithm[-3:], b"message").digest()
    call = {"KeyId": key, "SigningAlgorithm": algorithm, "MessageType": "DIGEST", "Message": hashed}
    made = kms.sign(**call)
    recorded.check("signature", made)
    recorded.check("verification", kms.verify(**call, Signature=made["Signature"]))
    recorded.check("bad-signature", error(kms.verify, **call, Signature=b"bad"))
    recorded.check("bad-digest", error(kms.verify, **{**call, "Message": b"bad"}, Signature=made["Signature"]))


def test_tags(kms, case):
    tags = lambda *numbers: [{"TagKey": f"tag{n}", "TagValue": f"value{n}"} for n in numbers]
    listed = lambda key: kms.list_resource_tags(KeyId=key)["Tags"]
    check = lambda name, label, key: compare(case(name).answers[label], listed(key))

    def compare(recorded, ours):
        assert ours == recorded

    key = make(kms)["KeyId"]
    kms.tag_resource(KeyId=key, Tags=tags(1, 2))
    check("TestKMS::test_tag_existing_key_and_untag", "list-resource-tags", key)
    kms.untag_resource(KeyId=key, TagKeys=["tag1", "tag2"])
    check("TestKMS::test_tag_existing_key_and_untag", "list-resource-tags-after-all-untagged", key)
    kms.tag_resource(KeyId=key, Tags=tags(1, 2, 3))
    kms.untag_resource(KeyId=key, TagKeys=["tag2"])
    check("TestKMS::test_untag_key_partially", "list-resource-tags-after-partially-untagged", key)
    changed = [{"TagKey": "tag2", "TagValue": "updated_value2"}]
    kms.tag_resource(KeyId=key, Tags=tags(4, 5) + changed)
    check("TestKMS::test_update_and_add_tags_on_tagged_key", "list-resource-tags-after-tags-updated", key)


def test_data_keys(kms, case):
    key = make(kms)["KeyId"]
    find = lambda name: case(f"TestKMSGenerateKeys::test_generate_data_key{name}", *NEWER)
    find("").check("generate-data-key-result", kms.generate_data_key(KeyId=key, KeySpec="AES_256"))
    pair = {"KeyId": key, "KeyPairSpec": "RSA_2048"}
    find("_pair").check("generate-data-key-pair", kms.generate_data_key_pair(**pair))
    without = kms.generate_data_key_pair_without_plaintext
    find("_pair_without_plaintext").check("generate-data-key-pair-without-plaintext", without(**pair))
    recorded = find("_pair_without_plaintext_dry_run")
    recorded.check("dryrun_exception", error(without, **pair, DryRun=True))
    blob = kms.generate_data_key(KeyId=key, KeySpec="AES_256", EncryptionContext={"a": "b"})["CiphertextBlob"]
    recorded = case("TestKMSGenerateKeys::test_encryption_context_generate_data_key")
    recorded.check("decrypt-without-encryption-context", error(kms.decrypt, CiphertextBlob=blob))
