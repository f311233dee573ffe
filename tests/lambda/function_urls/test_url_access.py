"""Who may call URLs of functions, and who may configure them."""

import json
import sys
from pathlib import Path
from urllib.parse import urlsplit

import botocore.auth
import botocore.awsrequest
import botocore.credentials
import pytest

sys.path.insert(0, str(Path(__file__).parent))
from asking import ECHO, ask  # noqa: E402

FORBIDDEN = {
    "Message": "Forbidden. For troubleshooting Function URL authorization issues, see: "
    "https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html"
}


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


def test_policies_can_ask_for_the_function_of_a_url(user, create, account, denied):
    own, other = create(), create()
    condition = {"ArnLike": {"lambda:FunctionArn": f"arn:aws:lambda:us-east-1:{account.id}:function:{own}"}}
    client = user({"Action": "lambda:*FunctionUrlConfig", "Condition": condition})("lambda")
    client.create_function_url_config(FunctionName=own, AuthType="NONE")
    client.get_function_url_config(FunctionName=own)
    client.update_function_url_config(FunctionName=own, InvokeMode="BUFFERED")
    client.delete_function_url_config(FunctionName=own)
    create_ = client.create_function_url_config
    denied("lambda:CreateFunctionUrlConfig", create_, FunctionName=other, AuthType="NONE")


def test_policies_can_forbid_what_is_public(lambda_, user, create, denied):
    """Where a request does not say how the URL lets requests in, the URL itself does."""
    name, actions = create(), "lambda:*FunctionUrlConfig"
    public = {"StringEquals": {"lambda:FunctionUrlAuthType": "NONE"}}
    client = user({"Action": actions}, {"Effect": "Deny", "Action": actions, "Condition": public})("lambda")
    lambda_.create_function_url_config(FunctionName=name, AuthType="NONE")
    denied("lambda:GetFunctionUrlConfig", client.get_function_url_config, FunctionName=name)
    denied("lambda:DeleteFunctionUrlConfig", client.delete_function_url_config, FunctionName=name)
    update = client.update_function_url_config
    denied("lambda:UpdateFunctionUrlConfig", update, FunctionName=name, InvokeMode="BUFFERED")
    update(FunctionName=name, AuthType="AWS_IAM")
    client.get_function_url_config(FunctionName=name)
    client.delete_function_url_config(FunctionName=name)


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
