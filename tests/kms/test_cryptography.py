"""What is done with keys. Signatures and public keys are checked against `openssl` where it is installed."""

import base64
import hashlib
import hmac
import shutil
import subprocess

import pytest


@pytest.fixture
def kms(client):
    return client("kms")


@pytest.fixture
def make(kms):
    return lambda **options: kms.create_key(**options)["KeyMetadata"]["Arn"]


def test_encrypt_and_decrypt(kms, make, refused, account, tmp_path):
    key, context = make(), {"purpose": "test", "a": "b"}
    answer = kms.encrypt(KeyId=key, Plaintext=b"secret", EncryptionContext=context)
    assert (answer["KeyId"], answer["EncryptionAlgorithm"]) == (key, "SYMMETRIC_DEFAULT")
    blob = answer["CiphertextBlob"]
    assert b"secret" not in blob
    answer = kms.decrypt(CiphertextBlob=blob, EncryptionContext={"a": "b", "purpose": "test"})
    assert (answer["Plaintext"], answer["KeyId"]) == (b"secret", key)
    for changed in [None, {}, {"purpose": "test"}, {**context, "x": "y"}]:
        options = {} if changed is None else {"EncryptionContext": changed}
        assert refused(kms.decrypt, CiphertextBlob=blob, **options)[0] == "InvalidCiphertextException"
    for at in range(0, len(blob), 7):
        bad = bytearray(blob)
        bad[at] ^= 1
        code = refused(kms.decrypt, CiphertextBlob=bytes(bad), EncryptionContext=context)[0]
        assert code in ("InvalidCiphertextException", "AccessDeniedException"), at
    code, message, _ = refused(kms.decrypt, CiphertextBlob=blob, KeyId=make(), EncryptionContext=context)
    assert (code, message) == (
        "IncorrectKeyException", "The key ID in the request does not identify a CMK that can perform this operation.")
    assert refused(kms.encrypt, KeyId=key, Plaintext=b"x" * 4097)[0] == "ValidationException"
    assert len(kms.encrypt(KeyId=key, Plaintext=b"x" * 4096)["CiphertextBlob"]) < 6144
    assert refused(kms.encrypt, KeyId=key, Plaintext=b"x", EncryptionContext={"k": "v" * 9000})[0] == "ValidationException"
    (tmp_path / "plaintext").write_bytes(b"by CLI")
    plaintext = f"fileb://{tmp_path}/plaintext"
    by_cli = account.aws("kms", "encrypt", "--key-id", key, "--plaintext", plaintext)["CiphertextBlob"]
    assert kms.decrypt(CiphertextBlob=base64.b64decode(by_cli))["Plaintext"] == b"by CLI"


@pytest.mark.parametrize("algorithm", ["RSAES_OAEP_SHA_1", "RSAES_OAEP_SHA_256"])
def test_encrypt_with_rsa(kms, make, refused, algorithm):
    key = make(KeySpec="RSA_2048", KeyUsage="ENCRYPT_DECRYPT")
    blob = kms.encrypt(KeyId=key, Plaintext=b"secret", EncryptionAlgorithm=algorithm)["CiphertextBlob"]
    assert len(blob) == 256
    answer = kms.decrypt(CiphertextBlob=blob, KeyId=key, EncryptionAlgorithm=algorithm)
    assert answer["Plaintext"] == b"secret" and "KeyMaterialId" not in answer
    other = {"RSAES_OAEP_SHA_1": "RSAES_OAEP_SHA_256"}.get(algorithm, "RSAES_OAEP_SHA_1")
    assert refused(kms.decrypt, CiphertextBlob=blob, KeyId=key, EncryptionAlgorithm=other)[0] == "InvalidCiphertextException"
    assert refused(kms.decrypt, CiphertextBlob=blob, EncryptionAlgorithm=algorithm)[0] == "ValidationException"
    assert refused(kms.encrypt, KeyId=key, Plaintext=b"x")[0] == "InvalidKeyUsageException"


def test_re_encrypt(kms, make):
    one, two = make(), make()
    blob = kms.encrypt(KeyId=one, Plaintext=b"x", EncryptionContext={"a": "1"})["CiphertextBlob"]
    answer = kms.re_encrypt(
        CiphertextBlob=blob, SourceEncryptionContext={"a": "1"}, DestinationKeyId=two,
        DestinationEncryptionContext={"b": "2"})
    assert (answer["SourceKeyId"], answer["KeyId"]) == (one, two)
    opened = kms.decrypt(CiphertextBlob=answer["CiphertextBlob"], EncryptionContext={"b": "2"})
    assert (opened["Plaintext"], opened["KeyId"]) == (b"x", two)


def test_generate_data_key(kms, make, refused):
    key = make()
    for options, size in [({"KeySpec": "AES_256"}, 32), ({"KeySpec": "AES_128"}, 16), ({"NumberOfBytes": 64}, 64)]:
        answer = kms.generate_data_key(KeyId=key, **options)
        assert len(answer["Plaintext"]) == size
        assert kms.decrypt(CiphertextBlob=answer["CiphertextBlob"])["Plaintext"] == answer["Plaintext"]
    answer = kms.generate_data_key_without_plaintext(KeyId=key, EncryptionContext={"a": "b"})
    assert "Plaintext" not in answer
    assert len(kms.decrypt(CiphertextBlob=answer["CiphertextBlob"], EncryptionContext={"a": "b"})["Plaintext"]) == 32
    assert refused(kms.generate_data_key, KeyId=key)[0] == "ValidationException"
    assert refused(kms.generate_data_key, KeyId=key, KeySpec="AES_256", NumberOfBytes=1)[0] == "ValidationException"
    mac = make(KeySpec="HMAC_256", KeyUsage="GENERATE_VERIFY_MAC")
    code, message, _ = refused(kms.generate_data_key, KeyId=mac, KeySpec="AES_256")
    assert (code, message) == (
        "InvalidKeyUsageException", f"{mac} key usage is GENERATE_VERIFY_MAC which is not valid for GenerateDataKey.")


@pytest.mark.parametrize("spec", ["RSA_2048", "ECC_NIST_P256", "ECC_NIST_P384", "ECC_NIST_P521", "ECC_SECG_P256K1", "ECC_NIST_EDWARDS25519"])
def test_generate_data_key_pair(kms, make, spec):
    key = make()
    pair = kms.generate_data_key_pair(KeyId=key, KeyPairSpec=spec)
    assert kms.decrypt(CiphertextBlob=pair["PrivateKeyCiphertextBlob"])["Plaintext"] == pair["PrivateKeyPlaintext"]
    assert pair["PublicKey"] == openssl_public_key(pair["PrivateKeyPlaintext"])
    pair = kms.generate_data_key_pair_without_plaintext(KeyId=key, KeyPairSpec=spec)
    private = kms.decrypt(CiphertextBlob=pair["PrivateKeyCiphertextBlob"])["Plaintext"]
    assert pair["PublicKey"] == openssl_public_key(private)


def openssl_public_key(private):
    if not shutil.which("openssl"):
        pytest.skip("openssl is not installed")
    command = ["openssl", "pkey", "-inform", "DER", "-pubout", "-outform", "DER"]
    return subprocess.run(command, input=private, capture_output=True, check=True).stdout


def test_generate_random(kms):
    assert len(kms.generate_random(NumberOfBytes=1024)["Plaintext"]) == 1024
    assert kms.generate_random(NumberOfBytes=32)["Plaintext"] != kms.generate_random(NumberOfBytes=32)["Plaintext"]


RSA = [f"{family}_SHA_{size}" for family in ("RSASSA_PSS", "RSASSA_PKCS1_V1_5") for size in (256, 384, 512)]
SIGNING = [
    *[("RSA_2048", algorithm) for algorithm in RSA],
    ("ECC_NIST_P256", "ECDSA_SHA_256"),
    ("ECC_NIST_P384", "ECDSA_SHA_384"),
    ("ECC_NIST_P521", "ECDSA_SHA_512"),
    ("ECC_SECG_P256K1", "ECDSA_SHA_256"),
]


@pytest.mark.parametrize(("spec", "algorithm"), SIGNING)
def test_sign_and_verify(kms, make, refused, tmp_path, spec, algorithm):
    key = make(KeySpec=spec, KeyUsage="SIGN_VERIFY")
    message = b"a message " * 100
    hash_name = "sha" + algorithm.rsplit("_", 1)[1]
    raw = {"KeyId": key, "Message": message, "SigningAlgorithm": algorithm}
    digest = {**raw, "Message": hashlib.new(hash_name, message).digest(), "MessageType": "DIGEST"}
    for signed, verified in [(raw, digest), (digest, raw)]:
        signature = kms.sign(**signed)["Signature"]
        assert kms.verify(**verified, Signature=signature)["SignatureValid"] is True
        assert refused(kms.verify, **{**raw, "Message": b"other"}, Signature=signature)[0] == "KMSInvalidSignatureException"
        bad = signature[:-1] + bytes([signature[-1] ^ 1])
        assert refused(kms.verify, **raw, Signature=bad)[0] == "KMSInvalidSignatureException"
    code, text, _ = refused(kms.sign, **{**digest, "Message": b"short"})
    assert (code, text) == ("ValidationException", f"Digest is invalid length for algorithm {algorithm}.")
    wrong = "ECDSA_SHA_256" if algorithm != "ECDSA_SHA_256" else "ECDSA_SHA_384"
    code, text, _ = refused(kms.sign, **{**raw, "SigningAlgorithm": wrong})
    assert (code, text) == ("InvalidKeyUsageException", f"Algorithm {wrong} is incompatible with key spec {spec}.")
    public = kms.get_public_key(KeyId=key)
    assert (public["KeyUsage"], public["KeySpec"]) == ("SIGN_VERIFY", spec) and algorithm in public["SigningAlgorithms"]
    openssl_verify(tmp_path, public["PublicKey"], algorithm, hash_name, message, signature)


def openssl_verify(directory, public, algorithm, hash_name, message, signature):
    if not shutil.which("openssl"):
        pytest.skip("openssl is not installed")
    (directory / "public").write_bytes(public)
    (directory / "signature").write_bytes(signature)
    options = ["-sigopt", "rsa_padding_mode:pss", "-sigopt", "rsa_pss_saltlen:digest"] if "PSS" in algorithm else []
    command = ["openssl", "dgst", f"-{hash_name}", *options, "-keyform", "DER", "-verify", directory / "public",
               "-signature", directory / "signature"]
    ended = subprocess.run(command, input=message, capture_output=True, check=False)
    assert ended.returncode == 0, ended.stderr


def test_sign_and_verify_with_ed25519(kms, make, refused):
    key = make(KeySpec="ECC_NIST_EDWARDS25519", KeyUsage="SIGN_VERIFY")
    message = {"KeyId": key, "Message": b"m", "SigningAlgorithm": "ED25519_SHA_512"}
    signature = kms.sign(**message)["Signature"]
    assert len(signature) == 64 and kms.verify(**message, Signature=signature)["SignatureValid"]
    digest = {
        "KeyId": key, "Message": hashlib.sha512(b"m").digest(), "MessageType": "DIGEST",
        "SigningAlgorithm": "ED25519_PH_SHA_512"}
    hashed = kms.sign(**digest)["Signature"]
    assert hashed != signature and kms.verify(**digest, Signature=hashed)["SignatureValid"]
    assert refused(kms.sign, **{**message, "MessageType": "DIGEST"})[0] == "ValidationException"
    assert refused(kms.verify, **message, Signature=hashed)[0] == "KMSInvalidSignatureException"


def test_get_public_key_of_symmetric_keys(kms, make, refused):
    assert refused(kms.get_public_key, KeyId=make())[0] == "UnsupportedOperationException"


@pytest.mark.parametrize("size", [224, 256, 384, 512])
def test_generate_mac_and_verify_mac(kms, make, refused, size):
    key = make(KeySpec=f"HMAC_{size}", KeyUsage="GENERATE_VERIFY_MAC")
    options = {"KeyId": key, "Message": b"m", "MacAlgorithm": f"HMAC_SHA_{size}"}
    code = kms.generate_mac(**options)["Mac"]
    assert len(code) == size // 8
    assert kms.verify_mac(**options, Mac=code)["MacValid"] is True
    assert refused(kms.verify_mac, **options, Mac=code[::-1])[0] == "KMSInvalidMacException"
    other = f"HMAC_SHA_{512 if size != 512 else 256}"
    assert refused(kms.generate_mac, **{**options, "MacAlgorithm": other})[0] == "InvalidKeyUsageException"


@pytest.mark.parametrize("spec", ["ECC_NIST_P256", "ECC_NIST_P384", "ECC_NIST_P521"])
def test_derive_shared_secret(kms, make, refused, spec):
    one, two = (make(KeySpec=spec, KeyUsage="KEY_AGREEMENT") for _ in range(2))
    public = lambda key: kms.get_public_key(KeyId=key)["PublicKey"]
    derive = lambda key, other: kms.derive_shared_secret(
        KeyId=key, KeyAgreementAlgorithm="ECDH", PublicKey=public(other))
    answer = derive(one, two)
    assert answer["SharedSecret"] == derive(two, one)["SharedSecret"]
    assert (answer["KeyOrigin"], answer["KeyAgreementAlgorithm"]) == ("AWS_KMS", "ECDH")
    options = {"KeyId": one, "KeyAgreementAlgorithm": "ECDH", "PublicKey": b"no key"}
    assert refused(kms.derive_shared_secret, **options)[0] == "ValidationException"


def test_dry_run(kms, make, refused):
    key = make()
    succeeded = (
        "DryRunOperationException", "The request would have succeeded, but the DryRun option is set.", 400)
    assert refused(kms.encrypt, KeyId=key, Plaintext=b"x", DryRun=True) == succeeded
    blob = kms.encrypt(KeyId=key, Plaintext=b"x")["CiphertextBlob"]
    assert refused(kms.decrypt, CiphertextBlob=blob, DryRun=True) == succeeded
    assert refused(kms.generate_data_key, KeyId=key, KeySpec="AES_256", DryRun=True) == succeeded
    kms.disable_key(KeyId=key)
    assert refused(kms.encrypt, KeyId=key, Plaintext=b"x", DryRun=True)[0] == "DisabledException"


def test_enclaves_are_not_built(kms, make, refused):
    recipient = {"KeyEncryptionAlgorithm": "RSAES_OAEP_SHA_256", "AttestationDocument": b"x"}
    assert refused(kms.generate_data_key, KeyId=make(), KeySpec="AES_256", Recipient=recipient)[2] == 501
