"""What the tests of CloudWatch Logs share."""

import json
import re
import time

import pytest
from botocore.exceptions import ClientError


@pytest.fixture
def logs(account):
    # The prefix of StartLiveTail's host name makes no name of an IP address.
    return account.client("logs", inject_host_prefix=False)


@pytest.fixture
def group(logs):
    logs.create_log_group(logGroupName="group")
    return "group"


@pytest.fixture
def stream(logs, group):
    logs.create_log_stream(logGroupName=group, logStreamName="stream")
    return "stream"


@pytest.fixture
def now_ms():
    return int(time.time() * 1000)


@pytest.fixture
def put(logs, group, now_ms):
    """`put("stream", "a", "b")`: events a millisecond apart, from now on; `offset_ms` moves them."""

    def put(stream, *messages, offset_ms=0):
        events = [{"timestamp": now_ms + offset_ms + i, "message": m} for i, m in enumerate(messages)]
        return logs.put_log_events(logGroupName=group, logStreamName=stream, logEvents=events)

    return put


@pytest.fixture
def arn(account):
    """`arn("name")`: that of a group."""

    def arn(name):
        return f"arn:aws:logs:{account.region}:{account.id}:log-group:{name}"

    return arn


@pytest.fixture
def refused():
    """`refused(call, code, text)`: the call fails with this code and a message in which the expression is found."""

    def refused(call, code, text):
        with pytest.raises(ClientError) as failed:
            call()
        error = failed.value.response["Error"]
        assert error["Code"] == code
        assert re.search(text, error["Message"]), error["Message"]
        assert failed.value.response["ResponseMetadata"]["HTTPStatusCode"] == 400

    return refused


@pytest.fixture
def denied(account, cloud, refused, arn):
    """`denied("get_log_events", resource, **input)`: a user without permissions is told what is missing."""
    iam = account.client("iam")
    iam.create_user(UserName="nobody")
    key = iam.create_access_key(UserName="nobody")["AccessKey"]
    client = cloud.client("logs", key["AccessKeyId"], key["SecretAccessKey"], inject_host_prefix=False)

    def denied(operation, resource, **parameters):
        action = "".join(part.capitalize() for part in operation.split("_"))
        resource = resource if resource == "*" else arn(resource)
        text = f"user/nobody is not authorized to perform: logs:{action} on resource: {re.escape(resource)}"
        refused(lambda: getattr(client, operation)(**parameters), "AccessDeniedException", text)

    return denied


@pytest.fixture
def permitted(account, cloud):
    """`permitted(statement)`: a client of a user with this policy."""

    def permitted(**statement):
        iam = account.client("iam")
        iam.create_user(UserName="somebody")
        policy = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", **statement}]}
        iam.put_user_policy(UserName="somebody", PolicyName="p", PolicyDocument=json.dumps(policy))
        key = iam.create_access_key(UserName="somebody")["AccessKey"]
        return cloud.client("logs", key["AccessKeyId"], key["SecretAccessKey"])

    return permitted
