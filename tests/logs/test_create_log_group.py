import json
import pytest


def test_as_recorded(logs, arn, now_ms):
    logs.create_log_group(logGroupName="/aws/lambda/f", tags={"env": "testing"})
    group = logs.describe_log_groups(logGroupNamePrefix="/aws/")["logGroups"][0]
    created_ms = group.pop("creationTime")
    assert abs(created_ms - now_ms) < 60_000
    assert group == {
        "arn": arn("/aws/lambda/f") + ":*",
        "deletionProtectionEnabled": False,
        "logGroupArn": arn("/aws/lambda/f"),
        "logGroupClass": "STANDARD",
        "logGroupName": "/aws/lambda/f",
        "metricFilterCount": 0,
        "storedBytes": 0,
    }
    assert logs.list_tags_log_group(logGroupName="/aws/lambda/f")["tags"] == {"env": "testing"}


def test_options(logs, client):
    service = {"Effect": "Allow", "Principal": {"Service": "logs.us-east-1.amazonaws.com"}, "Action": "kms:*", "Resource": "*"}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [service]})
    key = client("kms").create_key(Policy=policy, BypassPolicyLockoutSafetyCheck=True)["KeyMetadata"]["Arn"]
    logs.create_log_group(
        logGroupName="g", kmsKeyId=key, logGroupClass="INFREQUENT_ACCESS", deletionProtectionEnabled=True
    )
    group = logs.describe_log_groups()["logGroups"][0]
    assert (group["kmsKeyId"], group["logGroupClass"]) == (key, "INFREQUENT_ACCESS")
    assert group["deletionProtectionEnabled"] is True


def test_accounts_and_regions_are_apart(account, logs, group):
    elsewhere = account.client("logs", region="eu-west-1")
    assert elsewhere.describe_log_groups()["logGroups"] == []
    elsewhere.create_log_group(logGroupName=group)


def test_twice(logs, group, refused):
    refused(
        lambda: logs.create_log_group(logGroupName=group),
        "ResourceAlreadyExistsException",
        "^The specified log group already exists$",
    )


def test_name_too_long(logs, refused):
    refused(
        lambda: logs.create_log_group(logGroupName="x" * 513),
        "InvalidParameterException",
        "^Invalid LogGroup or LogStream, both must have length less than or equal to 512.$",
    )


@pytest.mark.parametrize("name", ["a b", "a:b", "ä", "a*"])
def test_bad_name(logs, refused, name):
    refused(
        lambda: logs.create_log_group(logGroupName=name),
        "InvalidParameterException",
        r"^1 validation error detected: Value .* at 'logGroupName' failed to satisfy constraint: "
        r"Member must satisfy regular expression pattern: \[\\\.\\-_/#A-Za-z0-9\]\+$",
    )


def test_denied(denied):
    denied("create_log_group", "g:log-stream:", logGroupName="g")


def test_permitted(permitted, arn):
    client = permitted(Action="logs:CreateLogGroup", Resource=arn("mine") + ":*")
    client.create_log_group(logGroupName="mine")
