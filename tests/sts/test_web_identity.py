"""`AssumeRoleWithWebIdentity` and what else is about identities from elsewhere."""

import base64
import json
import time

import botocore
import botocore.config
import pytest


@pytest.fixture
def nobody(cloud):
    """A client of STS without credentials."""
    return cloud.client("sts", signature_version=botocore.UNSIGNED)


def unsigned_token(**claims):
    part = lambda value: base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()
    claims = {"sub": "s", "aud": "app", "iat": int(time.time()), "exp": int(time.time()) + 60, **claims}
    return f"{part({'alg': 'RS256', 'kid': 'k'})}.{part(claims)}.AAAA"


def test_unknown_issuer(nobody, account, refused):
    call = {"RoleArn": f"arn:aws:iam::{account.id}:role/r", "RoleSessionName": "web"}
    token = unsigned_token(iss="https://id.example.com")
    got = refused(nobody.assume_role_with_web_identity, **call, WebIdentityToken=token)
    text = "No OpenIDConnect provider found in your account for https://id.example.com"
    assert got == ("InvalidIdentityToken", text, 400)


def test_bad_input(nobody, account, refused):
    call = {"RoleArn": f"arn:aws:iam::{account.id}:role/r", "RoleSessionName": "web"}
    code, message, status = refused(nobody.assume_role_with_web_identity, **call, WebIdentityToken="nonsense")
    assert (code, status) == ("InvalidIdentityToken", 400)
    assert message.startswith("The ID Token provided is not a valid JWT.")
    for name in ("sub", "aud", "exp", "iat"):
        token = unsigned_token(iss="https://id.example.com", **{name: None})
        code, message, _ = refused(nobody.assume_role_with_web_identity, **call, WebIdentityToken=token)
        assert (code, message) == ("InvalidIdentityToken", f"Missing a required claim: {name}")
    wrong = {**call, "RoleArn": "arn:aws:iam:::nothing-valid"}
    assert refused(nobody.assume_role_with_web_identity, **wrong, WebIdentityToken="nonsense")[0] == "ValidationError"
    token = unsigned_token(iss="https://id.example.com")
    provider = {"ProviderId": "www.amazon.com", "WebIdentityToken": token}
    assert refused(nobody.assume_role_with_web_identity, **call, **provider)[2] == 501


def test_saml_is_not_built(nobody, account, refused):
    got = refused(
        nobody.assume_role_with_saml,
        RoleArn=f"arn:aws:iam::{account.id}:role/r",
        PrincipalArn=f"arn:aws:iam::{account.id}:saml-provider/p",
        SAMLAssertion="PHNhbWw+",
    )
    assert got[2] == 501


def test_decode_authorization_message(client, user, document, refused):
    got = refused(client("sts").decode_authorization_message, EncodedMessage="nonsense")
    assert (got[0], got[2]) == ("InvalidAuthorizationMessageException", 400)
    ann = user("ann", document("Allow", "sts:GetCallerIdentity", "*"))("sts")
    code, message, _ = refused(ann.decode_authorization_message, EncodedMessage="nonsense")
    assert code == "AccessDenied"
    assert message.endswith("because no identity-based policy allows the sts:DecodeAuthorizationMessage action")
