"""URLs of functions: their configuration, and the requests that they take."""

import base64
import http.client
import json
import re
import socket
import subprocess
from urllib.parse import urlsplit

import botocore.auth
import botocore.awsrequest
import botocore.credentials
import pytest

MIB = 1024 * 1024
FORBIDDEN = {
    "Message": "Forbidden. For troubleshooting Function URL authorization issues, see: "
    "https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html"
}
# Answers with what its event's body says, or with the event.
ECHO = """
import json
def handler(event, context):
    if event.get("body") and not event["isBase64Encoded"] and event["body"].startswith("{"):
        told = json.loads(event["body"])
        if "raise" in told:
            raise ValueError(told["raise"])
        if "answer" in told:
            return told["answer"]
    return event
"""


class Answer:
    def __init__(self, response):
        self.status = response.status
        self.headers = response.headers
        self.body = response.read()

    @property
    def json(self):
        return json.loads(self.body)


def ask(url, method="GET", path="/", body=None, headers=None, host=None):
    parts = urlsplit(url)
    connection = http.client.HTTPConnection("127.0.0.1", parts.port, timeout=60)
    connection.putrequest(method, path, skip_host=True, skip_accept_encoding=True)
    connection.putheader("Host", host or parts.netloc)
    for name, value in headers or []:
        connection.putheader(name, value)
    if body is not None:
        body = body.encode() if isinstance(body, str) else body
        connection.putheader("Content-Length", str(len(body)))
    connection.endheaders(body)
    answer = Answer(connection.getresponse())
    connection.close()
    return answer


def tell(url, answer, **options):
    """Makes the function answer so."""
    body = json.dumps({"answer": answer})
    return ask(url, "POST", body=body, headers=[("Content-Type", "application/json")], **options)


@pytest.fixture
def grant(lambda_):
    """What everybody needs to call a URL."""

    def add(name, principal="*", auth_type="NONE", **qualifier):
        lambda_.add_permission(
            FunctionName=name, StatementId="url", Action="lambda:InvokeFunctionUrl", Principal=principal,
            FunctionUrlAuthType=auth_type, **qualifier,
        )
        lambda_.add_permission(
            FunctionName=name, StatementId="function", Action="lambda:InvokeFunction", Principal=principal,
            InvokedViaFunctionUrl=True, **qualifier,
        )

    return add


@pytest.fixture
def public(lambda_, create, grant):
    """`public()`: the address of a new function that everybody may call, and its name."""

    def make(source=ECHO, cors=None, mode=None, **parameters):
        name = create(source, **parameters)
        config = {"FunctionName": name, "AuthType": "NONE"}
        config |= {"Cors": cors} if cors else {}
        config |= {"InvokeMode": mode} if mode else {}
        url = lambda_.create_function_url_config(**config)["FunctionUrl"]
        grant(name)
        return url, name

    return make


# Configuration.


def test_life_of_a_configuration(lambda_, create, account, fails):
    name = create()
    arn = f"arn:aws:lambda:us-east-1:{account.id}:function:{name}"
    created = lambda_.create_function_url_config(FunctionName=name, AuthType="NONE")
    assert created["ResponseMetadata"]["HTTPStatusCode"] == 201
    assert (created["FunctionArn"], created["AuthType"]) == (arn, "NONE")
    assert "InvokeMode" not in created and "Cors" not in created
    label, *rest = urlsplit(created["FunctionUrl"]).hostname.split(".")
    assert (len(label), rest) == (32, ["lambda-url", "us-east-1", "localhost"])
    assert fails(
        "ResourceConflictException", lambda_.create_function_url_config, FunctionName=name, AuthType="NONE"
    ) == (
        f"Failed to create function url config for [functionArn = {arn}]. "
        "Error message:  FunctionUrlConfig exists for this Lambda function"
    )
    got = lambda_.get_function_url_config(FunctionName=name)
    assert (got["InvokeMode"], got["FunctionUrl"]) == ("BUFFERED", created["FunctionUrl"])
    assert got["CreationTime"] == got["LastModifiedTime"] == created["CreationTime"]
    cors = {
        "AllowCredentials": True, "AllowHeaders": ["x-a"], "AllowMethods": ["GET"],
        "AllowOrigins": ["https://a.example"], "ExposeHeaders": ["x-b"], "MaxAge": 5,
    }
    updated = lambda_.update_function_url_config(FunctionName=name, AuthType="AWS_IAM", Cors=cors)
    assert (updated["AuthType"], updated["Cors"]) == ("AWS_IAM", cors)
    updated = lambda_.update_function_url_config(FunctionName=name, InvokeMode="RESPONSE_STREAM")
    assert (updated["AuthType"], updated["Cors"], updated["InvokeMode"]) == ("AWS_IAM", cors, "RESPONSE_STREAM")
    assert updated["FunctionUrl"] == created["FunctionUrl"]
    lambda_.delete_function_url_config(FunctionName=name)
    missing = "The resource you requested does not exist."
    for call in (
        lambda_.get_function_url_config, lambda_.delete_function_url_config, lambda_.update_function_url_config
    ):
        assert fails("ResourceNotFoundException", call, FunctionName=name) == missing
    again = lambda_.create_function_url_config(FunctionName=name, AuthType="NONE")
    assert again["FunctionUrl"] != created["FunctionUrl"]


def test_aliases_have_urls_of_their_own(lambda_, versions, fails):
    lambda_.create_alias(FunctionName=versions, Name="live", FunctionVersion="1")
    plain = lambda_.create_function_url_config(FunctionName=versions, AuthType="NONE")
    live = lambda_.create_function_url_config(FunctionName=versions, Qualifier="live", AuthType="NONE")
    assert live["FunctionArn"] == plain["FunctionArn"] + ":live"
    listed = lambda_.list_function_url_configs(FunctionName=versions)["FunctionUrlConfigs"]
    assert [one["FunctionUrl"] for one in listed] == [plain["FunctionUrl"], live["FunctionUrl"]]
    assert [one["InvokeMode"] for one in listed] == ["BUFFERED", "BUFFERED"]
    page = lambda_.list_function_url_configs(FunctionName=versions, MaxItems=1)
    assert [one["FunctionUrl"] for one in page["FunctionUrlConfigs"]] == [plain["FunctionUrl"]]
    page = lambda_.list_function_url_configs(FunctionName=versions, MaxItems=1, Marker=page["NextMarker"])
    assert [one["FunctionUrl"] for one in page["FunctionUrlConfigs"]] == [live["FunctionUrl"]]
    assert "NextMarker" not in page
    lambda_.delete_function_url_config(FunctionName=versions)
    assert lambda_.get_function_url_config(FunctionName=versions, Qualifier="live")["FunctionUrl"] == live["FunctionUrl"]
    lambda_.delete_alias(FunctionName=versions, Name="live")
    assert lambda_.list_function_url_configs(FunctionName=versions)["FunctionUrlConfigs"] == []
    fails(
        "ResourceNotFoundException", lambda_.create_function_url_config,
        FunctionName=versions, Qualifier="live", AuthType="NONE",
    )


def test_bad_configurations(lambda_, create, fails):
    name = create()
    make = lambda_.create_function_url_config
    for call, more in [(make, {"AuthType": "NONE"}), (lambda_.list_function_url_configs, {}),
                       (lambda_.update_function_url_config, {})]:
        assert fails("ResourceNotFoundException", call, FunctionName="missing", **more) == "Function does not exist"
    assert fails("ValidationException", make, FunctionName=name, AuthType="NONE", InvokeMode="UNKNOWN").startswith(
        "1 validation error detected: Value 'UNKNOWN' at 'invokeMode' failed to satisfy constraint: "
        "Member must satisfy enum value set: ["
    )
    for qualifier in ("1", "$LATEST"):
        message = fails("ValidationException", make, FunctionName=name, AuthType="NONE", Qualifier=qualifier)
        assert f"Value '{qualifier}' at 'qualifier' failed to satisfy constraint" in message
        message = fails("ValidationException", make, FunctionName=f"{name}:{qualifier}", AuthType="NONE")
        assert f"Value '{qualifier}' at 'qualifier' failed to satisfy constraint" in message
    fails("ValidationException", make, FunctionName=name, AuthType="OPEN")
    fails("ValidationException", make, FunctionName=name, AuthType="NONE", Cors={"MaxAge": 86401})
    fails("ValidationException", make, FunctionName=name, AuthType="NONE", Cors={"AllowMethods": ["OPTIONS"]})
    add = {"FunctionName": name, "StatementId": "s", "Principal": "*"}
    assert fails(
        "InvalidParameterValueException", lambda_.add_permission,
        Action="lambda:InvokeFunction", FunctionUrlAuthType="NONE", **add,
    ) == "FunctionUrlAuthType is only supported for lambda:InvokeFunctionUrl action"
    fails(
        "InvalidParameterValueException", lambda_.add_permission,
        Action="lambda:InvokeFunctionUrl", InvokedViaFunctionUrl=True, **add,
    )


def test_denied(nobody, create, denied):
    name = create()
    for operation, more in [
        ("CreateFunctionUrlConfig", {"AuthType": "NONE"}),
        ("GetFunctionUrlConfig", {}),
        ("UpdateFunctionUrlConfig", {}),
        ("DeleteFunctionUrlConfig", {}),
        ("ListFunctionUrlConfigs", {}),
    ]:
        method = "".join("_" + c.lower() if c.isupper() else c for c in operation).lstrip("_")
        denied(f"lambda:{operation}", getattr(nobody, method), FunctionName=name, **more)


def test_policies_can_ask_for_the_type_of_a_url(user, create, fails):
    condition = {"StringEquals": {"lambda:FunctionUrlAuthType": "AWS_IAM"}}
    client = user({"Effect": "Allow", "Action": "lambda:CreateFunctionUrlConfig", "Condition": condition})("lambda")
    name = create()
    fails("AccessDeniedException", client.create_function_url_config, FunctionName=name, AuthType="NONE")
    client.create_function_url_config(FunctionName=name, AuthType="AWS_IAM")


# Who may call.


def test_public_urls_need_both_grants(lambda_, create):
    name = create()
    url = lambda_.create_function_url_config(FunctionName=name, AuthType="NONE")["FunctionUrl"]

    def refused():
        answer = ask(url)
        assert (answer.status, answer.json) == (403, FORBIDDEN)
        assert answer.headers["x-amzn-ErrorType"] == "AccessDeniedException"

    refused()
    statement = lambda_.add_permission(
        FunctionName=name, StatementId="u", Action="lambda:InvokeFunctionUrl", Principal="*",
        FunctionUrlAuthType="NONE",
    )["Statement"]
    assert json.loads(statement)["Condition"] == {"StringEquals": {"lambda:FunctionUrlAuthType": "NONE"}}
    refused()
    statement = lambda_.add_permission(
        FunctionName=name, StatementId="f", Action="lambda:InvokeFunction", Principal="*",
        InvokedViaFunctionUrl=True,
    )["Statement"]
    assert json.loads(statement)["Condition"] == {"Bool": {"lambda:InvokedViaFunctionUrl": "true"}}
    assert ask(url).status == 200
    # The grants are for this way to let callers in.
    lambda_.update_function_url_config(FunctionName=name, AuthType="AWS_IAM")
    refused()
    lambda_.update_function_url_config(FunctionName=name, AuthType="NONE")
    assert ask(url).status == 200
    lambda_.remove_permission(FunctionName=name, StatementId="f")
    refused()


def test_urls_that_do_not_exist(lambda_, public):
    url, name = public()
    label = urlsplit(url).hostname.split(".")[0]
    for host in (f"{'a' * 32}.lambda-url.us-east-1.localhost", f"{label}.lambda-url.eu-west-1.localhost"):
        answer = ask(url, host=host)
        assert (answer.status, answer.json) == (403, {"Message": None})
        assert answer.headers["x-amzn-ErrorType"] == "AccessDeniedException"
    lambda_.delete_function(FunctionName=name)
    assert ask(url).status == 403


def signed(url, key, secret, method="GET", path="/", body=b"", service="lambda", region="us-east-1"):
    request = botocore.awsrequest.AWSRequest(method, url.rstrip("/") + path, data=body)
    credentials = botocore.credentials.Credentials(key, secret)
    botocore.auth.SigV4Auth(credentials, service, region).add_auth(request)
    return ask(url, method, path, body or None, list(request.headers.items()))


@pytest.fixture
def signer(user):
    """`signer(statements…)`: the keys of a new user who has these permissions."""

    def make(*statements):
        credentials = user(*statements)("lambda")._request_signer._credentials
        return credentials.access_key, credentials.secret_key

    return make


@pytest.fixture
def guarded(lambda_, create):
    name = create(ECHO)
    url = lambda_.create_function_url_config(FunctionName=name, AuthType="AWS_IAM")["FunctionUrl"]
    return url, name


BOTH = {"Effect": "Allow", "Action": ["lambda:InvokeFunctionUrl", "lambda:InvokeFunction"]}


def test_signed_requests(guarded, signer, account):
    url, name = guarded
    key, secret = signer(BOTH)
    answer = signed(url, key, secret, "POST", "/a%20b/c?x=1&y=%C3%A9", b"hello")
    assert answer.status == 200, answer.body
    context = answer.json["requestContext"]
    iam = context["authorizer"]["iam"]
    assert (context["accountId"], iam["accountId"], iam["accessKey"]) == (account.id, account.id, key)
    assert iam["userArn"].startswith(f"arn:aws:iam::{account.id}:user/user")
    assert iam["callerId"] == iam["userId"] and iam["userId"].startswith("AIDA")
    assert (iam["cognitoIdentity"], iam["principalOrgId"]) == (None, None)
    # The root user too.
    assert signed(url, account.id, "test").status == 200


def test_signatures_that_count_for_nothing(guarded, signer):
    url, _ = guarded
    key, secret = signer(BOTH)
    answer = ask(url)
    assert (answer.status, answer.json) == (403, FORBIDDEN)
    answer = signed(url, key, "wrong")
    assert answer.status == 403
    assert "The request signature we calculated does not match" in answer.json["message"]
    answer = signed(url, key, secret, service="execute-api")
    assert answer.status == 403 and "scoped to correct service: 'lambda'" in answer.json["message"]
    assert signed(url, key, secret, region="eu-west-1").status == 403
    assert signed(url, "AKIAAAAAAAAAAAAAAAAA", secret).status == 403


@pytest.mark.parametrize(
    "statement",
    [
        {"Effect": "Allow", "Action": "lambda:InvokeFunctionUrl"},
        {"Effect": "Allow", "Action": "lambda:InvokeFunction"},
        {**BOTH, "Condition": {"StringEquals": {"lambda:FunctionUrlAuthType": "NONE"}}},
        {**BOTH, "Condition": {"Bool": {"lambda:InvokedViaFunctionUrl": "false"}}},
    ],
)
def test_signed_requests_need_both_permissions(guarded, signer, statement):
    answer = signed(guarded[0], *signer(statement))
    assert (answer.status, answer.json) == (403, FORBIDDEN)


def test_other_accounts(guarded, cloud, grant):
    url, name = guarded
    guest = "000000000088"
    assert signed(url, guest, "test").status == 403
    grant(name, principal=guest, auth_type="AWS_IAM")
    assert signed(url, guest, "test").status == 200


# Events.


def test_the_event(public):
    url, _ = public()
    path = "/pa2%25Fth/1%20b?q=query&multiQuery=foo&multiQuery=%2Fbar&empty=&flag&a+b=c+d"
    headers = [
        ("User-Agent", "test/echo"), ("ExTrA-HeadErs", "With WeiRd CapS"), ("X-Multi", "one"), ("X-Multi", "two"),
        ("Cookie", "a=1; b=2"), ("Content-Type", "application/json"), ("Connection", "keep-alive"),
    ]
    answer = ask(url, "POST", path, '{"foo": "b\u00e4r"}', headers)
    event = answer.json
    host = urlsplit(url).hostname
    label = host.split(".")[0]
    port = str(urlsplit(url).port)
    context = event.pop("requestContext")
    headers = event.pop("headers")
    trace = headers.pop("x-amzn-trace-id")
    assert re.match("Root=1-[0-9a-f]{8}-[0-9a-f]{24};Parent=[0-9a-f]{16};Sampled=0", trace)
    assert answer.headers["x-amzn-trace-id"] == trace
    assert event == {
        "version": "2.0",
        "routeKey": "$default",
        "rawPath": "/pa2%25Fth/1%20b",
        "rawQueryString": "q=query&multiQuery=foo&multiQuery=%2Fbar&empty=&flag&a+b=c+d",
        "cookies": ["a=1", "b=2"],
        "queryStringParameters": {
            "q": "query", "multiQuery": "foo,/bar", "empty": "", "flag": "", "a b": "c d",
        },
        "body": '{"foo": "b\u00e4r"}',
        "isBase64Encoded": False,
    }
    assert headers == {
        "host": f"{host}:{port}",
        "user-agent": "test/echo",
        "extra-headers": "With WeiRd CapS",
        "x-multi": "one,two",
        "content-type": "application/json",
        "content-length": "15",
        "x-forwarded-for": "127.0.0.1",
        "x-forwarded-port": port,
        "x-forwarded-proto": "http",
    }
    time_epoch, time = context.pop("timeEpoch"), context.pop("time")
    assert isinstance(time_epoch, int) and time_epoch > 1.7e12
    assert time.endswith(" +0000") and time[2] == time[6] == "/" and time[11] == ":"
    assert context == {
        "accountId": "anonymous",
        "apiId": label,
        "domainName": host,
        "domainPrefix": label,
        "http": {
            "method": "POST",
            "path": "/pa2%Fth/1 b",
            "protocol": "HTTP/1.1",
            "sourceIp": "127.0.0.1",
            "userAgent": "test/echo",
        },
        "requestId": answer.headers["x-amzn-requestid"],
        "routeKey": "$default",
        "stage": "$default",
    }


def test_an_event_without_much(public):
    event = ask(public()[0]).json
    for absent in ("body", "cookies", "queryStringParameters"):
        assert absent not in event
    assert (event["rawQueryString"], event["isBase64Encoded"]) == ("", False)


@pytest.mark.parametrize(
    ("content_type", "body", "encoded"),
    [
        ("text/plain", b"text", False),
        ("text/html; charset=utf-8", "\u00e4".encode(), False),
        ("application/xml", b"<a/>", False),
        ("application/javascript", b"1", False),
        ("application/x-www-form-urlencoded", b"a=1", True),
        ("application/octet-stream", b"\x00\xff", True),
        ("text/plain", b"\xff\xfe", True),
        (None, b"unknown", True),
    ],
)
def test_bodies(public, content_type, body, encoded):
    headers = [("Content-Type", content_type)] if content_type else []
    event = ask(public()[0], "PUT", body=body, headers=headers).json
    assert event["isBase64Encoded"] is encoded
    assert event["body"] == (base64.b64encode(body).decode() if encoded else body.decode())


def test_a_body_that_is_too_large(public):
    url, _ = public()
    for size in (6 * MIB + 1, 5 * MIB):
        # The second one is too large as Base64.
        answer = ask(url, "POST", body=b"\xff" * size)
        assert answer.status == 413, size
        assert answer.headers["x-amzn-ErrorType"] == "RequestEntityTooLargeException"
    assert ask(url, "POST", body=b"\xff" * (4 * MIB)).status == 200


# Answers.


@pytest.mark.parametrize(
    ("answer", "body"),
    [
        (True, b"true"),
        ({"hello": "world"}, b'{"hello":"world"}'),
        (3.1, b"3.1"),
        (3, b"3"),
        (["hello", 3, True], b'["hello",3,true]'),
        ("hi!", b"hi!"),
        (None, b"null"),
    ],
)
def test_values_are_bodies(public, answer, body):
    got = tell(public()[0], answer)
    assert (got.status, got.headers["Content-Type"], got.body) == (200, "application/json", body)
    assert got.headers["Content-Length"] == str(len(body))


def test_whole_answers(public):
    url, _ = public()
    got = tell(url, {
        "statusCode": 201, "headers": {"Content-Type": "text/plain", "X-Number": 5, "Date": "never"},
        "cookies": ["a=1; Secure", "b=2"], "body": "text",
    })
    assert (got.status, got.body, got.headers["content-type"]) == (201, b"text", "text/plain")
    assert (got.headers["x-number"], got.headers["x-amzn-remapped-date"]) == ("5", "never")
    assert got.headers.get_all("set-cookie") == ["a=1; Secure", "b=2"]
    got = tell(url, {"statusCode": 200, "body": '{"hello": "world"}'})
    assert (got.headers["content-type"], got.body) == ("application/json", b'{"hello": "world"}')
    binary = {"statusCode": 200, "isBase64Encoded": True, "body": base64.b64encode(b"\x00\xff").decode()}
    assert tell(url, binary).body == b"\x00\xff"
    got = tell(url, {"statusCode": 204})
    assert (got.status, got.body) == (204, b"")


def test_head(public):
    answer = ask(public()[0], "HEAD", "/path")
    assert (answer.status, answer.body) == (200, b"")
    assert int(answer.headers["content-length"]) > 100


@pytest.mark.parametrize(
    "answer",
    [
        {"statusCode": "abc"},
        {"statusCode": 1000},
        {"statusCode": 200, "headers": {"bad name": "x"}},
        {"statusCode": 200, "isBase64Encoded": True, "body": "?"},
    ],
)
def test_answers_that_make_no_sense(public, answer):
    got = tell(public()[0], answer)
    assert (got.status, got.body) == (502, b"Internal Server Error")


def test_functions_that_fail(public):
    url, _ = public()
    body, headers = json.dumps({"raise": "no"}), [("Content-Type", "application/json")]
    got = ask(url, "POST", body=body, headers=headers)
    assert (got.status, got.body, got.headers["content-type"]) == (502, b"Internal Server Error", "application/json")
    url, _ = public("def handler(event, context):\n    while True: pass\n", Timeout=1)
    assert ask(url).status == 502


def test_throttled(lambda_, public):
    url, name = public()
    lambda_.put_function_concurrency(FunctionName=name, ReservedConcurrentExecutions=0)
    answer = ask(url)
    assert (answer.status, answer.headers["x-amzn-ErrorType"]) == (429, "TooManyRequestsException")
    assert answer.json["Reason"] == "ReservedFunctionConcurrentInvocationLimitExceeded"
    lambda_.delete_function_concurrency(FunctionName=name)
    assert ask(url).status == 200


def test_an_alias_is_invoked(lambda_, create, updated, grant):
    source = "def handler(event, context):\n    return [context.function_version, context.invoked_function_arn]\n"
    name = create(source, Publish=True)
    arn = lambda_.create_alias(FunctionName=name, Name="live", FunctionVersion="1")["AliasArn"]
    url = lambda_.create_function_url_config(FunctionName=name, Qualifier="live", AuthType="NONE")["FunctionUrl"]
    grant(name)
    # The function's grants are not the alias'.
    assert ask(url).status == 403
    grant(name, Qualifier="live")
    assert ask(url).json == ["1", arn]


# Names.


def test_names_of_the_host(public):
    url, _ = public()
    label = urlsplit(url).hostname.split(".")[0]
    for domain in ("on.aws", "localhost", "localhost.localstack.cloud:4566", "LocalHost."):
        answer = ask(url, "GET", "/_nuage/health", host=f"{label}.lambda-url.us-east-1.{domain}")
        assert (answer.status, answer.json["rawPath"]) == (200, "/_nuage/health"), domain


def test_curl_finds_it_by_its_address(public):
    url, _ = public()
    ended = subprocess.run(
        ["curl", "-sS", "--fail", "--max-time", "30", url + "some/path"], capture_output=True, text=True, check=False
    )
    assert ended.returncode == 0, ended.stderr
    assert json.loads(ended.stdout)["rawPath"] == "/some/path"


def test_the_cli(account, create):
    name = create()
    made = account.aws("lambda", "create-function-url-config", "--function-name", name, "--auth-type", "AWS_IAM")
    assert account.aws("lambda", "get-function-url-config", "--function-name", name)["FunctionUrl"] == made["FunctionUrl"]
    listed = account.aws("lambda", "list-function-url-configs", "--function-name", name)
    assert len(listed["FunctionUrlConfigs"]) == 1
    account.aws("lambda", "delete-function-url-config", "--function-name", name)


# CORS.

CORS = {
    "AllowCredentials": True,
    "AllowHeaders": ["X-Custom", "Content-Type"],
    "AllowMethods": ["GET", "POST"],
    "AllowOrigins": ["https://a.example", "http://b.example:8080"],
    "ExposeHeaders": ["X-Shown"],
    "MaxAge": 300,
}


def preflight(url, origin, method="POST", headers=None):
    asked = [("Origin", origin), ("Access-Control-Request-Method", method)]
    asked += [("Access-Control-Request-Headers", headers)] if headers else []
    return ask(url, "OPTIONS", headers=asked)


def allowed(answer):
    names = ("origin", "methods", "headers", "credentials")
    return {name: answer.headers[f"access-control-allow-{name}"] for name in names}


def test_preflight(public):
    url, _ = public("def handler(event, context):\n    raise ValueError('never called')\n", cors=CORS)
    answer = preflight(url, "http://b.example:8080", headers="x-custom, content-type")
    assert (answer.status, answer.body) == (200, b"")
    assert allowed(answer) == {
        "origin": "http://b.example:8080", "methods": "GET,POST", "headers": "X-Custom,Content-Type",
        "credentials": "true",
    }
    assert answer.headers["access-control-max-age"] == "300"
    assert "Origin" in answer.headers["vary"]
    for refused in [
        preflight(url, "https://c.example"),
        preflight(url, "https://a.example", method="DELETE"),
        preflight(url, "https://a.example", headers="x-other"),
    ]:
        assert set(allowed(refused).values()) == {None}


def test_answers_to_pages(public):
    url, _ = public(cors=CORS)
    answer = ask(url, headers=[("Origin", "https://a.example")])
    assert answer.status == 200
    assert answer.headers["access-control-allow-origin"] == "https://a.example"
    assert answer.headers["access-control-allow-credentials"] == "true"
    assert answer.headers["access-control-expose-headers"] == "X-Shown"
    assert answer.headers["vary"] == "Origin"
    for headers in ([], [("Origin", "https://c.example")]):
        answer = ask(url, headers=headers)
        assert (answer.status, answer.headers["access-control-allow-origin"]) == (200, None)
    # What the function says of it itself stays beside.
    body = json.dumps({"answer": {"statusCode": 200, "headers": {"Access-Control-Allow-Origin": "*"}}})
    headers = [("Origin", "https://a.example"), ("Content-Type", "application/json")]
    answer = ask(url, "POST", body=body, headers=headers)
    assert answer.headers.get_all("access-control-allow-origin") == ["*", "https://a.example"]


def test_all_origins(public):
    url, _ = public(cors={"AllowOrigins": ["*"], "AllowMethods": ["*"], "AllowHeaders": ["*"]})
    answer = preflight(url, "https://any.example", method="PATCH", headers="x-any")
    assert allowed(answer) == {
        "origin": "https://any.example", "methods": "*", "headers": "*", "credentials": None,
    }


def test_without_cors_the_function_answers_options(public):
    url, _ = public()
    assert preflight(url, "https://a.example").json["requestContext"]["http"]["method"] == "OPTIONS"


# Streams.

NODE = """
const kinds = {
  '/plain'(stream) { stream.setContentType('text/csv'); stream.write('a,'); stream.end('b'); },
  '/http'(stream) {
    const head = { statusCode: 201, headers: { 'Content-Type': 'text/plain', 'x-a': 'b' }, cookies: ['c=1', 'd=2'] };
    stream = awslambda.HttpResponseStream.from(stream, head);
    stream.write('one '); stream.end('two');
  },
  '/bad'(stream) { stream = awslambda.HttpResponseStream.from(stream, { statusCode: 'x' }); stream.end('one'); },
  async '/hang'(stream) { stream.write('early'); await new Promise(() => {}); },
  async '/before'() { throw new Error('before'); },
  async '/after'(stream) { stream.write('begin'); throw new Error('after'); },
  '/large'(stream) { stream.end(Buffer.alloc(20 << 20, 'x')); },
};
exports.handler = awslambda.streamifyResponse(async (event, stream) => kinds[event.rawPath](stream));
"""


@pytest.fixture
def streaming(public, node_runtime):
    return lambda **options: public({"index.js": NODE}, Runtime=node_runtime, **options)


def test_streamed_answers(streaming):
    url, _ = streaming(mode="RESPONSE_STREAM")
    answer = ask(url, path="/plain")
    assert (answer.status, answer.headers["content-type"], answer.body) == (200, "text/csv", b"a,b")
    assert answer.headers["transfer-encoding"] == "chunked"
    answer = ask(url, path="/http")
    assert (answer.status, answer.headers["content-type"], answer.body) == (201, "text/plain", b"one two")
    assert (answer.headers["x-a"], answer.headers.get_all("set-cookie")) == ("b", ["c=1", "d=2"])
    assert len(ask(url, path="/large").body) == 20 * MIB
    for path in ("/bad", "/before"):
        answer = ask(url, path=path)
        assert (answer.status, answer.body) == (502, b"Internal Server Error"), path
    # A failure that the runtime tells of ends the answer like a success.
    assert ask(url, path="/after").body == b"begin"


def test_a_stream_begins_before_it_ends(streaming):
    """The function never ends this answer; what it wrote before its time was over has arrived, and the end has not."""
    url, _ = streaming(mode="RESPONSE_STREAM", Timeout=2)
    parts = urlsplit(url)
    with socket.create_connection(("127.0.0.1", parts.port), timeout=30) as connection:
        connection.sendall(f"GET /hang HTTP/1.1\r\nHost: {parts.netloc}\r\n\r\n".encode())
        received = b""
        while piece := connection.recv(65536):
            received += piece
    head, body = received.split(b"\r\n\r\n", 1)
    assert head.startswith(b"HTTP/1.1 200 OK")
    assert body == b"5\r\nearly\r\n"


def test_streams_through_a_buffered_url(streaming):
    url, _ = streaming()
    answer = ask(url, path="/plain")
    assert (answer.status, answer.headers["content-type"], answer.body) == (200, "text/csv", b"a,b")
    assert answer.headers["content-length"] == "3"
    assert ask(url, path="/large").status == 502
    assert ask(url, path="/after").status == 502


def test_functions_that_do_not_stream_behind_a_streaming_url(public):
    url, _ = public(mode="RESPONSE_STREAM")
    answer = tell(url, {"statusCode": 201, "body": "x"})
    assert (answer.status, answer.json) == (200, {"statusCode": 201, "body": "x"})


def test_a_client_that_does_not_read_holds_the_function_back(streaming, client, eventually):
    """What the function writes is not kept: it waits for its reader until its time is over."""
    url, name = streaming(mode="RESPONSE_STREAM", Timeout=2)
    parts = urlsplit(url)
    logs = client("logs")

    def timed_out():
        group = f"/aws/lambda/{name}"
        try:
            events = logs.filter_log_events(logGroupName=group, filterPattern='"timed out"')["events"]
        except logs.exceptions.ResourceNotFoundException:
            return False
        return any("Task timed out after 2.00 seconds" in event["message"] for event in events)

    with socket.create_connection(("127.0.0.1", parts.port), timeout=30) as connection:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65536)
        connection.sendall(f"GET /large HTTP/1.1\r\nHost: {parts.netloc}\r\n\r\n".encode())
        assert connection.recv(12) == b"HTTP/1.1 200"
        eventually(timed_out)


def test_http_2(public):
    url, _ = public()
    ended = subprocess.run(
        ["curl", "-sS", "--fail", "--max-time", "30", "--http2-prior-knowledge", "-d", "a=1", url + "path"],
        capture_output=True, text=True, check=False,
    )
    assert ended.returncode == 0, ended.stderr
    event = json.loads(ended.stdout)
    assert event["requestContext"]["http"]["protocol"] == "HTTP/2.0"
    assert event["headers"]["host"] == urlsplit(url).netloc
    assert (event["body"], event["isBase64Encoded"]) == (base64.b64encode(b"a=1").decode(), True)
