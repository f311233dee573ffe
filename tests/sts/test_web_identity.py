"""`AssumeRoleWithWebIdentity` and what else is about identities from elsewhere."""

import base64
import http.server
import json
import threading
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


def encoded(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


class Issuer:
    """An OpenID Connect issuer on this machine. Its key is one of KMS, whose private half nobody has."""

    def __init__(self, kms):
        self.kms, self.key = kms, kms.create_key(KeySpec="RSA_2048", KeyUsage="SIGN_VERIFY")["KeyMetadata"]["KeyId"]
        issuer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                document = issuer.documents().get(self.path)
                self.send_response(200 if document else 404)
                self.end_headers()
                self.wfile.write(json.dumps(document).encode())

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.host = f"127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def documents(self):
        # An RSA_2048 SubjectPublicKeyInfo has its modulus and exponent at fixed places.
        public = self.kms.get_public_key(KeyId=self.key)["PublicKey"]
        key = {"kty": "RSA", "kid": "k", "alg": "RS256", "use": "sig", "n": encoded(public[33:289])}
        return {
            "/.well-known/openid-configuration": {
                "issuer": f"http://{self.host}",
                "jwks_uri": f"http://{self.host}/keys",
            },
            "/keys": {"keys": [{**key, "e": encoded(public[291:])}]},
        }

    def token(self, **claims):
        now = int(time.time())
        claims = {"iss": f"http://{self.host}", "sub": "repo:app", "aud": "app", "iat": now, "exp": now + 60, **claims}
        parts = [encoded(json.dumps(part).encode()) for part in ({"alg": "RS256", "kid": "k"}, claims)]
        message = ".".join(parts)
        algorithm = "RSASSA_PKCS1_V1_5_SHA_256"
        signed = self.kms.sign(KeyId=self.key, Message=message.encode(), SigningAlgorithm=algorithm)
        return f"{message}.{encoded(signed['Signature'])}"


@pytest.fixture
def issuer(client):
    issuer = Issuer(client("kms"))
    yield issuer
    issuer.server.shutdown()


def test_tokens_of_a_provider(cloud, nobody, issuer, account, client, refused, document):
    iam = client("iam")
    provider = iam.create_open_id_connect_provider(Url=f"http://{issuer.host}", ClientIDList=["app"])
    arn = provider["OpenIDConnectProviderArn"]
    trust = {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"Federated": arn},
                "Action": "sts:AssumeRoleWithWebIdentity",
                "Condition": {
                    "StringEquals": {f"{issuer.host}:aud": "app"},
                    "StringLike": {f"{issuer.host}:sub": "repo:*"},
                },
            }
        ],
    }
    role = iam.create_role(RoleName="web", AssumeRolePolicyDocument=json.dumps(trust))["Role"]["Arn"]
    iam.put_role_policy(RoleName="web", PolicyName="p", PolicyDocument=document("Allow", "iam:ListUsers", "*"))
    call = {"RoleArn": role, "RoleSessionName": "session"}

    got = nobody.assume_role_with_web_identity(**call, WebIdentityToken=issuer.token())
    assert (got["Provider"], got["Audience"], got["SubjectFromWebIdentityToken"]) == (arn, "app", "repo:app")
    keys = got["Credentials"]
    session = cloud.client("iam", keys["AccessKeyId"], keys["SecretAccessKey"], keys["SessionToken"])
    session.list_users()
    assert refused(session.list_roles)[0] == "AccessDenied"

    def denied(token):
        return refused(nobody.assume_role_with_web_identity, **call, WebIdentityToken=token)[0]

    assert denied(issuer.token(sub="other")) == "AccessDenied"
    assert denied(issuer.token(aud="else")) == "InvalidIdentityToken"
    assert denied(issuer.token(exp=int(time.time()) - 1)) == "ExpiredTokenException"
    assert denied(issuer.token(iss="http://127.0.0.1:1")) == "InvalidIdentityToken"
    message, _, signature = issuer.token().rpartition(".")
    other = issuer.token(sub="repo:other").rpartition(".")[0]
    assert denied(f"{other}.{signature}") == "InvalidIdentityToken"
    iam.delete_open_id_connect_provider(OpenIDConnectProviderArn=arn)
    assert denied(f"{message}.{signature}") == "InvalidIdentityToken"


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


def test_decode_authorization_message(client, user, document, refused):
    got = refused(client("sts").decode_authorization_message, EncodedMessage="nonsense")
    assert (got[0], got[2]) == ("InvalidAuthorizationMessageException", 400)
    ann = user("ann", document("Allow", "sts:GetCallerIdentity", "*"))("sts")
    code, message, _ = refused(ann.decode_authorization_message, EncodedMessage="nonsense")
    assert code == "AccessDenied"
    assert message.endswith("because no identity-based policy allows the sts:DecodeAuthorizationMessage action")
