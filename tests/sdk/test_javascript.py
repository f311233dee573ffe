"""The AWS SDK for JavaScript, unmodified, deploys a function, invokes it and reads its log."""

import json
import pathlib
import subprocess

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


def test_deploy_and_invoke(account, package, python_runtime, tmp_path):
    iam = account.client("iam")
    role = iam.create_role(RoleName="function", AssumeRolePolicyDocument=json.dumps(TRUST))["Role"]["Arn"]
    execution = "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"
    iam.attach_role_policy(RoleName="function", PolicyArn=execution)
    archive = tmp_path / "package.zip"
    archive.write_bytes(package({"lambda_function.py": HANDLER}))
    ended = subprocess.run(
        ["node", TESTS / "javascript/deploy_and_invoke.mjs", archive, python_runtime, role],
        env=account.cloud.tool_environment(access_key_id=account.id),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr
    told = json.loads(ended.stdout)
    assert (told["account"], told["role"]) == (account.id, role)
    assert (told["status"], told["payload"]) == (200, 40)
    assert "doubling 20" in told["tail"] and "REPORT RequestId: " in told["tail"]
    assert told["missing"]["name"] == "ResourceNotFoundException"
    assert told["missing"]["status"] == 404
    assert told["events"] == ["doubling 20"]
