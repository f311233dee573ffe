"""The limits that many invocations at once come up against. At a limit nothing waits, so functions that invoke each other
cannot block each other: whoever comes too late is told so at once."""

import json
import threading

import pytest
from botocore.exceptions import ClientError

SLEEPS = "import time\n\ndef handler(event, context):\n    time.sleep(event)\n    return event\n"


def throttled(call, **parameters):
    with pytest.raises(ClientError) as raised:
        call(**parameters)
    answer = raised.value.response
    assert answer["Error"]["Code"] == "TooManyRequestsException"
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 429
    reason = answer["Reason"]
    # A function's own limit says nothing of when to try again.
    after = None if reason == "ReservedFunctionConcurrentInvocationLimitExceeded" else "1"
    assert answer["ResponseMetadata"]["HTTPHeaders"].get("retry-after") == after
    return reason


def test_the_accounts_limit(own_cloud, python_runtime, package, eventually):
    cloud = own_cloud("--ephemeral", "--concurrent-executions", "101")
    iam, lambda_ = cloud.client("iam"), cloud.client("lambda")
    statement = {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
    trust = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    role = iam.create_role(RoleName="f", AssumeRolePolicyDocument=trust)["Role"]["Arn"]
    for name in "outer", "inner":
        lambda_.create_function(
            FunctionName=name, Runtime=python_runtime, Handler="index.handler", Role=role, Timeout=60,
            Code={"ZipFile": package({"index.py": SLEEPS})},
        )
        lambda_.get_waiter("function_active_v2").wait(FunctionName=name, WaiterConfig={"Delay": 0.1})
    assert lambda_.get_account_settings()["AccountLimit"]["ConcurrentExecutions"] == 101
    lambda_.put_function_concurrency(FunctionName="outer", ReservedConcurrentExecutions=1)

    def refused(payload="0"):
        try:
            cloud.client("lambda").invoke(FunctionName="outer", Payload=payload)
        except ClientError:
            return True
        return False

    # It may itself meet one of the attempts below.
    running = threading.Thread(target=lambda: eventually(lambda: not refused("3")))
    running.start()

    # What `outer` would see if what it calls called it.
    eventually(refused)
    reason = throttled(lambda_.invoke, FunctionName="outer", Payload="0")
    assert reason == "ReservedFunctionConcurrentInvocationLimitExceeded"
    assert lambda_.invoke(FunctionName="inner", Payload="0")["StatusCode"] == 200
    running.join()
    assert lambda_.invoke(FunctionName="outer", Payload="0")["StatusCode"] == 200


def test_a_fast_client_is_not_held_to_rates(lambda_, create):
    name = create()
    lambda_.put_function_concurrency(FunctionName=name, ReservedConcurrentExecutions=1)
    # It waits for each answer, so it is never concurrent.
    for _ in range(200):
        assert lambda_.invoke(FunctionName=name)["StatusCode"] == 200
