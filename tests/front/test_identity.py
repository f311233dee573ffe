"""Who a signature proves, and how each protocol words that it proves nobody."""

import datetime
import urllib.error
import urllib.request
from xml.etree import ElementTree

import botocore.auth
import botocore.awsrequest
import botocore.credentials
import botocore.session
import pytest
from botocore.exceptions import ClientError

MISMATCH = (
    "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key "
    "and signing method. Consult the service documentation for details."
)
INVALID = "The security token included in the request is invalid."

# One cheap operation of each protocol.
CALLS = {
    "sts": ("get_caller_identity", {}),
    "iam": ("list_users", {}),
    "lambda": ("list_functions", {}),
    "logs": ("describe_log_groups", {}),
    "sqs": ("list_queues", {}),
    "s3": ("list_buckets", {}),
}


def refusal(client, service):
    operation, arguments = CALLS[service]
    with pytest.raises(ClientError) as error:
        getattr(client, operation)(**arguments)
    answer = error.value.response
    status = answer["ResponseMetadata"]["HTTPStatusCode"]
    return answer["Error"]["Code"], answer["Error"]["Message"], status


def test_root_of_any_account(account, client):
    identity = client("sts").get_caller_identity()
    assert identity["Account"] == account.id
    assert identity["Arn"] == f"arn:aws:iam::{account.id}:root"
    assert identity["UserId"] == account.id


def test_aws_cli(account):
    assert account.aws("sts", "get-caller-identity")["Account"] == account.id


def test_development_key(cloud):
    assert cloud.client("sts").get_caller_identity()["Account"] == "000000000000"


@pytest.mark.parametrize(
    ("service", "expected"),
    [
        ("sts", ("SignatureDoesNotMatch", MISMATCH, 403)),
        ("iam", ("SignatureDoesNotMatch", MISMATCH, 403)),
        ("lambda", ("InvalidSignatureException", MISMATCH, 403)),
        ("logs", ("InvalidSignatureException", MISMATCH, 400)),
        # SQS sends the query protocol's code along, and boto3 prefers it.
        ("sqs", ("SignatureDoesNotMatch", MISMATCH, 400)),
        (
            "s3",
            (
                "SignatureDoesNotMatch",
                "The request signature we calculated does not match the signature you provided. Check your key and "
                "signing method.",
                403,
            ),
        ),
    ],
)
def test_wrong_secret(cloud, service, expected):
    code, message, status = refusal(cloud.client(service, secret="wrong"), service)
    # Services that speak JSON add what should have been signed.
    message, _, signed = message.partition("\n\nThe Canonical String for this request should have been\n")
    assert (code, message, status) == expected
    assert bool(signed) == (service in ("lambda", "logs", "sqs"))
    if signed:
        canonical, _, string_to_sign = signed.partition("\n\nThe String-to-Sign should have been\n")
        assert canonical.startswith(("'GET\n/", "'POST\n/"))
        assert string_to_sign.startswith("'AWS4-HMAC-SHA256\n")


@pytest.mark.parametrize(
    ("service", "expected"),
    [
        ("sts", ("InvalidClientTokenId", INVALID, 403)),
        ("lambda", ("UnrecognizedClientException", INVALID, 403)),
        ("logs", ("UnrecognizedClientException", INVALID, 400)),
        (
            "s3",
            ("InvalidAccessKeyId", "The AWS Access Key Id you provided does not exist in our records.", 403),
        ),
    ],
)
def test_unknown_key(cloud, service, expected):
    assert refusal(cloud.client(service, access_key_id="AKIAIOSFODNN7EXAMPLE"), service) == expected


def test_unsigned(cloud):
    for service, code, status in [
        ("sts", "MissingAuthenticationToken", 403),
        ("lambda", "MissingAuthenticationTokenException", 403),
        ("logs", "MissingAuthenticationTokenException", 400),
        ("s3", "AccessDenied", 403),
    ]:
        client = cloud.client(service, signature_version=botocore.UNSIGNED)
        # Without a credential scope only the host's name or the path tells the service.
        client.meta.events.register(
            "before-send.*",
            lambda request, service=service, **_: request.headers.update({"Host": f"{service}.localhost"}),
        )
        got = refusal(client, service)
        assert (got[0], got[2]) == (code, status)


def signed(cloud, when=None, headers=None, region="us-east-1"):
    """A signed GetCallerIdentity as urllib sends it."""
    body = b"Action=GetCallerIdentity&Version=2011-06-15"
    request = botocore.awsrequest.AWSRequest(
        "POST", cloud.endpoint + "/", data=body, headers={"Content-Type": "application/x-www-form-urlencoded"}
    )
    auth = botocore.auth.SigV4Auth(botocore.credentials.Credentials("test", "test"), "sts", region)
    if when is None:
        auth.add_auth(request)
    else:
        request.context["timestamp"] = when.strftime("%Y%m%dT%H%M%SZ")
        auth._modify_request_before_signing(request)
        signature = auth.signature(auth.string_to_sign(request, auth.canonical_request(request)), request)
        auth._inject_signature_to_request(request, signature)
    return urllib.request.Request(
        cloud.endpoint + "/", data=body, headers={**dict(request.headers.items()), **(headers or {})}
    )


def answer(request):
    """Status, and code and message of an error."""
    try:
        with urllib.request.urlopen(request, timeout=10) as response:
            return response.status, None, None
    except urllib.error.HTTPError as error:
        root = ElementTree.fromstring(error.read())
        found = {element.tag.split("}")[-1]: element.text for element in root.iter()}
        return error.code, found.get("Code"), found.get("Message")


def test_clock_skew(cloud):
    now = datetime.datetime.now(datetime.timezone.utc)
    minutes = lambda n: datetime.timedelta(minutes=n)
    assert answer(signed(cloud))[0] == 200
    assert answer(signed(cloud, now - minutes(14)))[0] == 200
    assert answer(signed(cloud, now + minutes(14)))[0] == 200
    status, code, message = answer(signed(cloud, now - minutes(16)))
    assert (status, code) == (403, "SignatureDoesNotMatch")
    assert message.startswith("Signature expired: ") and message.endswith(" - 15 min.)")
    status, code, message = answer(signed(cloud, now + minutes(16)))
    assert (status, code) == (403, "SignatureDoesNotMatch")
    assert message.startswith("Signature not yet current: ") and message.endswith(" + 15 min.)")


def test_headers_that_must_be_signed(cloud):
    status, code, message = answer(signed(cloud, headers={"X-Amz-Copy-Source": "a/b"}))
    assert (status, code) == (403, "SignatureDoesNotMatch")
    assert message == "'x-amz-copy-source' must be a 'SignedHeader' in the AWS Authorization."
    # Headers of others' tracing are added on the way by many.
    assert answer(signed(cloud, headers={"X-Amzn-Trace-Id": "Root=1"}))[0] == 200


def test_malformed_authorization(cloud):
    for header, text in [
        ("AWS4-HMAC-SHA256", "not a valid key=value pair"),
        ("AWS4-HMAC-SHA256 Credential=a", "Authorization header requires 'Signature' parameter."),
        ("AWS4-ECDSA-P256-SHA256 Credential=a", "Unsupported AWS 'algorithm'"),
    ]:
        status, code, message = answer(
            signed(cloud, headers={"Authorization": header, "Host": "sts.localhost"})
        )
        assert (status, code) == (400, "IncompleteSignature"), header
        assert text in message


def test_region_of_the_scope(cloud):
    assert answer(signed(cloud, region="mars-north-1"))[0] == 200
    status, code, message = answer(signed(cloud, region="No_Region"))
    assert (status, code) == (403, "SignatureDoesNotMatch")
    assert message == "Credential should be scoped to a valid region, not 'No_Region'. "


def test_presigned_url(account, client):
    """The way in which Kubernetes proves its identity to AWS."""
    url = client("sts").generate_presigned_url("get_caller_identity", HttpMethod="GET", ExpiresIn=60)
    with urllib.request.urlopen(url, timeout=10) as response:
        assert f"<Account>{account.id}</Account>" in response.read().decode()
    for changed, code in [
        (url.replace("GetCallerIdentity", "GetSessionToken"), "SignatureDoesNotMatch"),
        (url.replace("X-Amz-Expires=60", "X-Amz-Expires=61"), "SignatureDoesNotMatch"),
        (url.replace("X-Amz-Expires=60", "X-Amz-Expires=700000"), "IncompleteSignature"),
        (url.replace("X-Amz-Date", "X-Amz-Data"), "IncompleteSignature"),
        (url + "&x=y", "SignatureDoesNotMatch"),
    ]:
        assert answer(urllib.request.Request(changed))[1] == code, changed
