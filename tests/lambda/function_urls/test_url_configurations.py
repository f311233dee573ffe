"""Configurations of function URLs, and the names by which they are found."""

import json
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit

sys.path.insert(0, str(Path(__file__).parent))
from asking import ask  # noqa: E402


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
