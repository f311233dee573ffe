"""Durable functions with the official SDK for Python, unmodified: steps, waits, retries, callbacks, children, failures."""

import base64
import json



def types(events, *left_out):
    return [event["EventType"] for event in events if event["EventType"] not in left_out]


def test_steps(lambda_, durable, history, times):
    name = durable("steps")
    answered = lambda_.invoke(FunctionName=name, Payload=json.dumps({"number": 20}), LogType="Tail")
    assert json.load(answered["Payload"]) == {"one": 21, "two": 42}
    assert answered["ExecutedVersion"] == "$LATEST"
    assert b"ran two." in base64.b64decode(answered["LogResult"])
    arn = answered["DurableExecutionArn"]
    assert "function:steps:$LATEST/durable-execution/" in arn
    execution = lambda_.get_durable_execution(DurableExecutionArn=arn)
    assert execution["Status"] == "SUCCEEDED" and execution["Version"] == "$LATEST"
    assert json.loads(execution["InputPayload"]) == {"number": 20}
    assert json.loads(execution["Result"]) == {"one": 21, "two": 42}
    assert execution["EndTimestamp"] >= execution["StartTimestamp"]
    events = history(arn)
    assert types(events) == [
        "ExecutionStarted",
        "StepStarted",
        "StepSucceeded",
        "StepStarted",
        "StepSucceeded",
        "InvocationCompleted",
        "ExecutionSucceeded",
    ]
    assert [event["EventId"] for event in events] == list(range(1, 8))
    assert events[0]["ExecutionStartedDetails"]["ExecutionTimeout"] == 300
    assert events[2]["Name"] == "one" and events[2]["SubType"] == "Step"
    assert events[2]["StepSucceededDetails"]["Result"]["Payload"] == "21"
    assert events[2]["StepSucceededDetails"]["RetryDetails"]["CurrentAttempt"] == 1
    bare = history(arn, IncludeExecutionData=False)
    assert bare[2]["StepSucceededDetails"]["Result"] == {"Truncated": True}
    assert types(history(arn, ReverseOrder=True)) == types(events)[::-1]
    page = lambda_.get_durable_execution_history(DurableExecutionArn=arn, MaxItems=3)
    rest = lambda_.get_durable_execution_history(DurableExecutionArn=arn, Marker=page["NextMarker"])
    assert types(page["Events"] + rest["Events"]) == types(events)
    times("steps", "one", 1)
    times("steps", "two", 1)


def test_waits_run_the_function_again_and_no_step_twice(durable, begin, ended, history, times, answer):
    name = durable("waits")
    assert answer(name, {"seconds": 1}) == ["before", "after"]
    arn = begin(name, {"seconds": 1})
    assert json.loads(ended(arn)["Result"]) == ["before", "after"]
    events = history(arn)
    assert types(events).count("InvocationCompleted") == 2
    pause = next(event for event in events if event["EventType"] == "WaitStarted")
    assert pause["Name"] == "pause" and pause["WaitStartedDetails"]["Duration"] == 1
    over = next(event for event in events if event["EventType"] == "WaitSucceeded")
    assert over["EventTimestamp"] >= pause["WaitStartedDetails"]["ScheduledEndTimestamp"]
    times("waits", "before", 2)
    times("waits", "after", 2)


def test_steps_are_tried_again(durable, begin, ended, history):
    name = durable("retried")
    arn = begin(name, {"succeeds_at": 2})
    assert json.loads(ended(arn)["Result"]) == 2
    failed = [event for event in history(arn) if event["EventType"] == "StepFailed"]
    assert [event["StepFailedDetails"]["RetryDetails"]["CurrentAttempt"] for event in failed] == [1]
    assert failed[0]["StepFailedDetails"]["Error"]["Payload"]["ErrorMessage"] == "attempt 1 failed"
    arn = begin(name, {"succeeds_at": 9})
    assert "attempt 3 failed" in json.loads(ended(arn)["Result"])["failed"]
    assert types(history(arn)).count("StepFailed") == 3


def test_branches_and_items_go_on_by_themselves(durable, answer, times):
    name = durable("fans_out")
    result = answer(name, {"items": [2, 3, 4]})
    assert result == {"both": ["left", "right"], "squares": [4, 9, 16]}
    for what in ["left", "right", "square 2", "square 3", "square 4"]:
        times("fans-out", what, 1)


def test_polling_keeps_its_state(durable, answer, times):
    assert answer(durable("polls")) == 3
    for state in range(3):
        times("polls", f"poll {state}", 1)


def test_callbacks_are_answered_from_outside(lambda_, durable, begin, ended, open_callback, history, fails):
    name = durable("calls_back")
    arn = begin(name)
    callback = open_callback(arn)
    lambda_.send_durable_execution_callback_heartbeat(CallbackId=callback)
    lambda_.send_durable_execution_callback_success(CallbackId=callback, Result=b'{"yes": 1}')
    assert json.loads(ended(arn)["Result"]) == {"answer": '{"yes": 1}'}
    assert "CallbackSucceeded" in types(history(arn))
    for call in [
        lambda_.send_durable_execution_callback_success,
        lambda_.send_durable_execution_callback_failure,
        lambda_.send_durable_execution_callback_heartbeat,
    ]:
        fails("CallbackTimeoutException", call, CallbackId=callback)
        fails("InvalidParameterValueException", call, CallbackId="AAAA")
    arn = begin(name)
    error = {"ErrorType": "Refused", "ErrorMessage": "they said no"}
    lambda_.send_durable_execution_callback_failure(CallbackId=open_callback(arn), Error=error)
    assert "they said no" in json.loads(ended(arn)["Result"])["error"]
    assert "CallbackFailed" in types(history(arn))


def test_callbacks_time_out(lambda_, durable, begin, ended, history, open_callback):
    name = durable("calls_back")
    by_time, by_silence = begin(name, {"timeout": 1}), begin(name, {"timeout": 60, "heartbeat": 1})
    for arn, kind in [(by_time, "Callback.Timeout"), (by_silence, "Callback.Heartbeat")]:
        assert json.loads(ended(arn)["Result"])["kind"] == "CallbackTimeoutError"
        timed_out = next(event for event in history(arn) if event["EventType"] == "CallbackTimedOut")
        assert timed_out["CallbackTimedOutDetails"]["Error"]["Payload"]["ErrorType"] == kind


def test_a_function_answers_its_own_callback(durable, answer):
    assert json.loads(answer(durable("submits"))) == {"by": "itself"}


def test_chained_invokes(lambda_, durable, answer, begin, ended, history):
    durable("plain", durable=False)
    durable("steps")
    durable("fails")
    name = durable("invokes")
    assert answer(name, {"function": "plain", "payload": {"a": 1}}) == {"answer": {"plain": {"a": 1}}}
    assert answer(name, {"function": "steps:$LATEST", "payload": {"number": 1}}) == {"answer": {"one": 2, "two": 4}}
    failed = answer(name, {"function": "plain", "payload": {"fail": True}})
    assert failed == {"error": "plain failed", "kind": "ValueError"}
    assert answer(name, {"function": "fails:$LATEST"})["kind"] == "KeyError"
    assert answer(name, {"function": "nothing"})["kind"] == "ResourceNotFoundException"
    assert answer(name, {"function": "steps"})["kind"] == "InvalidParameterValueException"
    arn = begin(name, {"function": "steps:$LATEST", "payload": {"number": 1}})
    ended(arn)
    events = history(arn)
    assert "ChainedInvokeSucceeded" in types(events)
    started = next(event for event in events if event["EventType"] == "ChainedInvokeStarted")
    details = started["ChainedInvokeStartedDetails"]
    assert details["FunctionName"] == "steps:$LATEST" and details["ExecutedVersion"] == "$LATEST"
    child = lambda_.get_durable_execution(DurableExecutionArn=details["DurableExecutionArn"])
    assert child["Status"] == "SUCCEEDED"


def test_chained_invokes_name_tenants(lambda_, durable, answer, history):
    durable("tenant", durable=False, TenancyConfig={"TenantIsolationMode": "PER_TENANT"})
    name = durable("invokes")
    answered = lambda_.invoke(FunctionName=name, Payload=json.dumps({"function": "tenant", "tenant": "blue"}))
    assert json.load(answered["Payload"]) == {"answer": "blue"}
    started = [e for e in history(answered["DurableExecutionArn"]) if e["EventType"] == "ChainedInvokeStarted"]
    assert started[0]["ChainedInvokeStartedDetails"]["TenantId"] == "blue"
    assert "tenant" in answer(name, {"function": "tenant"})["error"].lower()
    durable("plain", durable=False)
    assert "tenant" in answer(name, {"function": "plain", "tenant": "blue"})["error"].lower()


def test_tenants(lambda_, durable, answer, begin, ended, fails):
    name = durable("of_tenant", TenancyConfig={"TenantIsolationMode": "PER_TENANT"})
    assert answer(name, TenantId="blue") == ["blue", "blue"]
    assert json.loads(ended(begin(name, TenantId="red"))["Result"]) == ["red", "red"]
    fails("InvalidParameterValueException", lambda_.invoke, FunctionName=name)
    fails("InvalidParameterValueException", lambda_.invoke, FunctionName=durable("steps"), TenantId="blue")
    chained = answer(durable("invokes"), {"function": name, "tenant": "green"})
    assert chained == {"answer": ["green", "green"]}


def test_children_that_are_stopped_or_too_slow(lambda_, durable, begin, ended, history, eventually):
    durable("waits", DurableConfig={"ExecutionTimeout": 1})
    durable("calls_back")
    name = durable("invokes")
    slow = begin(name, {"function": "waits:$LATEST", "payload": {"seconds": 60}})
    assert json.loads(ended(slow)["Result"]) == {
        "error": "CHAINED_INVOKE timed out after 1 seconds.",
        "kind": "ChainedInvoke.Timeout",
    }
    stopped = begin(name, {"function": "calls-back:$LATEST"})

    def child():
        for event in history(stopped):
            if event["EventType"] == "ChainedInvokeStarted":
                return event["ChainedInvokeStartedDetails"]["DurableExecutionArn"]

    error = {"ErrorType": "Enough", "ErrorMessage": "we stopped it"}
    lambda_.stop_durable_execution(DurableExecutionArn=eventually(child), Error=error)
    assert json.loads(ended(stopped)["Result"]) == {"error": "we stopped it", "kind": "Enough"}
    assert "ChainedInvokeStopped" in types(history(stopped))


def test_large_results_are_replayed_from_their_children(durable, answer, times):
    assert answer(durable("large")) == 400_000
    times("large", "half", 1)


def test_state_that_takes_several_pages(durable, answer):
    assert answer(durable("many"), {"steps": 1100}) == 1100 * 1099 // 2


def test_failures(lambda_, durable, begin, ended, history):
    name = durable("fails")
    answered = lambda_.invoke(FunctionName=name, Payload=b"{}")
    assert answered["FunctionError"] == "Unhandled" and answered["StatusCode"] == 200
    document = json.load(answered["Payload"])
    assert document["errorType"] == "KeyError" and "no such order" in document["errorMessage"]
    execution = lambda_.get_durable_execution(DurableExecutionArn=answered["DurableExecutionArn"])
    assert execution["Status"] == "FAILED" and execution["Error"]["ErrorType"] == "KeyError"
    assert types(history(answered["DurableExecutionArn"]))[-1] == "ExecutionFailed"
    nonsense = ended(begin(durable("nonsense")))
    assert nonsense["Error"]["ErrorType"] == "InvalidParameterValueException"


def test_a_function_that_dies_runs_again(lambda_, durable, begin, history, eventually):
    arn = begin(durable("crashes"))
    first = lambda: [event for event in history(arn) if event["EventType"] == "InvocationCompleted"]  # noqa: E731
    failed = eventually(first)[0]["InvocationCompletedDetails"]
    assert failed["Error"]["Payload"]["ErrorType"] == "Runtime.ExitError"
    assert lambda_.get_durable_execution(DurableExecutionArn=arn)["Status"] == "RUNNING"
    eventually(lambda: len(first()) >= 2)
    lambda_.stop_durable_execution(DurableExecutionArn=arn)


def test_stopping(lambda_, durable, begin, history, open_callback, fails):
    arn = begin(durable("calls_back"))
    callback = open_callback(arn)
    error = {"ErrorType": "Enough", "ErrorMessage": "we stopped it"}
    stopped = lambda_.stop_durable_execution(DurableExecutionArn=arn, Error=error)
    again = lambda_.stop_durable_execution(DurableExecutionArn=arn)
    assert again["StopTimestamp"] == stopped["StopTimestamp"]
    execution = lambda_.get_durable_execution(DurableExecutionArn=arn)
    assert execution["Status"] == "STOPPED" and execution["Error"] == error
    assert "ExecutionStopped" in types(history(arn))
    fails("CallbackTimeoutException", lambda_.send_durable_execution_callback_success, CallbackId=callback)


def test_the_time_of_an_execution_is_limited(lambda_, durable, history):
    name = durable("waits", DurableConfig={"ExecutionTimeout": 1})
    answered = lambda_.invoke(FunctionName=name, Payload=json.dumps({"seconds": 600}))
    assert answered["FunctionError"] == "Unhandled"
    arn = answered["DurableExecutionArn"]
    execution = lambda_.get_durable_execution(DurableExecutionArn=arn)
    assert execution["Status"] == "TIMED_OUT"
    assert execution["Error"] == {"ErrorMessage": "Execution timed out after 1 seconds."}
    # The invocation may still run: its own line can come behind.
    assert "ExecutionTimedOut" in types(history(arn))
