"""The rules of the API: names, qualifiers, permissions, tokens, lists, configuration."""

import json
import datetime

import pytest


def update(id, kind="STEP", action="START", **more):
    return {"Id": id, "Type": kind, "Action": action, **more}


def call(*updates, **more):
    return {"Updates": list(updates), **more}


@pytest.fixture
def checkpoint(answer, durable):
    """`checkpoint(call, …)`: makes these checkpoints one after the other from inside a function."""
    names = []

    def make(*calls):
        if not names:
            names.append(durable("raw"))
        return answer(names[0], list(calls))

    return make


def test_tokens_are_used_once(checkpoint):
    told = checkpoint(
        call(update("a")),
        call(update("b"), token=0),
        call(update("b")),
        call(update("c"), ClientToken="twice"),
        {**call(update("c"), ClientToken="twice"), "token": 2},
        {**call(update("c"), ClientToken="other"), "token": 2},
    )
    invalid = "InvalidParameterValueException: Invalid checkpoint token"
    assert told["answers"] == [
        [["a", "STARTED"]],
        invalid,
        [["b", "STARTED"]],
        [["c", "STARTED"]],
        [["c", "STARTED"]],
        invalid,
    ]
    assert told["same"] == 1, "only the repeated call is answered with the same token"


def test_transitions(checkpoint):
    def refused(text):
        return f"InvalidParameterValueException: {text}"

    told = checkpoint(
        call(update("a"), update("a", action="SUCCEED", Payload="1")),
        call(update("a", action="SUCCEED", Payload="2")),
        call(update("a", kind="WAIT", WaitOptions={"WaitSeconds": 1})),
        call(update("b", action="CANCEL")),
        call(update("b", ParentId="a")),
        call(update("b", ParentId="nobody")),
        call(update("w", kind="WAIT", WaitOptions={"WaitSeconds": 600})),
        call(update("w", kind="WAIT", action="CANCEL")),
        call(update("w", kind="WAIT", action="CANCEL")),
        call(update("e", kind="EXECUTION", action="SUCCEED"), update("f")),
        call(update("r"), update("r", action="RETRY", StepOptions={"NextAttemptDelaySeconds": 600})),
        call(update("r", action="SUCCEED")),
        call(update("x", action="SUCCEED", Payload="x" * 262_145)),
        call(update("n", kind="CHAINED_INVOKE", ChainedInvokeOptions={"FunctionName": "nothing"})),
        call(
            update(
                "o",
                kind="CHAINED_INVOKE",
                ChainedInvokeOptions={"FunctionName": "arn:aws:lambda:eu-west-1:111111111111:function:f"},
            )
        ),
        call(
            update("g"),
            update("g", action="FAIL", Error={"ErrorData": "x" * 40_000}),
        ),
    )["answers"]
    assert told == [
        [["a", "SUCCEEDED"]],
        refused("Invalid current STEP state to close."),
        refused("Inconsistent operation type."),
        refused("Invalid action for the given operation type."),
        refused("Invalid parent operation id."),
        refused("Invalid parent operation id."),
        [["w", "STARTED"]],
        [["w", "CANCELLED"]],
        refused("Cannot cancel a WAIT that does not exist or has already completed."),
        refused("EXECUTION checkpoint must be the last update."),
        [["r", "PENDING"]],
        refused("Invalid current STEP state to close."),
        refused("STEP output payload size must be less than or equal to 262144 bytes."),
        [["n", "FAILED"]],
        refused("Cannot start a CHAINED_INVOKE on a function in another region."),
        refused("Error object size must be less than 32768 bytes."),
    ]


def test_operations_are_bounded(checkpoint):
    batch = [call(*(update(f"{n}-{i}") for i in range(250))) for n in range(12)]
    told = checkpoint(*batch, call(update("last")))["answers"]
    assert [len(one) for one in told[:12]] == [250] * 12
    assert "3000" in told[12]


def test_a_stranger_has_no_token(lambda_, durable, begin, open_callback, fails):
    arn = begin(durable("calls_back"))
    open_callback(arn)
    for token in ["AAAA", "e30="]:
        text = fails(
            "InvalidParameterValueException",
            lambda_.checkpoint_durable_execution,
            DurableExecutionArn=arn,
            CheckpointToken=token,
        )
        assert text == "Invalid checkpoint token"
        fails(
            "InvalidParameterValueException",
            lambda_.get_durable_execution_state,
            DurableExecutionArn=arn,
            CheckpointToken=token,
        )


def test_executions_are_of_one_region(client, durable, begin, open_callback, fails):
    arn = begin(durable("calls_back"))
    callback = open_callback(arn)
    west = client("lambda", region="us-west-2")
    for call in [west.get_durable_execution, west.get_durable_execution_history, west.stop_durable_execution]:
        text = fails("ResourceNotFoundException", call, DurableExecutionArn=arn)
        assert text == "Durable Execution does not exist"
    for call in [west.get_durable_execution_state, west.checkpoint_durable_execution]:
        text = fails(
            "InvalidParameterValueException", call, DurableExecutionArn=arn, CheckpointToken="AAAA"
        )
        assert text == "Invalid checkpoint token"
    for call in [
        west.send_durable_execution_callback_success,
        west.send_durable_execution_callback_failure,
        west.send_durable_execution_callback_heartbeat,
    ]:
        text = fails("InvalidParameterValueException", call, CallbackId=callback)
        assert text == "Invalid callback ID"
    assert client("lambda").get_durable_execution(DurableExecutionArn=arn)["Status"] == "RUNNING"


def test_invoking(lambda_, durable, fails):
    name = durable("steps")
    text = fails("InvalidParameterValueException", lambda_.invoke, FunctionName="steps")
    assert text == "You cannot invoke a durable function using an unqualified ARN."
    assert lambda_.invoke(FunctionName=name, InvocationType="DryRun")["StatusCode"] == 204
    durable("waits", DurableConfig={"ExecutionTimeout": 901})
    text = fails("InvalidParameterValueException", lambda_.invoke, FunctionName="waits:$LATEST")
    assert "greater than 15 minutes" in text
    durable("plain", durable=False)
    fails("InvalidParameterValueException", lambda_.invoke, FunctionName="plain", DurableExecutionName="x")


def test_answers_through_a_stream_are_whole(lambda_, durable, fails):
    name = durable("steps")

    def stream(name, **parameters):
        answer = lambda_.invoke_with_response_stream(FunctionName=name, **parameters)
        events = list(answer["EventStream"])
        chunks = b"".join(event["PayloadChunk"]["Payload"] for event in events[:-1])
        return answer, chunks, events[-1]["InvokeComplete"]

    answer, chunks, complete = stream(name, Payload=json.dumps({"number": 1}), LogType="Tail")
    assert (answer["StatusCode"], answer["ExecutedVersion"]) == (200, "$LATEST")
    assert json.loads(chunks) == {"one": 2, "two": 4}
    assert "ErrorCode" not in complete and complete["LogResult"]
    _, chunks, complete = stream(durable("fails"))
    assert chunks == b"" and complete["ErrorCode"] == "Unhandled"
    assert json.loads(complete["ErrorDetails"])["errorType"] == "KeyError"
    text = fails("InvalidParameterValueException", lambda_.invoke_with_response_stream, FunctionName="steps")
    assert text == "You cannot invoke a durable function using an unqualified ARN."
    dry = lambda_.invoke_with_response_stream(FunctionName=name, InvocationType="DryRun")
    assert dry["StatusCode"] == 204


def test_durable_functions_have_no_destinations(lambda_, durable, fails):
    durable("steps")
    arn = lambda_.get_function_configuration(FunctionName=durable("plain", durable=False)[:-8])["FunctionArn"]
    for on in ["OnSuccess", "OnFailure"]:
        fails(
            "InvalidParameterValueException",
            lambda_.put_function_event_invoke_config,
            FunctionName="steps",
            DestinationConfig={on: {"Destination": arn}},
        )


def test_executions_are_billed(account, durable, answer):
    """An execution with two steps is three operations; its event and its results are written."""
    answer(durable("steps"), {"number": 1})
    bill = json.loads(account.nuage("cost", "--output", "json").stdout)
    lines = {line["usage_type"]: line for line in bill["lines"]}
    assert lines["Lambda-Durable-Execution-Operations"]["quantity"] == 3
    assert lines["Lambda-Durable-Execution-Operations"]["usd"] == 3 * 0.000008
    written = len('{"number": 1}') + len("2") + len("4") + len('{"one": 2, "two": 4}')
    assert lines["Lambda-Durable-Execution-Written-Bytes"]["quantity"] == written / 2**30
    assert lines["Request"]["quantity"] == 1


def test_a_name_begins_one_execution(lambda_, durable, begin, ended, times, fails):
    name = durable("steps")
    arn = begin(name, {"number": 1}, DurableExecutionName="order-1")
    assert "/durable-execution/order-1/" in arn
    assert begin(name, {"number": 1}, DurableExecutionName="order-1") == arn
    ended(arn)
    again = lambda_.invoke(FunctionName=name, Payload=json.dumps({"number": 1}), DurableExecutionName="order-1")
    assert again["DurableExecutionArn"] == arn
    assert json.load(again["Payload"]) == {"one": 2, "two": 4}
    times("steps", "one", 1)
    fails(
        "DurableExecutionAlreadyStartedException",
        lambda_.invoke,
        FunctionName=name,
        Payload=json.dumps({"number": 2}),
        DurableExecutionName="order-1",
    )


def test_versions_and_aliases(lambda_, durable, answer, begin, ended, updated):
    durable("steps")
    lambda_.publish_version(FunctionName="steps")
    lambda_.create_alias(FunctionName="steps", Name="live", FunctionVersion="1")
    assert answer("steps:1", {"number": 1})["two"] == 4
    arn = begin("steps:live", {"number": 1})
    assert ":function:steps:1/durable-execution/" in arn
    assert ended(arn)["Version"] == "1"
    lambda_.update_function_configuration(FunctionName="steps", Handler="index.plain")
    updated("steps")
    assert answer("steps:live", {"number": 1})["two"] == 4, "an execution runs its version"


def test_lists(lambda_, durable, begin, ended, open_callback, fails):
    steps, waits = durable("steps"), durable("calls_back")
    arns = [begin(steps, {"number": n}, DurableExecutionName=f"n-{n}") for n in range(3)]
    for arn in arns:
        ended(arn)
    waiting = begin(waits)
    open_callback(waiting)
    listed = lambda_.list_durable_executions_by_function

    def names(**parameters):
        found = listed(FunctionName="steps", **parameters)["DurableExecutions"]
        return [execution["DurableExecutionName"] for execution in found]

    assert names() == ["n-0", "n-1", "n-2"]
    assert names(ReverseOrder=True) == ["n-2", "n-1", "n-0"]
    assert names(DurableExecutionName="n-1") == ["n-1"]
    assert names(Statuses=["SUCCEEDED"]) == names() and names(Statuses=["RUNNING"]) == []
    past = datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(hours=1)
    assert names(StartedAfter=past) == names() and names(StartedBefore=past) == []
    page = listed(FunctionName="steps", MaxItems=2)
    assert [one["DurableExecutionArn"] for one in page["DurableExecutions"]] == arns[:2]
    rest = listed(FunctionName="steps", Marker=page["NextMarker"])
    assert [one["DurableExecutionArn"] for one in rest["DurableExecutions"]] == arns[2:]
    assert "NextMarker" not in rest
    running = listed(FunctionName="calls-back", Statuses=["RUNNING"])["DurableExecutions"]
    assert [one["DurableExecutionArn"] for one in running] == [waiting]
    assert running[0]["FunctionArn"].endswith(":function:calls-back:$LATEST")
    fails("ResourceNotFoundException", listed, FunctionName="nothing")
    assert fails("InvalidParameterValueException", listed, FunctionName="steps", Marker="bogus") == "Invalid Marker"
    text = fails("InvalidParameterValueException", listed, FunctionName="steps", Statuses=["RUNNING", "FAILED"])
    assert text == "Cannot filter by more than one status"


def test_what_is_not_there(lambda_, durable, begin, ended, fails):
    arn = begin(durable("steps"), {"number": 1})
    ended(arn)
    other = arn[:-12] + "000000000000"
    renamed = arn.replace("/durable-execution/", "/durable-execution/x")
    for missing in [other, renamed, arn.replace("us-east-1", "eu-west-1")]:
        for operation in ["get_durable_execution", "get_durable_execution_history", "stop_durable_execution"]:
            text = fails("ResourceNotFoundException", getattr(lambda_, operation), DurableExecutionArn=missing)
            assert text == "Durable Execution does not exist"
    text = fails(
        "InvalidParameterValueException",
        lambda_.get_durable_execution_history,
        DurableExecutionArn=arn,
        Marker="bogus",
    )
    assert text == "Invalid Marker"


def test_permissions(client, lambda_, durable, role, begin, ended, open_callback, nobody, denied, history):
    arn = begin(durable("calls_back"))
    callback = open_callback(arn)
    for operation, action in [
        ("get_durable_execution", "GetDurableExecution"),
        ("get_durable_execution_history", "GetDurableExecutionHistory"),
        ("stop_durable_execution", "StopDurableExecution"),
    ]:
        denied(f"lambda:{action}", getattr(nobody, operation), DurableExecutionArn=arn)
    token = {"DurableExecutionArn": arn, "CheckpointToken": "AAAA"}
    denied("lambda:CheckpointDurableExecution", nobody.checkpoint_durable_execution, **token)
    denied("lambda:GetDurableExecutionState", nobody.get_durable_execution_state, **token)
    denied(
        "lambda:ListDurableExecutionsByFunction",
        nobody.list_durable_executions_by_function,
        FunctionName="calls-back",
    )
    for operation, action in [
        ("send_durable_execution_callback_success", "SendDurableExecutionCallbackSuccess"),
        ("send_durable_execution_callback_failure", "SendDurableExecutionCallbackFailure"),
        ("send_durable_execution_callback_heartbeat", "SendDurableExecutionCallbackHeartbeat"),
    ]:
        denied(f"lambda:{action}", getattr(nobody, operation), CallbackId=callback)

    def allow(*actions):
        resource = f"arn:aws:lambda:us-east-1:{role.split(':')[4]}:function:*"
        statements = [
            {"Effect": "Allow", "Action": "logs:*", "Resource": "*"},
            {"Effect": "Allow", "Action": list(actions), "Resource": resource},
        ]
        client("iam").put_role_policy(
            RoleName="function",
            PolicyName="logs",
            PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": statements}),
        )

    allow("lambda:ListTags")
    refused = ended(begin(durable("steps"), {"number": 1}))
    assert refused["Status"] == "FAILED"
    assert "lambda:CheckpointDurableExecution" in refused["Error"]["ErrorMessage"]
    allow("lambda:CheckpointDurableExecution", "lambda:GetDurableExecutionState")
    assert ended(begin("steps:$LATEST", {"number": 1}))["Status"] == "SUCCEEDED"
    durable("plain", durable=False)
    refused = json.loads(ended(begin(durable("invokes"), {"function": "plain"}))["Result"])
    assert refused["kind"].startswith("AccessDenied") and "lambda:InvokeFunction" in refused["error"]


def test_other_accounts(cloud, client, lambda_, durable, begin, open_callback, fails):
    arn = begin(durable("calls_back"))
    callback = open_callback(arn)
    stranger = cloud.client("lambda", access_key_id="999999999999")
    for operation in ["get_durable_execution", "get_durable_execution_history", "stop_durable_execution"]:
        fails("AccessDeniedException", getattr(stranger, operation), DurableExecutionArn=arn)
    fails("AccessDeniedException", stranger.send_durable_execution_callback_success, CallbackId=callback)
    assert lambda_.get_durable_execution(DurableExecutionArn=arn)["Status"] == "RUNNING"


def test_configuration(lambda_, durable, create, updated, fails):
    durable("steps", DurableConfig={"ExecutionTimeout": 60, "RetentionPeriodInDays": 7})
    read = lambda_.get_function_configuration(FunctionName="steps")["DurableConfig"]
    assert read == {"ExecutionTimeout": 60, "RetentionPeriodInDays": 7}
    lambda_.update_function_configuration(FunctionName="steps", DurableConfig={"RetentionPeriodInDays": 8})
    updated("steps")
    read = lambda_.get_function_configuration(FunctionName="steps")["DurableConfig"]
    assert read == {"ExecutionTimeout": 60, "RetentionPeriodInDays": 8}
    text = fails("InvalidParameterValueException", create, wait=False, DurableConfig={"RetentionPeriodInDays": 7})
    assert text == "You cannot create a function with a durable configuration without an executionTimeout"
    name = create(DurableConfig={"ExecutionTimeout": 31_622_400})
    assert lambda_.get_function_configuration(FunctionName=name)["DurableConfig"]["RetentionPeriodInDays"] == 14
    plain = create()
    assert "DurableConfig" not in lambda_.get_function_configuration(FunctionName=plain)
    fails(
        "InvalidParameterValueException",
        lambda_.update_function_configuration,
        FunctionName=plain,
        DurableConfig={"ExecutionTimeout": 60},
    )
    for bad in [{"ExecutionTimeout": 31_622_401}, {"ExecutionTimeout": 60, "RetentionPeriodInDays": 91}]:
        fails("ValidationException", create, wait=False, DurableConfig=bad)


def test_asynchronous_events_begin_executions(lambda_, durable, eventually):
    """What other services hand over as events, here a destination."""
    name = durable("waits")
    arn = lambda_.get_function_configuration(FunctionName=name)["FunctionArn"]
    durable("plain", durable=False)
    lambda_.put_function_event_invoke_config(
        FunctionName="plain", DestinationConfig={"OnSuccess": {"Destination": arn}}
    )
    lambda_.invoke(FunctionName="plain", InvocationType="Event")

    def found():
        executions = lambda_.list_durable_executions_by_function(FunctionName="waits")["DurableExecutions"]
        return executions and executions[0]["Status"] != "RUNNING" and executions

    assert [one["Status"] for one in eventually(found)] == ["SUCCEEDED"]
