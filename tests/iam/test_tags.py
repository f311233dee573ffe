"""Tags of policies, identity providers, MFA devices, instance profiles and server certificates, as conditions see them."""

import json
import subprocess

import pytest

RED, BLUE = [{"Key": "team", "Value": "red"}], [{"Key": "team", "Value": "blue"}]
ENTITY = "https://idp.example.com"


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    """A certificate and its key in PEM."""
    folder = tmp_path_factory.mktemp("certificate")
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=x", "-days", "30"]
    subprocess.run([*command, "-keyout", "key", "-out", "pem"], cwd=folder, check=True, capture_output=True)
    return (folder / "pem").read_text(), (folder / "key").read_text()


def metadata(pem):
    body = "".join(pem.splitlines()[1:-1])
    text = f"""<EntityDescriptor xmlns="urn:oasis:names:tc:SAML:2.0:metadata" entityID="{ENTITY}"><IDPSSODescriptor>
      <KeyDescriptor use="signing"><X509Certificate>{body}</X509Certificate></KeyDescriptor>
      </IDPSSODescriptor></EntityDescriptor>"""
    return text + " " * 1000


def kinds(certificate):
    """For each kind: what its operations are called, how one is made, and how answers and requests name it."""
    pem, key = certificate
    anything = json.dumps({"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}})
    return {
        "policy": (
            lambda iam, name, **tags: iam.create_policy(PolicyName=name, PolicyDocument=anything, **tags)["Policy"]["Arn"],
            "PolicyArn",
        ),
        "open_id_connect_provider": (
            lambda iam, name, **tags: iam.create_open_id_connect_provider(Url=f"https://{name}.example.com", **tags)[
                "OpenIDConnectProviderArn"
            ],
            "OpenIDConnectProviderArn",
        ),
        "saml_provider": (
            lambda iam, name, **tags: iam.create_saml_provider(Name=name, SAMLMetadataDocument=metadata(pem), **tags)[
                "SAMLProviderArn"
            ],
            "SAMLProviderArn",
        ),
        "mfa_device": (
            lambda iam, name, **tags: iam.create_virtual_mfa_device(VirtualMFADeviceName=name, **tags)[
                "VirtualMFADevice"
            ]["SerialNumber"],
            "SerialNumber",
        ),
        "instance_profile": (
            lambda iam, name, **tags: iam.create_instance_profile(InstanceProfileName=name, **tags)["InstanceProfile"][
                "InstanceProfileName"
            ],
            "InstanceProfileName",
        ),
        "server_certificate": (
            lambda iam, name, **tags: iam.upload_server_certificate(
                ServerCertificateName=name, CertificateBody=pem, PrivateKey=key, **tags
            )["ServerCertificateMetadata"]["ServerCertificateName"],
            "ServerCertificateName",
        ),
    }


KINDS = ["policy", "open_id_connect_provider", "saml_provider", "mfa_device", "instance_profile", "server_certificate"]


@pytest.mark.parametrize("kind", KINDS)
def test_tags_of_what_there_is(kind, client, user, document, refused, certificate):
    make, argument = kinds(certificate)[kind]
    iam = client("iam")
    red, blue = make(iam, "r", Tags=RED), make(iam, "b", Tags=BLUE)
    condition = {"StringEquals": {"aws:ResourceTag/team": "red"}}
    mine = user("mine", document("Allow", "iam:*", "*", Condition=condition))("iam")
    plural = "virtual_mfa_device" if kind == "mfa_device" else kind
    for operation, more in ((f"list_{kind}_tags", {}), (f"tag_{kind}", {"Tags": RED}), (f"delete_{plural}", {})):
        call = getattr(mine, operation)
        assert refused(call, **{argument: blue}, **more)[0] == "AccessDenied"
        call(**{argument: red}, **more)
    # What has lost its tag, or is not there, has none.
    getattr(iam, f"untag_{kind}")(**{argument: blue}, TagKeys=["team"])
    for name in (blue, red):
        assert refused(getattr(mine, f"list_{kind}_tags"), **{argument: name})[0] == "AccessDenied"


@pytest.mark.parametrize("kind", KINDS)
def test_tags_of_requests(kind, client, user, document, refused, certificate):
    make, argument = kinds(certificate)[kind]
    condition = {"StringEquals": {"aws:RequestTag/team": "red"}}
    actions = ["iam:Create*", "iam:Upload*", "iam:Tag*"]
    maker = user("maker", document("Allow", actions, "*", Condition=condition))("iam")
    name = make(maker, "new", Tags=RED)
    assert refused(make, iam=maker, name="newer")[0] == "AccessDenied"
    assert refused(make, iam=maker, name="newer", Tags=BLUE)[0] == "AccessDenied"
    tag = getattr(maker, f"tag_{kind}")
    tag(**{argument: name}, Tags=RED)
    assert refused(tag, **{argument: name}, Tags=BLUE)[0] == "AccessDenied"
    condition = {"ForAllValues:StringEquals": {"aws:TagKeys": ["stage"]}}
    taker = user("taker", document("Allow", "iam:Untag*", "*", Condition=condition))("iam")
    untag = getattr(taker, f"untag_{kind}")
    untag(**{argument: name}, TagKeys=["stage"])
    assert refused(untag, **{argument: name}, TagKeys=["team"])[0] == "AccessDenied"
