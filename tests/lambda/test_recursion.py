"""The trace header, and functions that invoke themselves."""

import json

ROOT = "1-5759e988-bd862e3fe1be46a994272793"
# Hands the trace on as AWS's SDKs do, which need not be there.
LOOP = """
import json, os
import boto3
def handler(event, context):
    event["n"] += 1
    client = boto3.client("lambda")
    trace = os.environ["_X_AMZN_TRACE_ID"]
    client.meta.events.register("before-sign.lambda.Invoke",
        lambda request, **_: request.headers.__setitem__("X-Amzn-Trace-Id", trace))
    print("round", event["n"], flush=True)
    if event["n"] >= 20:
        return event["n"]
    try:
        answer = client.invoke(FunctionName=context.function_name, Payload=json.dumps(event),
                               InvocationType=event["type"])
    except client.exceptions.RecursiveInvocationException as stopped:
        return {"stopped": event["n"], "text": str(stopped)}
    return json.loads(answer["Payload"].read() or "null")
"""


def invoke_in(lambda_, trace, **parameters):
    """Invokes with this trace header; the answer and its headers."""

    def add(request, **_):
        request.headers["X-Amzn-Trace-Id"] = trace

    lambda_.meta.events.register("before-sign.lambda.Invoke", add)
    try:
        return lambda_.invoke(**parameters)
    finally:
        lambda_.meta.events.unregister("before-sign.lambda.Invoke", add)


def test_trace_header(lambda_, create):
    name = create(
        "import os\ndef handler(event, context):\n"
        "    return [os.environ['_X_AMZN_TRACE_ID'], os.environ['AWS_XRAY_DAEMON_ADDRESS']]\n"
    )
    header = f"Root={ROOT};Parent=53995c3f42cd8ad8;Sampled=1"
    answer = invoke_in(lambda_, header, FunctionName=name)
    inside, _ = json.loads(answer["Payload"].read())
    assert inside.startswith(header + ";Lineage=1:")
    assert answer["ResponseMetadata"]["HTTPHeaders"]["x-amzn-trace-id"] == inside
    # Without one, each invocation is a trace of its own.
    roots = set()
    for _ in range(2):
        inside, _ = json.loads(lambda_.invoke(FunctionName=name)["Payload"].read())
        root, parent, sampled, _ = inside.split(";")
        assert root.startswith("Root=1-") and parent.startswith("Parent=") and sampled == "Sampled=0"
        roots.add(root)
    assert len(roots) == 2


def test_stop_function_that_invokes_itself(lambda_, create, may_invoke):
    name = create(LOOP, Timeout=60)
    payload = json.dumps({"n": 0, "type": "RequestResponse"})
    answer = json.loads(lambda_.invoke(FunctionName=name, Payload=payload)["Payload"].read())
    assert answer["stopped"] == 16, answer
    assert "recursive loop" in answer["text"]

    allowed = lambda_.put_function_recursion_config(FunctionName=name, RecursiveLoop="Allow")
    assert allowed["RecursiveLoop"] == "Allow"
    assert lambda_.get_function_recursion_config(FunctionName=name)["RecursiveLoop"] == "Allow"
    answer = lambda_.invoke(FunctionName=name, Payload=payload)
    assert json.loads(answer["Payload"].read()) == 20


def test_stop_events_of_a_function_to_itself(lambda_, client, create, may_invoke, eventually):
    told = create("def handler(event, context):\n    print('told', event['requestContext'])\n")
    arn = lambda_.get_function(FunctionName=told)["Configuration"]["FunctionArn"]
    name = create(LOOP, Timeout=60)
    lambda_.put_function_event_invoke_config(
        FunctionName=name, DestinationConfig={"OnFailure": {"Destination": arn}}
    )
    payload = json.dumps({"n": 0, "type": "Event"})
    lambda_.invoke(FunctionName=name, Payload=payload, InvocationType="Event")

    def messages(function):
        logs = client("logs")
        try:
            events = logs.filter_log_events(logGroupName=f"/aws/lambda/{function}")["events"]
        except logs.exceptions.ResourceNotFoundException:
            return []
        return [event["message"] for event in events]

    record = eventually(lambda: [m for m in messages(told) if m.startswith("told")], 60)
    assert "'condition': 'RecursiveInvocation'" in record[0]
    rounds = [m for m in messages(name) if m.startswith("round")]
    assert len(rounds) == 16, rounds


def test_loops_through_destinations(lambda_, client, create, may_invoke, account, eventually):
    """Each function of the loop runs as often as one that invokes itself, and goes on where both may."""

    def loop(recursion):
        names = [create("def handler(event, context):\n    print('round')\n") for _ in range(2)]
        for name, other in zip(names, reversed(names)):
            arn = f"arn:aws:lambda:us-east-1:{account.id}:function:{other}"
            lambda_.put_function_event_invoke_config(
                FunctionName=name, DestinationConfig={"OnSuccess": {"Destination": arn}}
            )
            lambda_.put_function_recursion_config(FunctionName=name, RecursiveLoop=recursion)
        lambda_.invoke(FunctionName=names[0], InvocationType="Event")
        return names

    def rounds(name):
        pages = client("logs").get_paginator("filter_log_events").paginate(logGroupName=f"/aws/lambda/{name}")
        return sum(event["message"].startswith("round") for page in pages for event in page["events"])

    allowed, stopped = loop("Allow"), loop("Terminate")
    assert all(eventually(lambda: rounds(name) > 20, 60) for name in allowed)
    for name in allowed:
        lambda_.delete_function(FunctionName=name)
    # It began later and must have ended long ago.
    assert [rounds(name) for name in stopped] == [16, 16]


def test_recursion_config(lambda_, nobody, create, denied, fails):
    name = create(wait=False)
    assert lambda_.get_function_recursion_config(FunctionName=name)["RecursiveLoop"] == "Terminate"
    put = {"FunctionName": name, "RecursiveLoop": "Allow"}
    fails("ValidationException", lambda_.put_function_recursion_config, **{**put, "RecursiveLoop": "x"})
    missing = {**put, "FunctionName": "missing"}
    fails("ResourceNotFoundException", lambda_.put_function_recursion_config, **missing)
    fails("ResourceNotFoundException", lambda_.get_function_recursion_config, FunctionName="missing")
    denied("lambda:PutFunctionRecursionConfig", nobody.put_function_recursion_config, **put)
    denied("lambda:GetFunctionRecursionConfig", nobody.get_function_recursion_config, FunctionName=name)
    # A function of the same name is another one.
    lambda_.put_function_recursion_config(**put)
    lambda_.delete_function(FunctionName=name)
    create(FunctionName=name, wait=False)
    assert lambda_.get_function_recursion_config(FunctionName=name)["RecursiveLoop"] == "Terminate"
