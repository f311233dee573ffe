import json

import pytest


def document(principal, resource, action="logs:PutLogEvents"):
    statement = {"Effect": "Allow", "Principal": principal, "Action": action, "Resource": resource}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


ROUTE_53 = document({"Service": ["route53.amazonaws.com"]}, "*")


def test_as_recorded(logs, now_ms):
    policy = logs.put_resource_policy(policyName="p", policyDocument=ROUTE_53)["resourcePolicy"]
    assert abs(policy.pop("lastUpdatedTime") - now_ms) < 60_000
    assert policy == {"policyName": "p", "policyDocument": ROUTE_53, "policyScope": "ACCOUNT"}


def test_too_many(logs, refused):
    for number in range(10):
        logs.put_resource_policy(policyName=f"p{number}", policyDocument=ROUTE_53)
    refused(
        lambda: logs.put_resource_policy(policyName="one more", policyDocument=ROUTE_53),
        "LimitExceededException",
        "^Resource limit exceeded.$",
    )


@pytest.mark.parametrize("document", ["x", "{}", "[]"])
def test_malformed(logs, refused, document):
    refused(
        lambda: logs.put_resource_policy(policyName="p", policyDocument=document),
        "InvalidParameterException",
        "malformed",
    )


def test_decides(account, cloud, logs, group, stream, arn, now_ms, refused):
    """A user without policies of its own may write where a resource policy lets it."""
    iam = account.client("iam")
    user = iam.create_user(UserName="writer")["User"]
    key = iam.create_access_key(UserName="writer")["AccessKey"]
    client = cloud.client("logs", key["AccessKeyId"], key["SecretAccessKey"])

    def write():
        events = [{"timestamp": now_ms, "message": "x"}]
        client.put_log_events(logGroupName=group, logStreamName=stream, logEvents=events)

    text = "is not authorized to perform: logs:PutLogEvents"
    refused(write, "AccessDeniedException", text)
    policy = document({"AWS": user["Arn"]}, arn(group) + ":*")
    logs.put_resource_policy(policyName="p", policyDocument=policy)
    write()
    logs.delete_resource_policy(policyName="p")
    refused(write, "AccessDeniedException", text)


def test_denied(denied):
    denied("put_resource_policy", "*", policyName="p", policyDocument=ROUTE_53)
