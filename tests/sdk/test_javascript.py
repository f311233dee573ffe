"""The AWS SDK for JavaScript, unmodified, deploys a function, invokes it, reads its log, and follows its stream."""

import base64
import json
import pathlib
import subprocess

import pytest

TESTS = pathlib.Path(__file__).parents[1]
HANDLER = """
def handler(event, context):
    print("doubling", event["number"])
    return event["number"] * 2
"""
TRUST = {
    "Version": "2012-10-17",
    "Statement": [
        {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
    ],
}


@pytest.fixture
def role(account):
    iam = account.client("iam")
    role = iam.create_role(RoleName="function", AssumeRolePolicyDocument=json.dumps(TRUST))["Role"]["Arn"]
    execution = "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"
    iam.attach_role_policy(RoleName="function", PolicyArn=execution)
    return role


def run(account, script, *arguments):
    """What the script prints."""
    ended = subprocess.run(
        ["node", TESTS / "javascript" / script, *arguments],
        env=account.cloud.tool_environment(access_key_id=account.id),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr
    return json.loads(ended.stdout)


def test_deploy_and_invoke(account, role, package, python_runtime, tmp_path):
    archive = tmp_path / "package.zip"
    archive.write_bytes(package({"lambda_function.py": HANDLER}))
    told = run(account, "deploy_and_invoke.mjs", archive, python_runtime, role)
    assert (told["account"], told["role"]) == (account.id, role)
    assert (told["status"], told["payload"]) == (200, 40)
    assert "doubling 20" in told["tail"] and "REPORT RequestId: " in told["tail"]
    assert told["missing"]["name"] == "ResourceNotFoundException"
    assert told["missing"]["status"] == 404
    assert told["events"] == ["doubling 20"]


STREAM = """
exports.handler = awslambda.streamifyResponse(async (event, stream) => {
  for (const word of event.words) stream.write(word);
  if (event.fail) throw new TypeError('in the middle');
  stream.end();
});
"""


def test_response_streams(account, role, package, node_runtime):
    lambda_ = account.client("lambda")
    lambda_.create_function(
        FunctionName="stream", Runtime=node_runtime, Handler="index.handler", Role=role,
        Code={"ZipFile": package({"index.js": STREAM})},
    )
    waiter = lambda_.get_waiter("function_active_v2")
    waiter.wait(FunctionName="stream", WaiterConfig={"Delay": 0.1, "MaxAttempts": 100})
    told = run(account, "stream.mjs", "stream", json.dumps({"words": ["a", "ü", "\N{GRINNING FACE}"]}))
    assert (told["status"], told["version"], told["text"]) == (200, "$LATEST", "aü\N{GRINNING FACE}")
    assert "ErrorCode" not in told["complete"]
    assert "REPORT RequestId: " in base64.b64decode(told["complete"]["LogResult"]).decode()
    told = run(account, "stream.mjs", "stream", json.dumps({"words": ["begin"], "fail": True}))
    assert (told["text"], told["complete"]["ErrorCode"]) == ("begin", "TypeError")
    assert json.loads(told["complete"]["ErrorDetails"])["errorMessage"] == "in the middle"
