"""PutSubscriptionFilter, and what the subscribed function receives."""

import json
import sys
import time
from pathlib import Path

import pytest
from botocore.exceptions import ClientError

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
import oracle  # noqa: E402

# Writes what it was given to its own log, one line for each event.
FUNCTION = """
import base64, gzip, json
def handler(event, context):
    document = json.loads(gzip.decompress(base64.b64decode(event["awslogs"]["data"])))
    print("GOT " + json.dumps(document))
"""
REFUSED = (
    "^Could not execute the lambda function. Make sure you have given CloudWatch Logs permission to execute your "
    "function.$"
)


@pytest.fixture
def make(client, package, python_runtime, trust, document):
    """`make(name)`: the ARN of a new function that logs what it receives."""
    iam = client("iam")
    role = iam.create_role(RoleName="fn", AssumeRolePolicyDocument=trust(Service="lambda.amazonaws.com"))["Role"]
    iam.put_role_policy(RoleName="fn", PolicyName="logs", PolicyDocument=document("Allow", "logs:*", "*"))

    def make(name):
        made = client("lambda").create_function(
            FunctionName=name,
            Runtime=python_runtime,
            Role=role["Arn"],
            Handler="index.handler",
            Code={"ZipFile": package({"index.py": FUNCTION})},
        )
        waiter = client("lambda").get_waiter("function_active_v2")
        waiter.wait(FunctionName=name, WaiterConfig={"Delay": 0.1, "MaxAttempts": 100})
        return made["FunctionArn"]

    return make


@pytest.fixture
def function(make):
    """The ARN of the function `receiver`."""
    return make("receiver")


@pytest.fixture
def permit(client):
    """`permit(SourceArn=…)`: a permission for Logs, named `s`."""

    def permit(name="receiver", **conditions):
        arguments = {"StatementId": "s", "Principal": "logs.amazonaws.com", **conditions}
        client("lambda").add_permission(FunctionName=name, Action="lambda:InvokeFunction", **arguments)

    return permit


@pytest.fixture
def subscribe(logs, group, function):
    def subscribe(**more):
        arguments = {"filterName": "f", "filterPattern": "", "destinationArn": function, **more}
        logs.put_subscription_filter(logGroupName=group, **arguments)

    return subscribe


@pytest.fixture
def received(logs):
    """The documents that the function received so far."""

    def received(kind="DATA_MESSAGE", name="receiver"):
        try:
            events = logs.filter_log_events(
                logGroupName=f"/aws/lambda/{name}", filterPattern="GOT"
            )["events"]
        except ClientError as error:
            assert error.response["Error"]["Code"] == "ResourceNotFoundException"
            return []
        documents = [json.loads(event["message"].partition("GOT ")[2]) for event in events]
        return [one for one in documents if one["messageType"] == kind]

    return received


@pytest.fixture
def messages(received):
    """The messages that the function received, in order."""
    return lambda name="receiver": [event["message"] for one in received(name=name) for event in one["logEvents"]]


def test_as_recorded(logs, account, client, function, group, stream, permit, subscribe, received, messages, eventually):
    case = oracle.Case(
        oracle.load("logs", "logs_subscription_filters.json", "TestSubscriptionFilters::test_put_subscription_filter_lambda"),
        account.id,
    )
    added = client("lambda").add_permission(
        FunctionName="receiver",
        StatementId="receiver",
        Action="lambda:InvokeFunction",
        Principal=f"logs.{account.region}.amazonaws.com",
        SourceArn=f"arn:aws:logs:{account.region}:{account.id}:log-group:{group}:*",
        SourceAccount=account.id,
    )
    case.check("add_permission", added)
    put = logs.put_subscription_filter(
        logGroupName=group, filterName="test", filterPattern="", destinationArn=function
    )
    case.check("put_subscription_filter", put)
    described = logs.describe_subscription_filters(logGroupName=group)
    [filter_] = described["subscriptionFilters"]
    filter_["creationTime"] = "timestamp"
    case.check("describe_subscription_filter", described)
    now_ms = int(time.time() * 1000)
    logs.put_log_events(
        logGroupName=group,
        logStreamName=stream,
        logEvents=[{"timestamp": now_ms, "message": "test"}, {"timestamp": now_ms + 1, "message": "test 2"}],
    )
    eventually(lambda: len(messages()) == 2)
    documents = received()
    assert {(one["owner"], one["logGroup"], one["logStream"]) for one in documents} == {(account.id, group, stream)}
    assert all(one["subscriptionFilters"] == ["test"] for one in documents)
    events = [event for one in documents for event in one["logEvents"]]
    assert [event["message"] for event in events] == ["test", "test 2"]
    shown = logs.filter_log_events(logGroupName=group)["events"]
    assert [event["id"] for event in events] == [event["eventId"] for event in shown]
    [tried] = received("CONTROL_MESSAGE")
    assert tried["owner"] == "CloudwatchLogs"


def test_recorded_refusals(logs, account, group):
    case = oracle.Case(
        oracle.load("logs", "logs_subscription_filters.json", "test_put_subscription_filter_errors"), account.id
    )

    def refused(label, **arguments):
        with pytest.raises(ClientError) as failed:
            logs.put_subscription_filter(filterName="f", filterPattern="", **arguments)
        answer = failed.value.response
        answer.pop("message", None)
        case.check(label, answer)

    elsewhere = "arn:aws:lambda:us-east-1:123456789012:function:f"
    refused("error-lambda-not-found", logGroupName=group, destinationArn=elsewhere)
    refused("error-log-group-not-found", logGroupName="missing", destinationArn=elsewhere)
    kinesis = f"arn:aws:kinesis:us-east-1:{account.id}:stream/missing"
    refused("error-kinesis-not-found", logGroupName=group, destinationArn=kinesis)


def test_only_what_matches(subscribe, permit, put, stream, messages, eventually):
    permit()
    subscribe(filterPattern="ERROR")
    put(stream, "INFO a", "ERROR b", "INFO c")
    put(stream, "ERROR d", offset_ms=10)
    eventually(lambda: len(messages()) == 2)
    assert messages() == ["ERROR b", "ERROR d"]


def test_confused_deputy(logs, account, client, arn, subscribe, permit, put, stream, refused, messages, eventually):
    refuse = lambda: refused(subscribe, "InvalidParameterException", REFUSED)
    revoke = lambda: client("lambda").remove_permission(FunctionName="receiver", StatementId="s")
    refuse()  # The function has no policy at all.
    for conditions in (
        {"SourceArn": arn("another:*")},
        {"SourceArn": arn("group")},  # Logs says `:*` behind the name.
        {"SourceAccount": "999999999999"},
        {"SourceArn": arn("group:*"), "SourceAccount": "999999999999"},
        {"Principal": "logs.eu-west-1.amazonaws.com"},
        {"Principal": "events.amazonaws.com"},
    ):
        permit(**conditions)
        refuse()
        revoke()
    assert logs.describe_subscription_filters(logGroupName="group")["subscriptionFilters"] == []
    permit(SourceArn=arn("group:*"), SourceAccount=account.id)
    subscribe()
    put(stream, "allowed")
    eventually(lambda: messages() == ["allowed"])


def test_a_permission_that_is_taken_away(client, make, subscribe, permit, put, stream, messages, eventually):
    permit()
    subscribe()
    put(stream, "one")
    eventually(lambda: messages() == ["one"])
    witness = make("witness")
    permit("witness")
    subscribe(filterName="later", filterPattern="WITNESS", destinationArn=witness)
    client("lambda").remove_permission(FunctionName="receiver", StatementId="s")
    put(stream, "two", offset_ms=10)
    # Filters have their turns in order, so with the second of these the first filter has had one since "two".
    for seen in ([], ["WITNESS"]):
        put(stream, "WITNESS", offset_ms=11)
        eventually(lambda: messages("witness") == [*seen, "WITNESS"])
    permit()
    # What was refused is skipped, and what comes in a little later is delivered again.
    sent = []

    def again():
        sent.append(put(stream, f"again {len(sent)}", offset_ms=20 + len(sent)))
        return any(message.startswith("again") for message in messages())

    eventually(again)
    assert "two" not in messages()
    # What services call for each other is not in the trail, if it is a call on data.
    assert "Invoke" not in {row["EventName"] for row in client("cloudtrail").lookup_events()["Events"]}


def test_own_group(logs, function, permit, refused):
    permit()
    text = "^The log group provided is reserved for the function logs of the destination function.$"
    logs.create_log_group(logGroupName="/aws/lambda/receiver")
    refused(
        lambda: logs.put_subscription_filter(
            logGroupName="/aws/lambda/receiver", filterName="f", filterPattern="", destinationArn=function
        ),
        "InvalidParameterException",
        text,
    )


def test_bad_input(logs, account, group, function, subscribe, permit, refused):
    permit()
    invalid = "InvalidParameterException"
    refused(lambda: subscribe(filterPattern="a.b"), invalid, "^Invalid filter pattern$")
    refused(lambda: subscribe(destinationArn="nonsense"), invalid, "^Invalid destination arn$")
    role = f"arn:aws:iam::{account.id}:role/fn"
    refused(lambda: subscribe(roleArn=role), invalid, "vendor lambda cannot be used with roleArn$")
    refused(lambda: subscribe(destinationArn=function + "missing"), invalid, REFUSED)
    refused(lambda: subscribe(distribution="Other"), invalid, "at 'distribution' failed to satisfy constraint")
    missing = "^The specified log group does not exist.$"
    put = logs.put_subscription_filter
    refused(
        lambda: put(logGroupName="missing", filterName="f", filterPattern="", destinationArn=function),
        "ResourceNotFoundException",
        missing,
    )
    subscribe(filterName="one")
    subscribe(filterName="two")
    refused(lambda: subscribe(filterName="three"), "LimitExceededException", "^Resource limit exceeded.$")
    subscribe(filterName="two", filterPattern="x")


def test_denied(denied, group):
    denied(
        "put_subscription_filter",
        "group:log-stream:",
        logGroupName=group,
        filterName="f",
        filterPattern="",
        destinationArn="arn:aws:lambda:us-east-1:123456789012:function:f",
    )


def test_deliveries_outlive_a_kill(own_cloud, data_dir, python_runtime, package, trust, document, eventually):
    cloud = own_cloud("--data-dir", data_dir)
    iam, functions, logs = cloud.client("iam"), cloud.client("lambda"), cloud.client("logs")
    role = iam.create_role(RoleName="fn", AssumeRolePolicyDocument=trust(Service="lambda.amazonaws.com"))["Role"]
    iam.put_role_policy(RoleName="fn", PolicyName="logs", PolicyDocument=document("Allow", "logs:*", "*"))
    made = functions.create_function(
        FunctionName="receiver",
        Runtime=python_runtime,
        Role=role["Arn"],
        Handler="index.handler",
        Code={"ZipFile": package({"index.py": FUNCTION})},
    )
    waiter = functions.get_waiter("function_active_v2")
    waiter.wait(FunctionName="receiver", WaiterConfig={"Delay": 0.1, "MaxAttempts": 100})
    functions.add_permission(
        FunctionName="receiver", StatementId="s", Action="lambda:InvokeFunction", Principal="logs.amazonaws.com"
    )
    logs.create_log_group(logGroupName="group")
    logs.create_log_stream(logGroupName="group", logStreamName="stream")
    logs.put_subscription_filter(
        logGroupName="group", filterName="f", filterPattern="", destinationArn=made["FunctionArn"]
    )
    sent = []
    for kill in range(3):
        logs = cloud.client("logs")
        for number in range(5):
            sent.append(f"{kill}.{number}")
            event = {"timestamp": int(time.time() * 1000), "message": sent[-1]}
            logs.put_log_events(logGroupName="group", logStreamName="stream", logEvents=[event])
        cloud.kill()
        cloud.start()
    logs = cloud.client("logs")

    def seen():
        events = logs.filter_log_events(logGroupName="/aws/lambda/receiver", filterPattern="DATA_MESSAGE")["events"]
        documents = [json.loads(event["message"].partition("GOT ")[2]) for event in events]
        return {event["message"] for one in documents for event in one["logEvents"]}

    eventually(lambda: seen() >= set(sent))
