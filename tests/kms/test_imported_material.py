"""Imported key material: wrapped here with another implementation, compared with AWS's recordings where those are there."""

import datetime
import hashlib
import hmac
import os
import sys
from pathlib import Path

import pytest
from botocore.exceptions import ClientError
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.keywrap import aes_key_wrap_with_padding

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
import oracle  # noqa: E402

FOREVER = {"ExpirationModel": "KEY_MATERIAL_DOES_NOT_EXPIRE"}
BINARY = {"CiphertextBlob", "Plaintext", "PublicKey", "Signature", "Mac"}


@pytest.fixture
def kms(client):
    return client("kms")


@pytest.fixture
def case(account):
    def load(name, *different):
        return oracle.Case(oracle.load("kms", "kms.json", f"TestKMS::{name}"), account.id, different={*different, *BINARY})

    return load


def error(call, **parameters):
    with pytest.raises(ClientError) as raised:
        call(**parameters)
    return raised.value.response


def external(kms, spec="SYMMETRIC_DEFAULT", usage="ENCRYPT_DECRYPT", **more):
    return kms.create_key(Origin="EXTERNAL", KeySpec=spec, KeyUsage=usage, **more)["KeyMetadata"]


def oaep(algorithm):
    digest = hashes.SHA1() if algorithm.endswith("SHA_1") else hashes.SHA256()
    return padding.OAEP(mgf=padding.MGF1(digest), algorithm=digest, label=None)


def wrapped(kms, key, material, algorithm="RSAES_OAEP_SHA_256", spec="RSA_2048"):
    """The arguments of an import of the material."""
    got = kms.get_parameters_for_import(KeyId=key, WrappingAlgorithm=algorithm, WrappingKeySpec=spec)
    public = serialization.load_der_public_key(got["PublicKey"])
    assert public.key_size == int(spec[4:])
    if algorithm.startswith("RSAES"):
        data = public.encrypt(material, oaep(algorithm))
    else:
        between = os.urandom(32)
        data = public.encrypt(between, oaep(algorithm)) + aes_key_wrap_with_padding(between, material)
    return {"KeyId": key, "ImportToken": got["ImportToken"], "EncryptedKeyMaterial": data}


def pkcs8(key):
    form = serialization.PrivateFormat.PKCS8
    return key.private_bytes(serialization.Encoding.DER, form, serialization.NoEncryption())


def test_symmetric(kms, case):
    recorded = case("test_import_key_symmetric", "Description")
    key = external(kms)
    recorded.check("created-key", key)
    key = key["KeyId"]
    recorded.check("describe-key-before-import", kms.describe_key(KeyId=key))
    recorded.check("encrypt-before-import-error", error(kms.encrypt, KeyId=key, Plaintext=b"x"))
    material = os.urandom(32)
    recorded.check("import-expiring-key-without-valid-to", error(kms.import_key_material, **wrapped(kms, key, material)))
    imported = kms.import_key_material(**wrapped(kms, key, material), **FOREVER)
    recorded.check("describe-key-after-import", kms.describe_key(KeyId=key))
    blob = kms.encrypt(KeyId=key, Plaintext=b"secret")["CiphertextBlob"]
    deleted = kms.delete_imported_key_material(KeyId=key)
    assert deleted["KeyMaterialId"] == imported["KeyMaterialId"]
    recorded.check("describe-key-after-deleted-import", kms.describe_key(KeyId=key))
    recorded.check("encrypt-after-delete-error", error(kms.encrypt, KeyId=key, Plaintext=b"x"))
    # Only the same material comes back, and it opens what it encrypted.
    got = error(kms.import_key_material, **wrapped(kms, key, os.urandom(32)), **FOREVER)
    assert got["Error"]["Code"] == "IncorrectKeyMaterialException"
    again = kms.import_key_material(**wrapped(kms, key, material), **FOREVER)
    assert again["KeyMaterialId"] == imported["KeyMaterialId"]
    assert kms.decrypt(CiphertextBlob=blob)["Plaintext"] == b"secret"


@pytest.mark.parametrize("size", [384, 512])
def test_hmac(kms, case, size):
    recorded = case(f"test_import_key_hmac_keys[HMAC_{size}]")
    key = external(kms, f"HMAC_{size}", "GENERATE_VERIFY_MAC", Description="test import hmac key")["KeyId"]
    recorded.check("describe-key-before-import", kms.describe_key(KeyId=key))
    material = os.urandom(size // 8)
    kms.import_key_material(**wrapped(kms, key, material, "RSAES_OAEP_SHA_1"), **FOREVER)
    recorded.check("describe-key-after-import", kms.describe_key(KeyId=key))
    call = {"KeyId": key, "Message": b"m", "MacAlgorithm": f"HMAC_SHA_{size}"}
    made = kms.generate_mac(**call)
    assert made["Mac"] == hmac.new(material, b"m", getattr(hashlib, f"sha{size}")).digest()
    recorded.check("generate-mac-response", made)
    recorded.check("verify-mac-response", kms.verify_mac(**call, Mac=made["Mac"]))
    kms.delete_imported_key_material(KeyId=key)
    recorded.check("describe-key-after-deleted-import", kms.describe_key(KeyId=key))


@pytest.mark.parametrize(("spec", "curve", "algorithm"), [
    ("ECC_NIST_P521", ec.SECP521R1(), "ECDSA_SHA_512"), ("ECC_SECG_P256K1", ec.SECP256K1(), "ECDSA_SHA_256")])
def test_curves(kms, case, spec, curve, algorithm):
    recorded = case(f"test_import_key_ecc_keys[{spec}]")
    key = external(kms, spec, "SIGN_VERIFY", Description="test ecc key import")["KeyId"]
    recorded.check("describe-key-before-import", kms.describe_key(KeyId=key))
    private = ec.generate_private_key(curve)
    kms.import_key_material(**wrapped(kms, key, pkcs8(private), "RSA_AES_KEY_WRAP_SHA_1"), **FOREVER)
    recorded.check("describe-key-after-import", kms.describe_key(KeyId=key))
    call = {"KeyId": key, "Message": b"m", "SigningAlgorithm": algorithm}
    signed = kms.sign(**call)
    recorded.check("sign-result", signed)
    digest = hashes.SHA512() if algorithm.endswith("512") else hashes.SHA256()
    private.public_key().verify(signed["Signature"], b"m", ec.ECDSA(digest))
    recorded.check("verify-result", kms.verify(**call, Signature=signed["Signature"]))
    kms.delete_imported_key_material(KeyId=key)
    recorded.check("describe-key-after-deleted-import", kms.describe_key(KeyId=key))
    # Another key of the same kind is another one.
    other = pkcs8(ec.generate_private_key(curve))
    got = error(kms.import_key_material, **wrapped(kms, key, other, "RSA_AES_KEY_WRAP_SHA_256"), **FOREVER)
    assert got["Error"]["Code"] == "IncorrectKeyMaterialException"


def test_rsa(kms, case):
    recorded = case("test_import_key_rsa_aes_wrap_sha256")
    key = external(kms, "RSA_4096", Description="test-key")["KeyId"]
    recorded.check("describe-before-import", kms.describe_key(KeyId=key))
    private = rsa.generate_private_key(65537, 4096)
    import_ = wrapped(kms, key, pkcs8(private), "RSA_AES_KEY_WRAP_SHA_256", "RSA_3072")
    kms.import_key_material(**import_, **FOREVER)
    recorded.check("import-key-material-response", kms.describe_key(KeyId=key))
    blob = private.public_key().encrypt(b"secret", oaep("RSAES_OAEP_SHA_256"))
    call = {"KeyId": key, "CiphertextBlob": blob, "EncryptionAlgorithm": "RSAES_OAEP_SHA_256"}
    assert kms.decrypt(**call)["Plaintext"] == b"secret"
    kms.delete_imported_key_material(KeyId=key)
    recorded.check("describe-key-after-deleted-import", kms.describe_key(KeyId=key))


def test_ed25519(kms):
    key = external(kms, "ECC_NIST_EDWARDS25519", "SIGN_VERIFY")["KeyId"]
    private = ed25519.Ed25519PrivateKey.generate()
    kms.import_key_material(**wrapped(kms, key, pkcs8(private)), **FOREVER)
    call = {"KeyId": key, "Message": b"m", "SigningAlgorithm": "ED25519_SHA_512"}
    private.public_key().verify(kms.sign(**call)["Signature"], b"m")


def test_tokens(kms):
    key, other = external(kms)["KeyId"], external(kms)["KeyId"]
    material = os.urandom(32)
    good = wrapped(kms, key, material)
    fault = lambda **changes: error(kms.import_key_material, **{**good, **changes}, **FOREVER)["Error"]["Code"]
    assert fault(KeyId=other) == "InvalidImportTokenException"
    token = bytearray(good["ImportToken"])
    token[40] ^= 1
    assert fault(ImportToken=bytes(token)) == "InvalidImportTokenException"
    assert fault(ImportToken=b"nonsense") == "InvalidImportTokenException"
    assert fault(ImportToken=wrapped(kms, key, material)["ImportToken"]) == "InvalidCiphertextException"
    assert fault(EncryptedKeyMaterial=b"x" * 256) == "InvalidCiphertextException"
    assert fault(EncryptedKeyMaterial=wrapped(kms, key, b"short")["EncryptedKeyMaterial"]) == "InvalidCiphertextException"
    short = wrapped(kms, key, b"short")
    assert error(kms.import_key_material, **short, **FOREVER)["Error"]["Code"] == "IncorrectKeyMaterialException"
    assert kms.describe_key(KeyId=key)["KeyMetadata"]["KeyState"] == "PendingImport"
    got = kms.get_parameters_for_import(KeyId=key, WrappingAlgorithm="RSAES_OAEP_SHA_256", WrappingKeySpec="RSA_2048")
    left = got["ParametersValidTo"] - datetime.datetime.now(datetime.timezone.utc)
    assert datetime.timedelta(hours=23, minutes=59) < left <= datetime.timedelta(hours=24)
    # A token counts until then, as often as it is used.
    kms.import_key_material(**good, **FOREVER)
    kms.import_key_material(**good, **FOREVER)


def test_parameters_refused(kms, case):
    own = kms.create_key()["KeyMetadata"]["KeyId"]
    call = {"WrappingAlgorithm": "RSAES_OAEP_SHA_256", "WrappingKeySpec": "RSA_2048"}
    for name, label in (
        ("test_get_parameters_for_import", "response-error"),
        ("test_get_parameters_for_import_raises_for_non_external_kms_keys", "get-import-parameters-error"),
    ):
        recorded = case(name)
        recorded.check(label, error(kms.get_parameters_for_import, KeyId=own, **call))
    assert error(kms.delete_imported_key_material, KeyId=own)["Error"]["Code"] == "UnsupportedOperationException"
    long = external(kms, "RSA_2048")["KeyId"]
    assert error(kms.get_parameters_for_import, KeyId=long, **call)["Error"]["Code"] == "UnsupportedOperationException"
    call["WrappingAlgorithm"] = "RSAES_PKCS1_V1_5"
    key = external(kms)["KeyId"]
    assert error(kms.get_parameters_for_import, KeyId=key, **call)["Error"]["Code"] == "UnsupportedOperationException"
    kms.schedule_key_deletion(KeyId=key)
    call["WrappingAlgorithm"] = "RSAES_OAEP_SHA_256"
    assert error(kms.get_parameters_for_import, KeyId=key, **call)["Error"]["Code"] == "KMSInvalidStateException"


def test_expiry(kms, eventually):
    key, material = external(kms)["KeyId"], os.urandom(32)
    soon = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=4)
    kms.import_key_material(**wrapped(kms, key, material), ExpirationModel="KEY_MATERIAL_EXPIRES", ValidTo=soon)
    shown = kms.describe_key(KeyId=key)["KeyMetadata"]
    assert (shown["ExpirationModel"], shown["KeyState"]) == ("KEY_MATERIAL_EXPIRES", "Enabled")
    assert abs(shown["ValidTo"] - soon) < datetime.timedelta(seconds=1)
    blob = kms.encrypt(KeyId=key, Plaintext=b"secret")["CiphertextBlob"]
    eventually(lambda: kms.describe_key(KeyId=key)["KeyMetadata"]["KeyState"] == "PendingImport")
    assert error(kms.decrypt, CiphertextBlob=blob)["Error"]["Code"] == "KMSInvalidStateException"
    kms.import_key_material(**wrapped(kms, key, material), **FOREVER)
    assert kms.decrypt(CiphertextBlob=blob)["Plaintext"] == b"secret"
    for days in (-1, 366):
        far = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(days=days)
        got = error(kms.import_key_material, **wrapped(kms, key, material), ValidTo=far)
        assert got["Error"]["Code"] == "ValidationException"
    both = {"ValidTo": soon, **FOREVER}
    assert error(kms.import_key_material, **wrapped(kms, key, material), **both)["Error"]["Code"] == "ValidationException"


def test_rotation(kms, case):
    recorded = case("test_import_key_material_raises_if_there_is_already_key_material_pending")
    key = external(kms)["KeyId"]
    first, second, third = (os.urandom(32) for _ in range(3))
    one = kms.import_key_material(**wrapped(kms, key, first), **FOREVER)
    recorded.check("import-initial-material-response", one)
    blob = kms.encrypt(KeyId=key, Plaintext=b"old")["CiphertextBlob"]
    assert error(kms.rotate_key_on_demand, KeyId=key)["Error"]["Code"] == "UnsupportedOperationException"
    new = {**FOREVER, "ImportType": "NEW_KEY_MATERIAL"}
    two = kms.import_key_material(**wrapped(kms, key, second), **new, KeyMaterialDescription="second")
    recorded.check("import-pending-material-response", two)
    recorded.check("existing-pending-material-error", error(kms.import_key_material, **wrapped(kms, key, third), **new))
    rows = kms.list_key_rotations(KeyId=key, IncludeKeyMaterial="ALL_KEY_MATERIAL")["Rotations"]
    assert [row["KeyMaterialState"] for row in rows] == ["CURRENT", "PENDING_ROTATION"]
    assert rows[1]["KeyMaterialDescription"] == "second"
    kms.rotate_key_on_demand(KeyId=key)
    assert kms.describe_key(KeyId=key)["KeyMetadata"]["CurrentKeyMaterialId"] == two["KeyMaterialId"]
    assert kms.decrypt(CiphertextBlob=blob)["KeyMaterialId"] == one["KeyMaterialId"]
    # Without what it once encrypted with, the key waits for it.
    kms.delete_imported_key_material(KeyId=key, KeyMaterialId=one["KeyMaterialId"])
    assert error(kms.encrypt, KeyId=key, Plaintext=b"x")["Error"]["Code"] == "KMSInvalidStateException"
    kms.import_key_material(**wrapped(kms, key, first), **FOREVER)
    assert kms.decrypt(CiphertextBlob=blob)["Plaintext"] == b"old"


def test_regions(kms, account):
    key, material = external(kms, MultiRegion=True)["KeyId"], os.urandom(32)
    kms.import_key_material(**wrapped(kms, key, material), **FOREVER)
    blob = kms.encrypt(KeyId=key, Plaintext=b"secret")["CiphertextBlob"]
    kms.replicate_key(KeyId=key, ReplicaRegion="eu-west-1")
    elsewhere = account.client("kms", region="eu-west-1")
    assert elsewhere.describe_key(KeyId=key)["KeyMetadata"]["KeyState"] == "PendingImport"
    elsewhere.import_key_material(**wrapped(elsewhere, key, material), **FOREVER)
    assert elsewhere.decrypt(KeyId=key, CiphertextBlob=blob)["Plaintext"] == b"secret"


def test_denied(account, kms, user, document, refused):
    key = external(kms)
    nobody = user("nobody")("kms")
    parameters = {"WrappingAlgorithm": "RSAES_OAEP_SHA_256", "WrappingKeySpec": "RSA_2048"}
    material = {"ImportToken": b"t", "EncryptedKeyMaterial": b"m"}
    for operation, more in (
        ("GetParametersForImport", parameters),
        ("ImportKeyMaterial", material),
        ("DeleteImportedKeyMaterial", {}),
    ):
        snake = "".join("_" + c.lower() if c.isupper() else c for c in operation).lstrip("_")
        code, text, _ = refused(getattr(nobody, snake), KeyId=key["Arn"], **more)
        assert code == "AccessDeniedException"
        assert text.endswith(f"because no identity-based policy allows the kms:{operation} action")
    condition = {"StringEquals": {"kms:WrappingKeySpec": "RSA_4096", "kms:WrappingAlgorithm": "RSAES_OAEP_SHA_256"}}
    ann = user("ann", document("Allow", "kms:*", "*", Condition=condition))("kms")
    assert refused(ann.get_parameters_for_import, KeyId=key["Arn"], **parameters)[0] == "AccessDeniedException"
    parameters["WrappingKeySpec"] = "RSA_4096"
    ann.get_parameters_for_import(KeyId=key["Arn"], **parameters)
    condition = {"StringEquals": {"kms:ExpirationModel": "KEY_MATERIAL_EXPIRES"}}
    bob = user("bob", document("Allow", "kms:*", "*", Condition=condition))("kms")
    assert refused(bob.import_key_material, KeyId=key["Arn"], **material, **FOREVER)[0] == "AccessDeniedException"


def test_material_is_sealed(own_cloud, tmp_path):
    """Neither the material nor the wrapping key is on disk in the clear, and both outlive a restart."""
    cloud = own_cloud("--data-dir", tmp_path / "data")
    kms = cloud.client("kms")
    key, material = external(kms)["KeyId"], os.urandom(32)
    call = wrapped(kms, key, material)
    cloud.kill()
    cloud.start()
    kms = cloud.client("kms")
    kms.import_key_material(**call, **FOREVER)
    blob = kms.encrypt(KeyId=key, Plaintext=b"secret")["CiphertextBlob"]
    cloud.kill()
    cloud.start()
    assert cloud.client("kms").decrypt(CiphertextBlob=blob)["Plaintext"] == b"secret"
    files = [path.read_bytes() for path in (tmp_path / "data").rglob("*") if path.is_file()]
    assert files and not any(material in content for content in files)
