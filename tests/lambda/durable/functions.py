"""Handlers of durable functions, packaged with the official SDK. Steps print that they ran: the log tells how often."""

import json
import os

import boto3
from aws_durable_execution_sdk_python import InvokeError, StepError, durable_execution
from aws_durable_execution_sdk_python.config import (
    CallbackConfig,
    CompletionConfig,
    Duration,
    InvokeConfig,
    MapConfig,
    StepConfig,
    WaitForCallbackConfig,
)
from aws_durable_execution_sdk_python.exceptions import CallbackError
from aws_durable_execution_sdk_python.retries import RetryStrategyConfig, create_retry_strategy
from aws_durable_execution_sdk_python.waits import WaitForConditionConfig, WaitForConditionDecision

SECOND = Duration.from_seconds(1)


def retries(attempts):
    return StepConfig(
        retry_strategy=create_retry_strategy(
            RetryStrategyConfig(max_attempts=attempts, initial_delay=SECOND, max_delay=SECOND)
        )
    )


def ran(what, result):
    print(f"ran {what}.")
    return result


def tenant(event, context):
    return context.tenant_id


@durable_execution
def of_tenant(event, context):
    first = context.step(lambda _: context.lambda_context.tenant_id, name="first")
    context.wait(SECOND)
    return [first, context.lambda_context.tenant_id]


def plain(event, context):
    if event.get("fail"):
        raise ValueError("plain failed")
    return {"plain": event}


@durable_execution
def steps(event, context):
    one = context.step(lambda _: ran("one", event["number"] + 1), name="one")
    two = context.step(lambda _: ran("two", one * 2), name="two")
    return {"one": one, "two": two}


@durable_execution
def waits(event, context):
    before = context.step(lambda _: ran("before", "before"), name="before")
    context.wait(Duration.from_seconds(event.get("seconds", 1)), name="pause")
    after = context.step(lambda _: ran("after", "after"), name="after")
    return [before, after]


@durable_execution
def retried(event, context):
    def sometimes(step):
        print(f"ran attempt {step.attempt}.")
        if step.attempt < event["succeeds_at"]:
            raise RuntimeError(f"attempt {step.attempt} failed")
        return step.attempt

    try:
        return context.step(sometimes, name="sometimes", config=retries(3))
    except StepError as error:
        return {"failed": str(error)}


@durable_execution
def fans_out(event, context):
    both = context.parallel(
        [
            lambda child: child.step(lambda _: ran("left", "left"), name="left"),
            lambda child: (child.wait(SECOND), child.step(lambda _: ran("right", "right"), name="right"))[1],
        ],
        name="both",
    )

    def square(child, item, index, items):
        child.wait(SECOND, name="nap")
        return child.step(lambda _: ran(f"square {item}", item * item), name=f"square-{index}")

    squares = context.map(
        event["items"],
        square,
        name="squares",
        config=MapConfig(completion_config=CompletionConfig.all_completed()),
    )
    return {"both": both.get_results(), "squares": squares.get_results()}


@durable_execution
def calls_back(event, context):
    config = CallbackConfig(
        timeout=Duration.from_seconds(event.get("timeout", 0)),
        heartbeat_timeout=Duration.from_seconds(event.get("heartbeat", 0)),
    )
    callback = context.create_callback(name="answer", config=config)
    try:
        return {"answer": callback.result()}
    except CallbackError as error:
        return {"error": str(error), "kind": type(error).__name__}


@durable_execution
def submits(event, context):
    def submit(callback_id, _):
        boto3.client("lambda").send_durable_execution_callback_success(
            CallbackId=callback_id, Result=json.dumps({"by": "itself"})
        )

    return context.wait_for_callback(submit, name="itself", config=WaitForCallbackConfig(timeout=Duration.from_minutes(1)))


@durable_execution
def invokes(event, context):
    config = InvokeConfig(tenant_id=event.get("tenant"))
    try:
        return {"answer": context.invoke(event["function"], event.get("payload", {}), name="other", config=config)}
    except InvokeError as error:
        return {"error": error.message, "kind": error.error_type}


@durable_execution
def polls(event, context):
    def decide(state, attempts):
        if state >= 3:
            return WaitForConditionDecision.stop_polling()
        return WaitForConditionDecision.continue_waiting(SECOND)

    return context.wait_for_condition(
        lambda state, _: ran(f"poll {state}", state + 1),
        WaitForConditionConfig(wait_strategy=decide, initial_state=0),
        name="three",
    )


@durable_execution
def fails(event, context):
    context.step(lambda _: ran("one", 1), name="one")
    raise KeyError("no such order")


@durable_execution
def large(event, context):
    def inner(child):
        return child.step(lambda _: ran("half", "x" * 200_000), name="half") * 2

    text = context.run_in_child_context(inner, name="large")
    context.wait(SECOND)
    return len(text)


@durable_execution
def many(event, context):
    total = 0
    for number in range(event["steps"]):
        total += context.step(lambda _, number=number: number, name=f"step-{number}")
    context.wait(SECOND)
    return total


def crashes(event, context):
    os._exit(3)


def nonsense(event, context):
    return "nonsense"


def pauses(event, context):
    return {"Status": "PENDING"}


def raw(event, context):
    """Without the SDK: the input is a list of calls, each of which may use the token of the one before."""
    client = boto3.client("lambda")
    arn, token, answers = event["DurableExecutionArn"], event["CheckpointToken"], []
    tokens = [token]
    for call in json.loads(event["InitialExecutionState"]["Operations"][0]["ExecutionDetails"]["InputPayload"]):
        use = tokens[call.pop("token", -1)]
        try:
            answer = client.checkpoint_durable_execution(DurableExecutionArn=arn, CheckpointToken=use, **call)
            tokens.append(answer["CheckpointToken"])
            state = answer["NewExecutionState"].get("Operations", [])
            answers.append([[operation["Id"], operation["Status"]] for operation in state])
        except client.exceptions.ClientError as error:
            answers.append(error.response["Error"]["Code"] + ": " + error.response["Error"]["Message"])
    return {"Status": "SUCCEEDED", "Result": json.dumps({"answers": answers, "same": len(tokens) - len(set(tokens))})}
