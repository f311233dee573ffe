"""The calls of recorded cases about URLs of functions, made again."""

import http.client
import json
from urllib.parse import urlsplit

import pytest


def plain(answer):
    """The answer with addresses as recordings show them."""
    text = json.dumps(answer, default=str)
    answer = json.loads(text)
    for config in [answer, *answer.get("FunctionUrlConfigs", [])]:
        if "FunctionUrl" in config:
            config["FunctionUrl"] = "lambda-url"
    return answer


def test_lifecycle(lambda_, create, case, error):
    case = case("TestLambdaUrl::test_url_config_lifecycle")
    name = create()
    create_url = lambda_.create_function_url_config
    case.check("url_creation", plain(create_url(FunctionName=name, AuthType="NONE")))
    case.check("failed_duplication", error(create_url, FunctionName=name, AuthType="NONE"))
    case.check("get_url_config", plain(lambda_.get_function_url_config(FunctionName=name)))
    updated = lambda_.update_function_url_config(FunctionName=name, AuthType="AWS_IAM")
    case.check("updated_url_config", plain(updated))
    lambda_.delete_function_url_config(FunctionName=name)
    case.check("failed_getter", error(lambda_.get_function_url_config, FunctionName=name))


def test_deletion_without_qualifier(lambda_, create, case, error):
    case = case("TestLambdaUrl::test_url_config_deletion_without_qualifier")
    name = create(Publish=True)
    lambda_.create_alias(FunctionName=name, Name="test-alias", FunctionVersion="1")
    get, create_url = lambda_.get_function_url_config, lambda_.create_function_url_config
    alias = {"FunctionName": name, "Qualifier": "test-alias"}
    case.check("url_creation", plain(create_url(FunctionName=name, AuthType="NONE")))
    case.check("url_with_alias_creation", plain(create_url(**alias, AuthType="NONE")))
    case.check("get_url_config", plain(get(FunctionName=name)))
    case.check("get_url_config_with_alias", plain(get(**alias)))
    case.check("delete_function_url_config", lambda_.delete_function_url_config(FunctionName=name))
    case.check("get_url_config_after_deletion", error(get, FunctionName=name))
    case.check("get_url_config_with_alias_after_deletion", plain(get(**alias)))


def test_list(lambda_, create, case, error):
    case = case("TestLambdaUrl::test_url_config_list_paging")
    list_urls, create_url = lambda_.list_function_url_configs, lambda_.create_function_url_config
    case.check("list_function_notfound", error(list_urls, FunctionName="missing"))
    usual = {"Handler": "lambda_handler.handler", "Timeout": 30, "Environment": {"Variables": {}}}
    name = create({"lambda_handler.py": "def handler(event, context):\n    return event\n"}, **usual)
    case.check("fn_version_result", lambda_.publish_version(FunctionName=name))
    case.check("list_all_empty", list_urls(FunctionName=name))
    case.check("create_alias_result", lambda_.create_alias(FunctionName=name, Name="urlalias", FunctionVersion="1"))
    case.check("url_config_fn", plain(create_url(FunctionName=name, AuthType="NONE")))
    case.check("url_config_alias", plain(create_url(FunctionName=name, Qualifier="urlalias", AuthType="NONE")))
    case.check("list_all", plain(list_urls(FunctionName=name)))


def test_wrong_region(lambda_, account, case, error):
    case = case("TestLambdaFunction::test_get_function_wrong_region[get_function_url_config]")
    arn = f"arn:aws:lambda:eu-west-1:{account.id}:function:f"
    case.check("wrong_region_exception", error(lambda_.get_function_url_config, FunctionName=arn))


def request(url, method="GET", path="/", body=None, headers=None):
    parts = urlsplit(url)
    connection = http.client.HTTPConnection("127.0.0.1", parts.port, timeout=60)
    connection.request(method, path, body, {"Host": parts.netloc, **(headers or {})})
    answer = connection.getresponse()
    return answer, answer.read().decode()


def let_everybody_in(lambda_, name):
    """The recorded grant, and the one that AWS has asked for since."""
    granted = lambda_.add_permission(
        FunctionName=name, StatementId="urlPermission", Action="lambda:InvokeFunctionUrl", Principal="*",
        FunctionUrlAuthType="NONE",
    )
    lambda_.add_permission(
        FunctionName=name, StatementId="functionPermission", Action="lambda:InvokeFunction", Principal="*",
        InvokedViaFunctionUrl=True,
    )
    return granted


@pytest.mark.parametrize(
    ("kind", "returned"),
    [
        ("boolean", True),
        ("dict", {"hello": "world"}),
        ("float", 3.1),
        ("http-response-json", {"statusCode": 200, "body": '{"hello": "world"}'}),
        ("integer", 3),
        ("list-mixed", ["hello", 3, True]),
    ],
)
def test_invocation(lambda_, create, case, kind, returned):
    case = case(f"TestLambdaURL::test_lambda_url_invocation[{kind}]", "lambda.json")
    name = create(f"def handler(event, context):\n    return {returned!r}\n")
    created = lambda_.create_function_url_config(FunctionName=name, AuthType="NONE")
    case.check("create_lambda_url_config", created)
    case.check("add_permission", let_everybody_in(lambda_, name))
    answer, body = request(created["FunctionUrl"], "POST", body="text")
    shown = {"Content-Length": answer.headers["content-length"], "Content-Type": answer.headers["content-type"]}
    try:
        content = json.loads(body)
    except ValueError:
        content = None
    content = content if isinstance(content, dict) else body
    case.check("lambda_url_invocation", {"content": content, "headers": shown, "statuscode": answer.status})


@pytest.mark.variants("lambda.json", "TestLambdaURL::test_lambda_url_echo_invoke")
def test_invoke_modes(lambda_, create, case, variant):
    case = case(f"TestLambdaURL::test_lambda_url_echo_invoke[{variant}]", "lambda.json")
    name = create()
    mode = {} if variant == "None" else {"InvokeMode": variant}
    created = lambda_.create_function_url_config(FunctionName=name, AuthType="NONE", **mode)
    case.check("create_lambda_url_config", created)
    case.check("add_permission", let_everybody_in(lambda_, name))
    answer, body = request(created["FunctionUrl"], "POST", body="{}", headers={"Content-Type": "application/json"})
    assert (answer.status, json.loads(body)["body"]) == (200, "{}")


def test_unknown_invoke_mode(lambda_, create, case, error):
    case = case("TestLambdaURL::test_lambda_url_invalid_invoke_mode", "lambda.json")
    refused = error(
        lambda_.create_function_url_config, FunctionName=create(), AuthType="NONE", InvokeMode="UNKNOWN"
    )
    case.check("invoke_function_invalid_invoke_type", refused)


def test_echo(lambda_, create, case):
    case = case("TestLambdaURL::test_lambda_url_echo_http_fixture_default", "lambda.json")
    source = """
import json
def handler(event, context):
    http = event["requestContext"]["http"]
    return {
        "args": event["queryStringParameters"],
        "data": json.loads(event["body"]),
        "domain": event["requestContext"]["domainName"],
        "headers": event["headers"],
        "method": http["method"],
        "origin": http["sourceIp"],
        "path": http["path"],
    }
"""
    name = create(source)
    url = lambda_.create_function_url_config(FunctionName=name, AuthType="NONE")["FunctionUrl"]
    let_everybody_in(lambda_, name)
    # Without the port, which AWS's addresses do not have.
    headers = {
        "Host": urlsplit(url).hostname,
        "accept": "*/*",
        "accept-encoding": "gzip, deflate",
        "content-type": "application/json",
        "ExTrA-HeadErs": "With WeiRd CapS",
        "user-agent": "test/echo",
        "connection": "keep-alive",
    }
    path = "/pa2%25Fth/1?q=query&multiQuery=foo&multiQuery=%2Fbar"
    answer, body = request(url, "POST", path, '{"foo": "bar"}', headers)
    assert answer.status == 200, body
    case.check("url_response", json.loads(body))
