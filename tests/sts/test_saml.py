"""`AssumeRoleWithSAML`: a provider with keys of its own signs responses, and attackers change them.

Responses are signed with signxml and lxml, which share no code with the cloud.
"""

import base64
import datetime
import hashlib
import json
import os
import uuid

import botocore
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from lxml import etree
from signxml import XMLSigner, methods

SAML = "urn:oasis:names:tc:SAML:2.0:assertion"
SAMLP = "urn:oasis:names:tc:SAML:2.0:protocol"
DS = "http://www.w3.org/2000/09/xmldsig#"
EXCLUSIVE = "http://www.w3.org/2001/10/xml-exc-c14n#"
AWS = "https://aws.amazon.com/SAML/Attributes/"
RECIPIENT = "https://signin.aws.amazon.com/saml"
ISSUER = "https://idp.example.com/saml"
PERSISTENT = "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent"
FORGED = ("InvalidIdentityToken", "Response signature invalid", 400)


def at(seconds):
    moment = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=seconds)
    return moment.strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"


class Provider:
    """An identity provider with one key."""

    def __init__(self, key=None):
        self.key = key or rsa.generate_private_key(65537, 2048)
        name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "idp")])
        now = datetime.datetime.now(datetime.timezone.utc)
        builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(self.key.public_key())
        builder = builder.serial_number(1).not_valid_before(now).not_valid_after(now + datetime.timedelta(days=2))
        self.certificate = builder.sign(self.key, hashes.SHA256())

    def metadata(self, **attributes):
        der = base64.b64encode(self.certificate.public_bytes(serialization.Encoding.DER)).decode()
        attributes = "".join(f' {name}="{value}"' for name, value in attributes.items())
        text = f"""<EntityDescriptor xmlns="urn:oasis:names:tc:SAML:2.0:metadata" entityID="{ISSUER}"{attributes}>
          <IDPSSODescriptor protocolSupportEnumeration="{SAMLP}"><KeyDescriptor use="signing">
            <ds:KeyInfo xmlns:ds="{DS}"><ds:X509Data><ds:X509Certificate>{der}</ds:X509Certificate></ds:X509Data></ds:KeyInfo>
          </KeyDescriptor></IDPSSODescriptor></EntityDescriptor>"""
        return text + " " * max(0, 1000 - len(text))

    def sign(self, element, algorithm=None, digest="sha256"):
        """The element with a signature of its own; it holds no other yet."""
        algorithm = algorithm or ("rsa-sha256" if isinstance(self.key, rsa.RSAPrivateKey) else "ecdsa-sha256")
        signer = XMLSigner(methods.enveloped, algorithm, digest, c14n_algorithm=EXCLUSIVE)
        return signer.sign(element, key=self.key, cert=[self.certificate], reference_uri="#" + element.get("ID"))


def attribute(name, *values):
    values = "".join(
        f'<saml:AttributeValue xsi:type="xs:string">{value}</saml:AttributeValue>' for value in values
    )
    return f'<saml:Attribute Name="{name}">{values}</saml:Attribute>'


def assertion(role, provider, **changes):
    """An unsigned assertion, as common providers write it."""
    value = {
        "id": "_" + uuid.uuid4().hex,
        "issued": at(0),
        "issuer": ISSUER,
        "until": at(120),
        "not_before": at(-60),
        "recipient": RECIPIENT,
        "audience": "urn:amazon:webservices",
        "subject": "ann-0815",
        "session_end": at(3600),
        "attributes": {},
        **changes,
    }
    attributes = {f"{AWS}Role": [f"{role},{provider}"], f"{AWS}RoleSessionName": ["ann@example.com"]}
    attributes.update(value["attributes"])
    attributes = "".join(attribute(name, *values) for name, values in attributes.items())
    return f"""<saml:Assertion xmlns:saml="{SAML}" xmlns:xs="http://www.w3.org/2001/XMLSchema"
        xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" ID="{value['id']}" Version="2.0" IssueInstant="{value['issued']}">
      <saml:Issuer>{value['issuer']}</saml:Issuer>
      <ds:Signature xmlns:ds="{DS}" Id="placeholder"/>
      <saml:Subject><saml:NameID Format="{PERSISTENT}">{value['subject']}</saml:NameID>
        <saml:SubjectConfirmation Method="urn:oasis:names:tc:SAML:2.0:cm:bearer">
          <saml:SubjectConfirmationData NotOnOrAfter="{value['until']}" Recipient="{value['recipient']}"/>
        </saml:SubjectConfirmation></saml:Subject>
      <saml:Conditions NotBefore="{value['not_before']}" NotOnOrAfter="{value['until']}">
        <saml:AudienceRestriction><saml:Audience>{value['audience']}</saml:Audience></saml:AudienceRestriction>
      </saml:Conditions>
      <saml:AuthnStatement AuthnInstant="{at(0)}" SessionNotOnOrAfter="{value['session_end']}"/>
      <saml:AttributeStatement>{attributes}</saml:AttributeStatement>
    </saml:Assertion>"""


def response(content="", status="Success"):
    return etree.fromstring(
        f"""<samlp:Response xmlns:samlp="{SAMLP}" xmlns:saml="{SAML}" ID="_{uuid.uuid4().hex}" Version="2.0"
              IssueInstant="{at(0)}" Destination="{RECIPIENT}">
          <saml:Issuer>{ISSUER}</saml:Issuer>
          <samlp:Status><samlp:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:{status}"/></samlp:Status>
          {content}</samlp:Response>"""
    )


def encoded(tree):
    data = tree if isinstance(tree, bytes) else etree.tostring(tree)
    return base64.b64encode(data).decode()


def encrypted(element, public, bits=256, digest="sha1", sealed=None):
    """An `EncryptedAssertion` with the element; `sealed` takes the place of its ciphertext."""
    key, nonce = os.urandom(bits // 8), os.urandom(12)
    sealed = sealed or nonce + AESGCM(key).encrypt(nonce, etree.tostring(element), None)
    outer = {"sha1": hashes.SHA1(), "sha256": hashes.SHA256()}[digest]
    oaep = padding.OAEP(mgf=padding.MGF1(hashes.SHA1()), algorithm=outer, label=None)
    value = lambda data: f"<xe:CipherData><xe:CipherValue>{base64.b64encode(data).decode()}</xe:CipherValue></xe:CipherData>"
    method = f"{DS}sha1" if digest == "sha1" else "http://www.w3.org/2001/04/xmlenc#sha256"
    return etree.fromstring(
        f"""<saml:EncryptedAssertion xmlns:saml="{SAML}" xmlns:xe="http://www.w3.org/2001/04/xmlenc#" xmlns:ds="{DS}">
          <xe:EncryptedData Type="http://www.w3.org/2001/04/xmlenc#Element">
            <xe:EncryptionMethod Algorithm="http://www.w3.org/2009/xmlenc11#aes{bits}-gcm"/>
            <ds:KeyInfo><xe:EncryptedKey>
              <xe:EncryptionMethod Algorithm="http://www.w3.org/2001/04/xmlenc#rsa-oaep-mgf1p">
                <ds:DigestMethod Algorithm="{method}"/></xe:EncryptionMethod>{value(public.encrypt(key, oaep))}
            </xe:EncryptedKey></ds:KeyInfo>{value(sealed)}</xe:EncryptedData></saml:EncryptedAssertion>"""
    )


class Federation:
    """A provider that an account trusts, and a role that trusts the provider."""

    def __init__(self, cloud, account, refused):
        self.cloud, self.account, self.refused = cloud, account, refused
        self.iam, self.idp = account.client("iam"), Provider()
        created = self.iam.create_saml_provider(Name="corp", SAMLMetadataDocument=self.idp.metadata())
        self.provider = created["SAMLProviderArn"]
        self.role = self.new_role("fed", {"StringEquals": {"SAML:aud": RECIPIENT}})
        # Nobody signs these calls: the assertion is the proof.
        self.sts = cloud.client("sts", signature_version=botocore.UNSIGNED)

    def new_role(self, name, condition=None, action=("sts:AssumeRoleWithSAML", "sts:TagSession", "sts:SetSourceIdentity")):
        statement = {"Effect": "Allow", "Principal": {"Federated": self.provider}, "Action": list(action)}
        statement.update({"Condition": condition} if condition else {})
        trust = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
        return self.iam.create_role(RoleName=name, AssumeRolePolicyDocument=trust)["Role"]["Arn"]

    def signed(self, idp=None, role=None, algorithm=None, digest="sha256", **changes):
        text = assertion(role or self.role, self.provider, **changes)
        element = (idp or self.idp).sign(etree.fromstring(text), algorithm, digest)
        tree = response()
        tree.append(element)
        return tree

    def assume(self, tree, role=None, **more):
        return self.sts.assume_role_with_saml(
            RoleArn=role or self.role, PrincipalArn=self.provider, SAMLAssertion=encoded(tree), **more
        )

    def denied(self, tree, role=None, **more):
        call = {"RoleArn": role or self.role, "PrincipalArn": self.provider, "SAMLAssertion": encoded(tree), **more}
        return self.refused(self.sts.assume_role_with_saml, **call)


@pytest.fixture
def federation(cloud, account, refused):
    return Federation(cloud, account, refused)


def test_a_session(federation, cloud, account, document, refused):
    federation.iam.put_role_policy(
        RoleName="fed", PolicyName="p", PolicyDocument=document("Allow", "iam:ListUsers", "*")
    )
    got = federation.assume(federation.signed())
    assert (got["Subject"], got["SubjectType"]) == ("ann-0815", "persistent")
    assert (got["Issuer"], got["Audience"]) == (ISSUER, RECIPIENT)
    digest = hashlib.sha1(f"{ISSUER}{account.id}/corp".encode()).digest()
    assert got["NameQualifier"] == base64.b64encode(digest).decode()
    assert got["AssumedRoleUser"]["Arn"] == f"arn:aws:sts::{account.id}:assumed-role/fed/ann@example.com"
    keys = got["Credentials"]
    session = cloud.client("iam", keys["AccessKeyId"], keys["SecretAccessKey"], keys["SessionToken"])
    session.list_users()
    assert refused(session.list_roles)[0] == "AccessDenied"


def test_signatures_of_every_kind(federation):
    for algorithm, digest in (("rsa-sha384", "sha384"), ("rsa-sha512", "sha512")):
        federation.assume(federation.signed(algorithm=algorithm, digest=digest))
    # The whole response signed instead of the assertion, and both.
    text = assertion(federation.role, federation.provider)
    bare = etree.fromstring(text)
    bare.remove(bare.find(f"{{{DS}}}Signature"))
    tree = response()
    tree.append(bare)
    federation.assume(federation.idp.sign(tree))
    for curve, algorithm, digest in (
        (ec.SECP256R1(), "ecdsa-sha256", "sha256"),
        (ec.SECP384R1(), "ecdsa-sha384", "sha384"),
        (ec.SECP521R1(), "ecdsa-sha512", "sha512"),
    ):
        idp = Provider(ec.generate_private_key(curve))
        federation.iam.update_saml_provider(
            SAMLProviderArn=federation.provider, SAMLMetadataDocument=idp.metadata()
        )
        federation.assume(federation.signed(idp, algorithm=algorithm, digest=digest))


def test_tags_identity_and_duration(federation, cloud, account, document):
    federation.iam.put_role_policy(
        RoleName="fed",
        PolicyName="p",
        PolicyDocument=document(
            "Allow",
            "iam:ListUsers",
            "*",
            Condition={"StringEquals": {"aws:PrincipalTag/Team": "blue", "aws:SourceIdentity": "ann", "saml:sub": "ann-0815"}},
        ),
    )
    tree = federation.signed(
        attributes={
            f"{AWS}Role": [f"{federation.provider}, {federation.role}"],
            f"{AWS}PrincipalTag:Team": ["blue"],
            f"{AWS}TransitiveTagKeys": ["Team"],
            f"{AWS}SourceIdentity": ["ann"],
            f"{AWS}SessionDuration": ["1800"],
        }
    )
    got = federation.assume(tree)
    assert got["SourceIdentity"] == "ann" and got["PackedPolicySize"] > 0
    left = got["Credentials"]["Expiration"] - datetime.datetime.now(datetime.timezone.utc)
    assert 1700 < left.total_seconds() <= 1800
    keys = got["Credentials"]
    cloud.client("iam", keys["AccessKeyId"], keys["SecretAccessKey"], keys["SessionToken"]).list_users()
    # The user's session at the provider ends first.
    got = federation.assume(federation.signed(session_end=at(600)), DurationSeconds=3600)
    left = got["Credentials"]["Expiration"] - datetime.datetime.now(datetime.timezone.utc)
    assert left.total_seconds() <= 600
    # Tags and identities need permissions of their own.
    plain = federation.new_role("plain", action=["sts:AssumeRoleWithSAML"])
    federation.assume(federation.signed(role=plain), role=plain)
    for attributes in ({f"{AWS}PrincipalTag:Team": ["blue"]}, {f"{AWS}SourceIdentity": ["ann"]}):
        tree = federation.signed(role=plain, attributes=attributes)
        assert federation.denied(tree, role=plain)[0] == "AccessDenied"


def test_conditions_of_trust(federation, account):
    digest = hashlib.sha1(f"{ISSUER}{account.id}/corp".encode()).digest()
    condition = {
        "StringEquals": {
            "saml:iss": ISSUER,
            "saml:sub": "ann-0815",
            "saml:sub_type": "persistent",
            "saml:namequalifier": base64.b64encode(digest).decode(),
            "saml:doc": f"{account.id}/corp",
        },
        "ForAnyValue:StringEquals": {"saml:edupersonaffiliation": "staff"},
    }
    role = federation.new_role("strict", condition)
    affiliation = "urn:oid:1.3.6.1.4.1.5923.1.1.1.1"
    staff = {affiliation: ["member", "staff"]}
    federation.assume(federation.signed(role=role, attributes=staff), role=role)
    answer = ("AccessDenied", "Not authorized to perform sts:AssumeRoleWithSAML", 403)
    assert federation.denied(federation.signed(role=role), role=role) == answer
    bob = federation.signed(role=role, subject="bob", attributes=staff)
    assert federation.denied(bob, role=role) == answer
    # A role that the assertion does not name, and one that does not trust the provider.
    assert federation.denied(federation.signed(), role=role) == answer
    nobody = role.replace("strict", "nobody")
    assert federation.denied(federation.signed(role=nobody), role=nobody) == answer


def test_who_and_when(federation, eventually):
    def denied(**changes):
        return federation.denied(federation.signed(**changes))

    assert denied(issuer="https://other.example.com") == (
        "InvalidIdentityToken",
        "Issuer not present in specified provider",
        400,
    )
    assert denied(audience="https://other.example.com")[0] == "InvalidIdentityToken"
    assert denied(recipient="https://other.example.com/saml")[0] == "InvalidIdentityToken"
    regional = federation.signed(recipient="https://eu-west-1.signin.aws.amazon.com/saml")
    assert federation.denied(regional)[0] == "AccessDenied"  # The role trusts another address.
    expired = ("ExpiredTokenException", "Response has expired", 400)
    assert denied(until=at(-1)) == expired
    assert denied(session_end=at(-1)) == expired
    assert denied(issued=at(-320))[:2] == (
        "ExpiredTokenException",
        "Token must be redeemed within 5 minutes of issuance",
    )
    assert denied(not_before=at(600))[0] == "InvalidIdentityToken"
    # One that was good is not good for ever.
    tree = federation.signed(until=at(3))
    federation.assume(tree)
    call = {"RoleArn": federation.role, "PrincipalArn": federation.provider, "SAMLAssertion": encoded(tree)}

    def has_expired():
        try:
            federation.sts.assume_role_with_saml(**call)
        except botocore.exceptions.ClientError as error:
            return error.response["Error"]["Code"] == "ExpiredTokenException"

    eventually(has_expired)


def test_other_keys(federation):
    stranger = Provider()
    assert federation.denied(federation.signed(stranger)) == FORGED
    assert federation.denied(response(assertion(federation.role, federation.provider))) == FORGED
    bare = etree.fromstring(assertion(federation.role, federation.provider))
    bare.remove(bare.find(f"{{{DS}}}Signature"))
    tree = response()
    tree.append(bare)
    assert federation.denied(tree) == FORGED
    # Signatures with SHA-1, and HMACs under what everybody knows, are no signatures.
    good = etree.tostring(federation.signed())
    for algorithm in (f"{DS}rsa-sha1", "http://www.w3.org/2001/04/xmldsig-more#hmac-sha256"):
        changed = good.replace(b"http://www.w3.org/2001/04/xmldsig-more#rsa-sha256", algorithm.encode())
        assert federation.denied(changed) == FORGED


def test_changed_responses(federation):
    tree = federation.signed()
    good = etree.tostring(tree)
    for old, new in (
        (b"ann-0815", b"root"),
        (b"ann@example.com", b"root@example.com"),
        (b"role/fed", b"role/admin"),
        (b"saml:AuthnStatement", b"saml:OtherStatement"),
        (RECIPIENT.encode() + b'"/>', RECIPIENT.encode() + b'" extra="1"/>'),
    ):
        assert old in good and federation.denied(good.replace(old, new)) == FORGED
    # What the provider signed, with a comment where it hides the end of a name.
    tree = federation.signed(subject="ann@example.com.evil.org")
    text = etree.tostring(tree).replace(b"example.com.evil", b"example.com<!-- -->.evil")
    assert federation.assume(text)["Subject"] == "ann@example.com.evil.org"
    # Entities and other declarations.
    entity = b'<!DOCTYPE r [<!ENTITY e "x">]>' + good
    assert federation.denied(entity)[0] == "InvalidIdentityToken"
    assert federation.denied(b"<!DOCTYPE r>" + good)[0] == "InvalidIdentityToken"


def test_wrapped_signatures(federation):
    """The attacks of 'On Breaking SAML' (2012): the signature holds, but another assertion is to be read."""
    genuine = federation.signed()[-1]
    signature = genuine.find(f"{{{DS}}}Signature")
    same_id = genuine.get("ID")

    def evil(identifier):
        text = assertion(federation.role, federation.provider, id=identifier, subject="root")
        element = etree.fromstring(text)
        element.remove(element.find(f"{{{DS}}}Signature"))
        return element

    def copy(element):
        return etree.fromstring(etree.tostring(element))

    def attack(*children):
        tree = response()
        for child in children:
            tree.append(copy(child))
        return federation.denied(tree)

    federation_is_sane = response()
    federation_is_sane.append(copy(genuine))
    federation.assume(federation_is_sane)
    for identifier in (same_id, "_evil"):
        forged = evil(identifier)
        assert attack(forged, genuine)[0] == "InvalidIdentityToken"
        assert attack(genuine, forged)[0] == "InvalidIdentityToken"
        around = copy(forged)
        around.append(copy(genuine))
        assert attack(around)[0] == "InvalidIdentityToken"
        # The genuine signature moved into the forged assertion, the signed one kept inside of it.
        moved, inner, carried = copy(forged), copy(genuine), copy(signature)
        inner.remove(inner.find(f"{{{DS}}}Signature"))
        holder = etree.SubElement(carried, f"{{{DS}}}Object")
        holder.append(inner)
        moved.insert(1, carried)
        assert attack(moved)[0] == "InvalidIdentityToken"
        beside = copy(forged)
        beside.insert(1, copy(signature))
        assert attack(beside)[0] == "InvalidIdentityToken"
    extension = etree.Element(f"{{{SAMLP}}}Extensions")
    extension.append(copy(genuine))
    assert attack(extension, evil("_evil"))[0] == "InvalidIdentityToken"


def test_bad_input(federation, account, refused):
    call = {"RoleArn": federation.role, "PrincipalArn": federation.provider}
    for bad in ("%%%%", "bm90IHhtbA==", encoded(b"<Response/>"), encoded(b"<a>" * 200)):
        got = refused(federation.sts.assume_role_with_saml, **call, SAMLAssertion=bad)
        assert (got[0], got[2]) == ("InvalidIdentityToken", 400)
    assert federation.denied(response(assertion(federation.role, federation.provider), "Requester"))[::2] == (
        "IDPRejectedClaim",
        403,
    )
    tree = federation.signed()
    arn = federation.provider
    unknown = {"PrincipalArn": arn.replace("corp", "none")}
    assert federation.denied(tree, **unknown)[:2] == ("InvalidIdentityToken", "Specified provider doesn't exist")
    assert federation.denied(tree, PrincipalArn=federation.role)[:2] == ("ValidationError", "Request ARN is invalid")
    for attributes, text in (
        ({f"{AWS}RoleSessionName": []}, "RoleSessionName is required in AuthnResponse"),
        ({f"{AWS}RoleSessionName": ["a b"]}, "RoleSessionName in AuthnResponse must match [a-zA-Z_0-9+=,.@-]{2,64}"),
        (
            {f"{AWS}SourceIdentity": ["aws:me"]},
            'Source Identity must match [a-zA-Z_0-9+=,.@-]{2,64} and not begin with "aws:"',
        ),
        ({f"{AWS}SessionDuration": ["60"]}, "SessionDuration in AuthnResponse must be from 900 to 43200 seconds"),
    ):
        got = federation.denied(federation.signed(attributes=attributes))
        assert got == ("InvalidIdentityToken", text, 400)
    got = federation.denied(tree, DurationSeconds=7200)
    assert got[1] == "The requested DurationSeconds exceeds the MaxSessionDuration set for this role."
    federation.iam.update_saml_provider(SAMLProviderArn=arn, AssertionEncryptionMode="Required")
    assert federation.denied(tree)[0] == "InvalidIdentityToken"


def test_encrypted_assertions(federation):
    private = rsa.generate_private_key(65537, 2048)
    form = serialization.PrivateFormat.PKCS8
    pem = private.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption()).decode()
    federation.iam.update_saml_provider(
        SAMLProviderArn=federation.provider, AddPrivateKey=pem, AssertionEncryptionMode="Required"
    )
    public = private.public_key()

    def sent(element, **options):
        tree = response()
        tree.append(encrypted(element, options.pop("public", public), **options))
        return tree

    signed = lambda: federation.signed()[-1]
    unreadable = ("InvalidIdentityToken", "Unable to decrypt the SAML assertion", 400)
    assert federation.assume(sent(signed()))["Subject"] == "ann-0815"
    assert federation.assume(sent(signed(), bits=128, digest="sha256"))["Subject"] == "ann-0815"
    # The response signed around it.
    bare = etree.fromstring(assertion(federation.role, federation.provider))
    bare.remove(bare.find(f"{{{DS}}}Signature"))
    assert federation.denied(sent(bare)) == FORGED
    assert federation.assume(federation.idp.sign(sent(bare)))["Subject"] == "ann-0815"
    # Anybody can encrypt, so that encrypting proves nothing.
    assert federation.denied(sent(federation.signed(Provider())[-1])) == FORGED
    assert federation.denied(federation.idp.sign(sent(federation.signed(Provider())[-1]))) == FORGED
    assert federation.denied(sent(signed(), public=rsa.generate_private_key(65537, 2048).public_key())) == unreadable
    assert federation.denied(sent(signed(), sealed=os.urandom(200))) == unreadable
    # Two assertions, one of them encrypted, and one that must be and is not.
    both = sent(signed())
    both.append(signed())
    assert federation.denied(both)[0] == "InvalidIdentityToken"
    assert federation.denied(federation.signed())[0] == "InvalidIdentityToken"
    # Ways that authenticate nothing are not taken.
    text = etree.tostring(sent(signed())).replace(b"2009/xmlenc11#aes256-gcm", b"2001/04/xmlenc#aes256-cbc")
    assert federation.denied(text) == unreadable
