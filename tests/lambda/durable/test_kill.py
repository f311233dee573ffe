"""Durable executions survive `kill -9`: waits and callbacks go on after a restart, and no finished step runs again."""

import json
import random
import time

import pytest


@pytest.mark.timeout(600)
def test_executions_go_on_after_kills(own_cloud, data_dir, python_runtime, durable_package, trust, document, eventually):
    cloud = own_cloud("--data-dir", data_dir)
    iam = cloud.client("iam")
    role = iam.create_role(RoleName="r", AssumeRolePolicyDocument=trust(Service="lambda.amazonaws.com"))["Role"]["Arn"]
    iam.put_role_policy(RoleName="r", PolicyName="all", PolicyDocument=document("Allow", ["logs:*", "lambda:*"]))
    client = cloud.client("lambda")
    for name in ["waits", "calls_back", "many"]:
        client.create_function(
            FunctionName=name,
            Runtime=python_runtime,
            Handler=f"index.{name}",
            Role=role,
            Code={"ZipFile": durable_package},
            Timeout=60,
            MemorySize=512,
            DurableConfig={"ExecutionTimeout": 600},
        )
        client.get_waiter("function_active_v2").wait(FunctionName=name, WaiterConfig={"Delay": 0.1, "MaxAttempts": 200})

    def begin(name, payload=None):
        begun = client.invoke(
            FunctionName=f"{name}:$LATEST", InvocationType="Event", Payload=json.dumps(payload or {})
        )
        return begun["DurableExecutionArn"]

    def events(arn):
        pages = client.get_paginator("get_durable_execution_history").paginate(DurableExecutionArn=arn)
        return [event for page in pages for event in page["Events"]]

    def has(arn, kind):
        return [event for event in events(arn) if event["EventType"] == kind]

    waits = [begin("waits", {"seconds": 4}) for _ in range(3)]
    asks = begin("calls_back", {"timeout": 300})
    busy = [begin("many", {"steps": 60}) for _ in range(2)]
    for arn in waits:
        eventually(lambda arn=arn: has(arn, "WaitStarted"))
    callback = eventually(lambda: has(asks, "CallbackStarted"))[0]["CallbackStartedDetails"]["CallbackId"]
    for _ in range(4):
        time.sleep(random.uniform(0, 0.4))
        cloud.kill()
        cloud.start()
        client = cloud.client("lambda")
    client.send_durable_execution_callback_success(CallbackId=callback, Result=b"after the kill")

    def ended(arn):
        execution = client.get_durable_execution(DurableExecutionArn=arn)
        return execution["Status"] != "RUNNING" and execution

    for arn in waits:
        execution = eventually(lambda arn=arn: ended(arn), timeout_s=60)
        assert json.loads(execution["Result"]) == ["before", "after"]
        steps = [event["Name"] for event in has(arn, "StepSucceeded")]
        assert steps == ["before", "after"]
        # A step that had been checkpointed did not begin a second time.
        assert [event["Name"] for event in has(arn, "StepStarted")].count("before") == 1
    assert json.loads(eventually(lambda: ended(asks), timeout_s=60)["Result"]) == {"answer": "after the kill"}
    for arn in busy:
        execution = eventually(lambda arn=arn: ended(arn), timeout_s=120)
        assert json.loads(execution["Result"]) == sum(range(60))
        names = [event["Name"] for event in has(arn, "StepSucceeded")]
        assert sorted(names) == sorted(f"step-{number}" for number in range(60))
    assert cloud.terminate() == 0
