"""Durable functions with the official SDK for JavaScript, unmodified."""

import json

import pytest


@pytest.fixture
def durable_node(lambda_, durable_role, durable_node_package, node_runtime):
    def make(handler, durable=True):
        more = {"DurableConfig": {"ExecutionTimeout": 300}} if durable else {}
        lambda_.create_function(
            FunctionName=handler,
            Runtime=node_runtime,
            Handler=f"index.{handler}",
            Role=durable_role,
            Code={"ZipFile": durable_node_package},
            Timeout=60,
            MemorySize=512,
            **more,
        )
        lambda_.get_waiter("function_active_v2").wait(
            FunctionName=handler, WaiterConfig={"Delay": 0.1, "MaxAttempts": 200}
        )
        return f"{handler}:$LATEST"

    return make


def test_steps_waits_maps_children_and_chained_invokes(durable_node, answer, times):
    durable_node("plain", durable=False)
    result = answer(durable_node("whole"), {"number": 1, "items": [1, 2, 3], "function": "plain"})
    assert result == {
        "one": 2,
        "retried": "at last",
        "squares": [1, 4, 9],
        "child": "inside",
        "other": {"plain": {"number": 1}},
    }
    for what in ["one", "square 1", "square 2", "square 3", "inside"]:
        times("whole", what, 1)


def test_a_callback(lambda_, durable_node, begin, ended, open_callback):
    arn = begin(durable_node("asks"))
    lambda_.send_durable_execution_callback_success(CallbackId=open_callback(arn), Result=b"yes")
    assert json.loads(ended(arn)["Result"]) == {"answer": "yes"}
