"""`lambda:SourceFunctionArn`: policies of a role can tell which function has its credentials."""

import json

import pytest
from botocore.exceptions import ClientError

# Answers with the credentials of its environment.
CREDENTIALS = """
import os
def handler(event, context):
    print("said", flush=True)
    return [os.environ["AWS_" + name] for name in ("ACCESS_KEY_ID", "SECRET_ACCESS_KEY", "SESSION_TOKEN")]
"""


@pytest.fixture
def two(client, create, account):
    """Two functions of one role, which may list functions and write logs in the first one alone; their names."""
    names = [create(CREDENTIALS), create(CREDENTIALS)]
    arn = f"arn:aws:lambda:us-east-1:{account.id}:function:{names[0]}"
    statement = {
        "Effect": "Allow",
        "Action": ["lambda:ListFunctions", "logs:*"],
        "Resource": "*",
        "Condition": {"ArnEquals": {"lambda:SourceFunctionArn": arn}},
    }
    client("iam").put_role_policy(
        RoleName="function", PolicyName="logs",
        PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [statement]}),
    )
    return names


def lists(account, lambda_, name, **parameters):
    """Whether the function's credentials list functions."""
    answer = lambda_.invoke(FunctionName=name, **parameters)
    key, secret, token = json.load(answer["Payload"])
    inside = account.cloud.client("lambda", access_key_id=key, secret=secret, token=token)
    try:
        return bool(inside.list_functions()["Functions"])
    except ClientError as error:
        assert error.response["Error"]["Code"] == "AccessDeniedException"
        return False


def test_policies_can_name_the_function(two, account, lambda_):
    assert lists(account, lambda_, two[0])
    assert not lists(account, lambda_, two[1])


def test_the_qualifier_is_not_named(two, account, lambda_):
    lambda_.publish_version(FunctionName=two[0])
    assert lists(account, lambda_, two[0], Qualifier="1")


def test_writing_its_log_counts(two, lambda_, client, eventually):
    logs = client("logs")
    for name in reversed(two):
        lambda_.invoke(FunctionName=name)

    def groups():
        return [group["logGroupName"] for group in logs.describe_log_groups()["logGroups"]]

    eventually(groups)
    assert groups() == [f"/aws/lambda/{two[0]}"]
