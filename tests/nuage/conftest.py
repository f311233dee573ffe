"""What the tests of nuage's commands share."""

import io
import json
import zipfile

import pytest

TRUST = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
        ],
    }
)
HANDLER = """
def handler(event, context):
    if event.get("fail"):
        raise ValueError("on purpose")
    print("saw", event)
    return {"doubled": event.get("n", 0) * 2}
"""


@pytest.fixture
def function(account):
    """A Python function of this account."""
    listed = json.loads(account.nuage("runtime", "list", "--output", "json").stdout)
    usable = [r["name"] for r in listed if r["available"] and r["name"].startswith("python")]
    if not usable:
        pytest.skip("this host has no Python that functions can use")
    iam = account.client("iam")
    role = iam.create_role(RoleName="function", AssumeRolePolicyDocument=TRUST)["Role"]["Arn"]
    iam.attach_role_policy(
        RoleName="function", PolicyArn="arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"
    )
    package = io.BytesIO()
    with zipfile.ZipFile(package, "w") as archive:
        archive.writestr("main.py", HANDLER)
    client = account.client("lambda")
    client.create_function(
        FunctionName="double",
        Runtime=usable[-1],
        Handler="main.handler",
        Role=role,
        Code={"ZipFile": package.getvalue()},
    )
    client.get_waiter("function_active_v2").wait(FunctionName="double")
    return "double"
