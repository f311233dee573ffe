"""Passwords, MFA devices, certificates and keys of users."""

import base64
import hashlib
import hmac
import struct
import subprocess
import time

import pytest
from botocore.exceptions import ClientError


@pytest.fixture
def iam(client):
    return client("iam")


@pytest.fixture
def ann(iam):
    iam.create_user(UserName="ann")
    return {"UserName": "ann"}


def totp(seed, step):
    digest = hmac.new(base64.b32decode(seed), struct.pack(">Q", step), hashlib.sha1).digest()
    at = digest[-1] & 15
    return f"{(struct.unpack('>I', digest[at:at + 4])[0] & 0x7FFFFFFF) % 10**6:06}"


def codes(seed, by=0):
    """Two codes that follow each other, the second of which is shown now."""
    step = int(time.time()) // 30 + by
    return {"AuthenticationCode1": totp(seed, step - 1), "AuthenticationCode2": totp(seed, step)}


def openssl(*arguments, cwd):
    subprocess.run(["openssl", *arguments], cwd=cwd, check=True, capture_output=True)


@pytest.fixture
def certificate(tmp_path):
    """`certificate("leaf")`: a new certificate in PEM that signs itself, and its private key."""

    def make(name, key=("-newkey", "rsa:2048")):
        subject = ["-subj", f"/CN={name}", "-days", "30", "-nodes"]
        openssl("req", "-x509", *key, *subject, "-keyout", f"{name}.key", "-out", f"{name}.pem", cwd=tmp_path)
        return (tmp_path / f"{name}.pem").read_text(), (tmp_path / f"{name}.key").read_text()

    return make


def test_login_profiles(iam, ann, refused):
    code, message, status = refused(iam.get_login_profile, **ann)
    assert (code, message, status) == ("NoSuchEntity", "Login Profile for User ann cannot be found.", 404)
    made = iam.create_login_profile(**ann, Password="Secret-1", PasswordResetRequired=True)["LoginProfile"]
    assert (made["UserName"], made["PasswordResetRequired"]) == ("ann", True)
    assert iam.get_login_profile(**ann)["LoginProfile"] == made
    code, message, status = refused(iam.create_login_profile, **ann, Password="Secret-1")
    assert (code, status) == ("EntityAlreadyExists", 409)
    assert message == "Login Profile for user ann already exists."
    iam.update_login_profile(**ann, PasswordResetRequired=False)
    assert iam.get_login_profile(**ann)["LoginProfile"]["PasswordResetRequired"] is False
    code, message, _ = refused(iam.delete_user, **ann)
    assert (code, message) == ("DeleteConflict", "Cannot delete entity, must delete login profile first.")
    iam.update_user(**ann, NewUserName="bob")
    assert iam.get_login_profile(UserName="bob")["LoginProfile"]["UserName"] == "bob"
    iam.delete_login_profile(UserName="bob")
    assert refused(iam.delete_login_profile, UserName="bob")[0] == "NoSuchEntity"
    iam.delete_user(UserName="bob")


def test_password_policy(iam, ann, account, refused):
    code, message, _ = refused(iam.get_account_password_policy)
    assert code == "NoSuchEntity"
    assert message == f"The Password Policy with domain name {account.id} cannot be found."
    assert refused(iam.create_login_profile, **ann, Password="short1A")[0] == "PasswordPolicyViolation"
    assert refused(iam.create_login_profile, **ann, Password="onlysmallletters")[0] == "PasswordPolicyViolation"
    rules = {"MinimumPasswordLength": 12, "RequireSymbols": True, "MaxPasswordAge": 90, "PasswordReusePrevention": 2}
    iam.update_account_password_policy(**rules)
    policy = iam.get_account_password_policy()["PasswordPolicy"]
    assert policy == {
        **rules, "RequireNumbers": False, "RequireUppercaseCharacters": False, "RequireLowercaseCharacters": False,
        "AllowUsersToChangePassword": False, "ExpirePasswords": True,
    }
    assert refused(iam.create_login_profile, **ann, Password="twelveletters")[0] == "PasswordPolicyViolation"
    iam.create_login_profile(**ann, Password="twelve-letters-1")
    iam.update_login_profile(**ann, Password="twelve-letters-2")
    code, _, status = refused(iam.update_login_profile, **ann, Password="twelve-letters-1")
    assert (code, status) == ("PasswordPolicyViolation", 400)
    iam.update_login_profile(**ann, Password="twelve-letters-3")
    # Two are remembered.
    iam.update_login_profile(**ann, Password="twelve-letters-1")
    iam.delete_account_password_policy()
    assert refused(iam.delete_account_password_policy)[:2] == (
        "NoSuchEntity", "The account policy with name PasswordPolicy cannot be found.")


def test_change_password(iam, user, refused):
    bob = user("bob")("iam")
    iam.create_login_profile(UserName="bob", Password="Secret-1", PasswordResetRequired=True)
    change = {"OldPassword": "Secret-1", "NewPassword": "Secret-2"}
    assert refused(bob.change_password, **change)[0] == "AccessDenied"
    iam.update_account_password_policy(AllowUsersToChangePassword=True)
    code, message, _ = refused(bob.change_password, OldPassword="wrong", NewPassword="Secret-2")
    assert (code, message) == ("AccessDenied", "The old password was incorrect.")
    bob.change_password(**change)
    assert iam.get_login_profile(UserName="bob")["LoginProfile"]["PasswordResetRequired"] is False
    assert refused(bob.change_password, **change)[0] == "AccessDenied"
    assert refused(iam.change_password, **change)[0] == "InvalidUserType"


def test_passwords_are_not_kept(own_cloud, tmp_path):
    cloud = own_cloud("--data-dir", tmp_path / "data")
    iam = cloud.client("iam")
    iam.create_user(UserName="ann")
    iam.create_login_profile(UserName="ann", Password="Unmistakable-7")
    seed = iam.create_virtual_mfa_device(VirtualMFADeviceName="m")["VirtualMFADevice"]["Base32StringSeed"]
    cloud.terminate()
    for path in (tmp_path / "data").rglob("*"):
        content = path.read_bytes() if path.is_file() else b""
        assert b"Unmistakable-7" not in content and seed not in content, path


def test_virtual_mfa_devices(iam, ann, account, refused):
    tags = [{"Key": "k", "Value": "v"}]
    made = iam.create_virtual_mfa_device(VirtualMFADeviceName="m", Path="/p/", Tags=tags)["VirtualMFADevice"]
    serial = {"SerialNumber": made["SerialNumber"]}
    assert made["SerialNumber"] == f"arn:aws:iam::{account.id}:mfa/p/m"
    seed = made["Base32StringSeed"]
    assert len(seed) == 64 and made["QRCodePNG"].startswith(b"\x89PNG") and made["Tags"] == tags
    code, message, _ = refused(iam.create_virtual_mfa_device, VirtualMFADeviceName="m", Path="/p/")
    assert (code, message) == ("EntityAlreadyExists", "MFADevice entity at the same path and name already exists.")
    wrong = {"AuthenticationCode1": "000000", "AuthenticationCode2": "000000"}
    code, message, status = refused(iam.enable_mfa_device, **ann, **serial, **wrong)
    assert (code, status) == ("InvalidAuthenticationCode", 403)
    assert message == "Authentication code for device is not valid."
    right = codes(seed)
    swapped = {"AuthenticationCode1": right["AuthenticationCode2"], "AuthenticationCode2": right["AuthenticationCode1"]}
    assert refused(iam.enable_mfa_device, **ann, **serial, **swapped)[0] == "InvalidAuthenticationCode"
    iam.enable_mfa_device(**ann, **serial, **right)
    assert refused(iam.enable_mfa_device, **ann, **serial, **right)[0] == "EntityAlreadyExists"
    [device] = iam.list_mfa_devices(**ann)["MFADevices"]
    assert (device["UserName"], device["SerialNumber"]) == ("ann", serial["SerialNumber"])
    assert iam.get_mfa_device(**serial)["UserName"] == "ann"
    [listed] = iam.list_virtual_mfa_devices(AssignmentStatus="Assigned")["VirtualMFADevices"]
    assert listed["User"]["UserName"] == "ann" and "Base32StringSeed" not in listed
    assert iam.list_virtual_mfa_devices(AssignmentStatus="Unassigned")["VirtualMFADevices"] == []
    # A device whose clock is five minutes ahead.
    iam.resync_mfa_device(**ann, **serial, **codes(seed, by=10))
    assert refused(iam.resync_mfa_device, **ann, **serial, **wrong)[0] == "InvalidAuthenticationCode"
    assert refused(iam.delete_virtual_mfa_device, **serial)[0] == "DeleteConflict"
    code, message, _ = refused(iam.delete_user, **ann)
    assert message == "Cannot delete entity, must delete MFA device first."
    iam.update_user(**ann, NewUserName="bob")
    assert len(iam.list_mfa_devices(UserName="bob")["MFADevices"]) == 1
    iam.deactivate_mfa_device(UserName="bob", **serial)
    assert refused(iam.deactivate_mfa_device, UserName="bob", **serial)[1] == "MFA Device invalid for user."
    iam.delete_virtual_mfa_device(**serial)
    code, message, _ = refused(iam.delete_virtual_mfa_device, **serial)
    assert message == f"VirtualMFADevice with serial number {serial['SerialNumber']} doesn't exist."


def test_mfa_device_tags(iam):
    made = iam.create_virtual_mfa_device(VirtualMFADeviceName="m")["VirtualMFADevice"]
    serial = {"SerialNumber": made["SerialNumber"]}
    iam.tag_mfa_device(**serial, Tags=[{"Key": "a", "Value": "1"}, {"Key": "b", "Value": "2"}])
    iam.untag_mfa_device(**serial, TagKeys=["a"])
    assert iam.list_mfa_device_tags(**serial)["Tags"] == [{"Key": "b", "Value": "2"}]


def test_signing_certificates(iam, ann, certificate, refused):
    code, message, status = refused(iam.upload_signing_certificate, **ann, CertificateBody="x")
    assert (code, status) == ("MalformedCertificate", 400)
    assert message == "Unable to parse certificate. Please ensure the certificate is in PEM format."
    body, _ = certificate("one")
    made = iam.upload_signing_certificate(**ann, CertificateBody=body)["Certificate"]
    assert (made["UserName"], made["Status"], made["CertificateBody"].strip()) == ("ann", "Active", body.strip())
    assert refused(iam.upload_signing_certificate, **ann, CertificateBody=body)[0] == "DuplicateCertificate"
    iam.upload_signing_certificate(**ann, CertificateBody=certificate("two")[0])
    code, message, _ = refused(iam.upload_signing_certificate, **ann, CertificateBody=certificate("three")[0])
    assert (code, message) == ("LimitExceeded", "Cannot exceed quota for SigningCertificatesPerUser: 2")
    which = {**ann, "CertificateId": made["CertificateId"]}
    iam.update_signing_certificate(**which, Status="Inactive")
    listed = {row["CertificateId"]: row["Status"] for row in iam.list_signing_certificates(**ann)["Certificates"]}
    assert len(listed) == 2 and listed[made["CertificateId"]] == "Inactive"
    iam.delete_signing_certificate(**which)
    code, message, _ = refused(iam.delete_signing_certificate, **which)
    assert message == f"The Certificate with id {made['CertificateId']} cannot be found."


def test_ssh_public_keys(iam, ann, tmp_path, refused):
    openssl("genrsa", "-out", "key", "2048", cwd=tmp_path)
    openssl("rsa", "-in", "key", "-pubout", "-out", "public", cwd=tmp_path)
    pem = (tmp_path / "public").read_text()
    made = iam.upload_ssh_public_key(**ann, SSHPublicKeyBody=pem)["SSHPublicKey"]
    which = {**ann, "SSHPublicKeyId": made["SSHPublicKeyId"]}
    assert made["SSHPublicKeyId"].startswith("APKA") and made["Status"] == "Active"
    as_ssh = iam.get_ssh_public_key(**which, Encoding="SSH")["SSHPublicKey"]["SSHPublicKeyBody"]
    blob = base64.b64decode(as_ssh.split()[1])
    digest = hashlib.md5(blob).hexdigest()
    assert made["Fingerprint"] == ":".join(digest[at:at + 2] for at in range(0, 32, 2))
    assert iam.get_ssh_public_key(**which, Encoding="PEM")["SSHPublicKey"]["SSHPublicKeyBody"].strip() == pem.strip()
    # The same key in its other form.
    code, _, _ = refused(iam.upload_ssh_public_key, **ann, SSHPublicKeyBody=f"{as_ssh} ann@host")
    assert code == "DuplicateSSHPublicKey"
    assert refused(iam.upload_ssh_public_key, **ann, SSHPublicKeyBody="ssh-ed25519 AAAA")[0] == "UnrecognizedPublicKeyEncoding"
    assert refused(iam.upload_ssh_public_key, **ann, SSHPublicKeyBody="ssh-rsa AAAA")[0] == "InvalidPublicKey"
    iam.update_ssh_public_key(**which, Status="Inactive")
    assert [row["Status"] for row in iam.list_ssh_public_keys(**ann)["SSHPublicKeys"]] == ["Inactive"]
    assert refused(iam.delete_user, **ann)[1] == "Cannot delete entity, must remove referenced objects first."
    iam.delete_ssh_public_key(**which)
    code, message, _ = refused(iam.get_ssh_public_key, **which, Encoding="SSH")
    assert message == f"The SSH Public Key with id {made['SSHPublicKeyId']} cannot be found."


def test_second_service_specific_credential(iam, ann, account, refused):
    call = {**ann, "ServiceName": "codecommit.amazonaws.com"}
    names = [
        iam.create_service_specific_credential(**call)["ServiceSpecificCredential"]["ServiceUserName"] for _ in range(2)
    ]
    assert names == [f"ann-at-{account.id}", f"ann+1-at-{account.id}"]
    assert refused(iam.create_service_specific_credential, **call)[0] == "LimitExceeded"
    assert len(iam.list_service_specific_credentials(AllUsers=True)["ServiceSpecificCredentials"]) == 2
    code, _, status = refused(iam.create_service_specific_credential, **ann, ServiceName="bedrock.amazonaws.com")
    assert status == 501


@pytest.mark.parametrize("key", [("-newkey", "rsa:2048"), ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256")])
def test_server_certificates(iam, account, certificate, refused, key):
    body, private_key = certificate("leaf", key)
    other_body, other_key = certificate("other")
    call = {"ServerCertificateName": "web", "CertificateBody": body, "PrivateKey": private_key, "Path": "/p/"}
    assert refused(iam.upload_server_certificate, **{**call, "PrivateKey": other_key})[0] == "KeyPairMismatch"
    assert refused(iam.upload_server_certificate, **{**call, "CertificateBody": "x"})[0] == "MalformedCertificate"
    assert refused(iam.upload_server_certificate, **{**call, "PrivateKey": "x"})[0] == "MalformedCertificate"
    code, message, _ = refused(iam.upload_server_certificate, **call, CertificateChain=other_body)
    assert code == "MalformedCertificate" and message.endswith("invalid certificate is: 0")
    made = iam.upload_server_certificate(**call, CertificateChain=body, Tags=[{"Key": "a", "Value": "1"}])
    metadata = made["ServerCertificateMetadata"]
    assert metadata["Arn"] == f"arn:aws:iam::{account.id}:server-certificate/p/web"
    assert metadata["ServerCertificateId"].startswith("ASCA")
    days = (metadata["Expiration"] - metadata["UploadDate"]).total_seconds() / 86400
    assert 29.9 < days < 30.1
    code, message, _ = refused(iam.upload_server_certificate, **call)
    assert (code, message) == ("EntityAlreadyExists", "The Server Certificate with name web already exists.")
    which = {"ServerCertificateName": "web"}
    shown = iam.get_server_certificate(**which)["ServerCertificate"]
    assert shown["CertificateBody"].strip() == body.strip() and "PrivateKey" not in shown
    iam.tag_server_certificate(**which, Tags=[{"Key": "b", "Value": "2"}])
    iam.untag_server_certificate(**which, TagKeys=["a"])
    assert iam.list_server_certificate_tags(**which)["Tags"] == [{"Key": "b", "Value": "2"}]
    iam.update_server_certificate(**which, NewServerCertificateName="new", NewPath="/q/")
    [listed] = iam.list_server_certificates(PathPrefix="/q/")["ServerCertificateMetadataList"]
    assert listed["ServerCertificateName"] == "new"
    code, message, _ = refused(iam.delete_server_certificate, **which)
    assert message == "The Server Certificate with name web cannot be found."
    iam.delete_server_certificate(ServerCertificateName="new")
    assert iam.list_server_certificates()["ServerCertificateMetadataList"] == []


def test_a_users_own(iam, user, document):
    """Where no name is given, the caller is meant."""
    bob = user("bob", document("Allow", "iam:*", "*"))("iam")
    iam.create_login_profile(UserName="bob", Password="Secret-1")
    assert bob.get_login_profile()["LoginProfile"]["UserName"] == "bob"
    assert bob.list_mfa_devices()["MFADevices"] == []
    assert bob.list_ssh_public_keys()["SSHPublicKeys"] == []
    with pytest.raises(ClientError, match="Must specify userName"):
        iam.get_login_profile()
