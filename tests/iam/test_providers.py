"""Identity providers."""

import base64
import subprocess

import pytest


@pytest.fixture
def iam(client):
    return client("iam")


@pytest.fixture(scope="module")
def metadata(tmp_path_factory):
    """`metadata("https://idp.example.com")`: what a SAML provider publishes."""
    folder = tmp_path_factory.mktemp("saml")
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=idp", "-days", "30"]
    subprocess.run([*command, "-keyout", "key", "-out", "pem"], cwd=folder, check=True, capture_output=True)
    body = "".join((folder / "pem").read_text().splitlines()[1:-1])

    def make(entity="https://idp.example.com", attributes="", certificate=body):
        return f"""<?xml version="1.0" encoding="UTF-8"?>
<md:EntityDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata" entityID="{entity}" {attributes}>
  <md:IDPSSODescriptor protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol">
    <md:KeyDescriptor use="signing">
      <ds:KeyInfo xmlns:ds="http://www.w3.org/2000/09/xmldsig#">
        <ds:X509Data><ds:X509Certificate>{certificate}</ds:X509Certificate></ds:X509Data>
      </ds:KeyInfo>
    </md:KeyDescriptor>
    <md:SingleSignOnService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST" Location="{entity}/sso"/>
  </md:IDPSSODescriptor>
</md:EntityDescriptor>"""

    make.key = (folder / "key").read_text()
    return make


def test_open_id_connect_providers(iam, account, refused):
    tags = [{"Key": "k", "Value": "v"}]
    made = iam.create_open_id_connect_provider(
        Url="https://example.com/a", ClientIDList=["one"], ThumbprintList=["a" * 40], Tags=tags)
    arn = f"arn:aws:iam::{account.id}:oidc-provider/example.com/a"
    assert made["OpenIDConnectProviderArn"] == arn and made["Tags"] == tags
    which = {"OpenIDConnectProviderArn": arn}
    code, message, _ = refused(iam.create_open_id_connect_provider, Url="https://example.com/a")
    assert (code, message) == ("EntityAlreadyExists", "Provider with url https://example.com/a already exists.")
    for url in ("http://example.com", "https://example.com?q", "https://", "https://-.example com"):
        code, message, _ = refused(iam.create_open_id_connect_provider, Url=url)
        assert (code, message) == ("ValidationError", "Invalid Open ID Connect Provider URL"), url
    call = {"Url": "https://example.com/b", "ThumbprintList": ["z" * 40]}
    assert refused(iam.create_open_id_connect_provider, **call)[0] == "InvalidInput"
    call["ThumbprintList"] = ["a" * 40] * 6
    assert refused(iam.create_open_id_connect_provider, **call)[0] == "InvalidInput"
    iam.add_client_id_to_open_id_connect_provider(**which, ClientID="two")
    iam.add_client_id_to_open_id_connect_provider(**which, ClientID="two")
    iam.remove_client_id_from_open_id_connect_provider(**which, ClientID="one")
    iam.update_open_id_connect_provider_thumbprint(**which, ThumbprintList=["b" * 40])
    shown = iam.get_open_id_connect_provider(**which)
    assert (shown["Url"], shown["ClientIDList"], shown["ThumbprintList"]) == ("example.com/a", ["two"], ["b" * 40])
    iam.tag_open_id_connect_provider(**which, Tags=[{"Key": "x", "Value": "y"}])
    iam.untag_open_id_connect_provider(**which, TagKeys=["k"])
    assert iam.list_open_id_connect_provider_tags(**which)["Tags"] == [{"Key": "x", "Value": "y"}]
    assert iam.list_open_id_connect_providers()["OpenIDConnectProviderList"] == [{"Arn": arn}]
    iam.delete_open_id_connect_provider(**which)
    iam.delete_open_id_connect_provider(**which)
    code, message, status = refused(iam.get_open_id_connect_provider, **which)
    assert (code, message, status) == ("NoSuchEntity", f"OpenIDConnect Provider not found for arn {arn}", 404)


def test_too_many_client_ids(iam, refused):
    made = iam.create_open_id_connect_provider(Url="https://example.com", ClientIDList=[f"c{n}" for n in range(100)])
    which = {"OpenIDConnectProviderArn": made["OpenIDConnectProviderArn"]}
    code, message, _ = refused(iam.add_client_id_to_open_id_connect_provider, **which, ClientID="more")
    assert (code, message) == ("LimitExceeded", "Cannot exceed quota for ClientIdsPerOpenIdConnectProvider: 100")


def test_saml_providers(iam, account, metadata, refused):
    code, message, _ = refused(iam.create_saml_provider, Name="s", SAMLMetadataDocument="x" * 1000)
    assert (code, message) == ("InvalidInput", "Could not parse metadata.")
    broken = metadata(certificate=base64.b64encode(b"no certificate" * 50).decode())
    assert refused(iam.create_saml_provider, Name="s", SAMLMetadataDocument=broken)[0] == "InvalidInput"
    arn = iam.create_saml_provider(Name="s", SAMLMetadataDocument=metadata(), Tags=[{"Key": "a", "Value": "1"}])["SAMLProviderArn"]
    assert arn == f"arn:aws:iam::{account.id}:saml-provider/s"
    which = {"SAMLProviderArn": arn}
    assert refused(iam.create_saml_provider, Name="s", SAMLMetadataDocument=metadata())[0] == "EntityAlreadyExists"
    shown = iam.get_saml_provider(**which)
    assert shown["SAMLMetadataDocument"] == metadata() and shown["ValidUntil"].year - shown["CreateDate"].year in (99, 100)
    until = metadata(attributes='validUntil="2040-01-02T03:04:05Z"')
    iam.update_saml_provider(
        **which, SAMLMetadataDocument=until, AssertionEncryptionMode="Required", AddPrivateKey=metadata.key)
    shown = iam.get_saml_provider(**which)
    assert (shown["ValidUntil"].year, shown["AssertionEncryptionMode"]) == (2040, "Required")
    [key] = shown["PrivateKeyList"]
    iam.update_saml_provider(**which, RemovePrivateKey=key["KeyId"])
    assert "PrivateKeyList" not in iam.get_saml_provider(**which)
    assert refused(iam.update_saml_provider, **which, AddPrivateKey="no key")[0] == "InvalidInput"
    iam.tag_saml_provider(**which, Tags=[{"Key": "b", "Value": "2"}])
    iam.untag_saml_provider(**which, TagKeys=["a"])
    assert iam.list_saml_provider_tags(**which)["Tags"] == [{"Key": "b", "Value": "2"}]
    assert [row["Arn"] for row in iam.list_saml_providers()["SAMLProviderList"]] == [arn]
    iam.delete_saml_provider(**which)
    code, message, _ = refused(iam.get_saml_provider, **which)
    assert (code, message) == ("NoSuchEntity", f"Manifest not found for arn {arn}")
