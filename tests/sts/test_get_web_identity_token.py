"""`GetWebIdentityToken` and the issuer behind it: tokens that others can verify with what the cloud publishes."""

import base64
import http.client
import json
import time
from urllib.parse import urlsplit

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa, utils

CLAIMS = "https://sts.amazonaws.com/"


@pytest.fixture
def iam(client):
    return client("iam")


@pytest.fixture
def sts(client):
    return client("sts")


def decoded(part):
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))


def number(text):
    return int.from_bytes(decoded(text), "big")


class Verifier:
    """A service elsewhere that trusts an issuer. Names below `localhost` are this machine's."""

    def __init__(self, cloud):
        self.cloud = cloud

    def get(self, url, method="GET"):
        parts = urlsplit(url)
        assert parts.hostname.endswith(".tokens.sts.localhost") and parts.port == self.cloud.port
        connection = http.client.HTTPConnection("127.0.0.1", parts.port, timeout=10)
        connection.request(method, parts.path, headers={"Host": parts.netloc})
        answer = connection.getresponse()
        return answer.status, json.loads(answer.read())

    def claims(self, token, issuer):
        """What the token says, after its signature was checked as OpenID Connect demands."""
        header, payload, signature = token.split(".")
        status, discovery = self.get(issuer + "/.well-known/openid-configuration")
        assert status == 200 and discovery["issuer"] == issuer
        keys = {key["kid"]: key for key in self.get(discovery["jwks_uri"])[1]["keys"]}
        head = json.loads(decoded(header))
        assert head["alg"] in discovery["id_token_signing_alg_values_supported"]
        key, signed, signature = keys[head["kid"]], f"{header}.{payload}".encode(), decoded(signature)
        assert key["alg"] == head["alg"]
        if head["alg"] == "RS256":
            public = rsa.RSAPublicNumbers(number(key["e"]), number(key["n"])).public_key()
            public.verify(signature, signed, padding.PKCS1v15(), hashes.SHA256())
        else:
            public = ec.EllipticCurvePublicNumbers(number(key["x"]), number(key["y"]), ec.SECP384R1()).public_key()
            halves = int.from_bytes(signature[:48], "big"), int.from_bytes(signature[48:], "big")
            public.verify(utils.encode_dss_signature(*halves), signed, ec.ECDSA(hashes.SHA384()))
        return json.loads(decoded(payload))


@pytest.fixture
def verifier(cloud):
    return Verifier(cloud)


def test_a_user(account, iam, verifier, user, document):
    issuer = iam.enable_outbound_web_identity_federation()["IssuerIdentifier"]
    allowed = ["sts:GetWebIdentityToken", "sts:TagGetWebIdentityToken"]
    ann = user("ann", document("Allow", allowed, "*"))("sts")
    iam.tag_user(UserName="ann", Tags=[{"Key": "team", "Value": "blue"}])
    for algorithm in ("RS256", "ES384"):
        got = ann.get_web_identity_token(
            Audience=["https://api.example.com"], SigningAlgorithm=algorithm, Tags=[{"Key": "job", "Value": "7"}]
        )
        claims = verifier.claims(got["WebIdentityToken"], issuer)
        assert (claims["iss"], claims["aud"]) == (issuer, "https://api.example.com")
        assert claims["sub"] == f"arn:aws:iam::{account.id}:user/ann"
        assert claims["exp"] - claims["iat"] == 300 and abs(claims["iat"] - time.time()) < 60
        assert claims["exp"] == got["Expiration"].timestamp()
        assert claims[CLAIMS] == {
            "aws_account": account.id,
            "source_region": "us-east-1",
            "principal_tags": {"team": "blue"},
            "request_tags": {"job": "7"},
        }


def test_a_role(account, iam, sts, cloud, verifier, trust, document):
    issuer = iam.enable_outbound_web_identity_federation()["IssuerIdentifier"]
    role = iam.create_role(RoleName="r", AssumeRolePolicyDocument=trust(AWS=account.id))["Role"]["Arn"]
    iam.put_role_policy(RoleName="r", PolicyName="p", PolicyDocument=document("Allow", "sts:GetWebIdentityToken", "*"))
    keys = sts.assume_role(RoleArn=role, RoleSessionName="session", DurationSeconds=900)["Credentials"]
    session = cloud.client("sts", keys["AccessKeyId"], keys["SecretAccessKey"], keys["SessionToken"])
    call = {"Audience": ["a", "b"], "SigningAlgorithm": "ES384"}
    claims = verifier.claims(session.get_web_identity_token(**call, DurationSeconds=60)["WebIdentityToken"], issuer)
    assert (claims["sub"], claims["aud"], claims["exp"] - claims["iat"]) == (role, ["a", "b"], 60)
    assert claims[CLAIMS]["original_session_exp"] == keys["Expiration"].timestamp()
    with pytest.raises(session.exceptions.SessionDurationEscalationException):
        session.get_web_identity_token(**call, DurationSeconds=3600)


def test_federation_is_switched(cloud, iam, sts, verifier, refused):
    call = {"Audience": ["a"], "SigningAlgorithm": "ES384"}
    disabled = "OutboundWebIdentityFederationDisabledException"
    assert refused(sts.get_web_identity_token, **call)[::2] == (disabled, 403)
    assert refused(iam.get_outbound_web_identity_federation_info)[::2] == ("FeatureDisabled", 404)
    assert refused(iam.disable_outbound_web_identity_federation)[::2] == ("FeatureDisabled", 404)
    issuer = iam.enable_outbound_web_identity_federation()["IssuerIdentifier"]
    assert refused(iam.enable_outbound_web_identity_federation)[::2] == ("FeatureEnabled", 409)
    shown = iam.get_outbound_web_identity_federation_info()
    assert (shown["IssuerIdentifier"], shown["JwtVendingEnabled"]) == (issuer, True)
    token = sts.get_web_identity_token(**call)["WebIdentityToken"]
    iam.disable_outbound_web_identity_federation()
    assert iam.get_outbound_web_identity_federation_info()["JwtVendingEnabled"] is False
    assert refused(sts.get_web_identity_token, **call)[0] == disabled
    # Tokens from before go on to count.
    verifier.claims(token, issuer)
    assert iam.enable_outbound_web_identity_federation()["IssuerIdentifier"] == issuer
    assert verifier.get(issuer + "/")[0] == 404
    assert verifier.get(issuer + "/.well-known/jwks.json", "DELETE")[0] == 405
    stranger = f"http://nobody.tokens.sts.localhost:{cloud.port}/.well-known/openid-configuration"
    assert verifier.get(stranger)[0] == 404


def test_bad_input(iam, client, refused):
    sts = client("sts", parameter_validation=False)
    iam.enable_outbound_web_identity_federation()
    call = {"Audience": ["a"], "SigningAlgorithm": "ES384"}
    for bad in ({"SigningAlgorithm": "HS256"}, {"DurationSeconds": 59}, {"DurationSeconds": 3601}, {"Audience": []}):
        assert refused(sts.get_web_identity_token, **{**call, **bad})[0] == "ValidationError"
    many = [{"Key": f"{n}" * 60, "Value": "v" * 256} for n in range(40)]
    assert refused(sts.get_web_identity_token, **call, Tags=many)[0] == "JWTPayloadSizeExceededException"


def test_denied(iam, user, document, refused):
    call = {"Audience": ["a"], "SigningAlgorithm": "ES384"}
    nobody = user("nobody")
    code, text, _ = refused(nobody("sts").get_web_identity_token, **call)
    assert code == "AccessDenied"
    assert text.endswith("because no identity-based policy allows the sts:GetWebIdentityToken action")
    iam.enable_outbound_web_identity_federation()
    condition = {
        "ForAllValues:StringEquals": {"sts:IdentityTokenAudience": ["a", "b"]},
        "NumericLessThanEquals": {"sts:DurationSeconds": "300"},
        "StringEquals": {"sts:SigningAlgorithm": "ES384"},
    }
    ann = user("ann", document("Allow", "sts:GetWebIdentityToken", "*", Condition=condition))("sts")
    ann.get_web_identity_token(**call)
    for change in (
        {"Audience": ["a", "c"]},
        {"DurationSeconds": 301},
        {"SigningAlgorithm": "RS256"},
        {"Tags": [{"Key": "k", "Value": "v"}]},
    ):
        assert refused(ann.get_web_identity_token, **{**call, **change})[0] == "AccessDenied"


def test_keys_survive_a_restart(own_cloud, tmp_path):
    cloud = own_cloud("--data-dir", tmp_path / "data")
    issuer = cloud.client("iam").enable_outbound_web_identity_federation()["IssuerIdentifier"]
    documents = []
    for _ in range(2):
        host = urlsplit(issuer).hostname
        documents.append(Verifier(cloud).get(f"http://{host}:{cloud.port}/.well-known/jwks.json"))
        cloud.kill()
        cloud.start()
    assert documents[0] == documents[1] and documents[0][0] == 200
