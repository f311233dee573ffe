"""An invocation lasts until the runtime asks for the next one: what it does until then is its own."""

import base64
import json
import re

import pytest

# Answers what its event says, and then does something else before it asks again.
BOOTSTRAP = """#!/usr/bin/python3
import http.client, json, os, sys, time
api = http.client.HTTPConnection(os.environ["AWS_LAMBDA_RUNTIME_API"])
def call(method, path, body=None):
    api.request(method, "/2018-06-01/runtime/invocation/" + path, body)
    answer = api.getresponse()
    return answer.read(), answer.headers
while True:
    body, headers = call("GET", "next")
    event = json.loads(body)
    call("POST", headers["Lambda-Runtime-Aws-Request-Id"] + "/" + event.get("as", "response"), body)
    time.sleep(event.get("sleep", 0))
    print("worked for", event["name"], flush=True)
    if "exit" in event:
        sys.exit(event["exit"])
"""


@pytest.fixture
def invoke(lambda_, create):
    name = create(
        {"bootstrap": (BOOTSTRAP, 0o755)}, FunctionName="ends", Runtime="provided.al2023", Timeout=3
    )

    def call(**event):
        answer = lambda_.invoke(FunctionName=name, Payload=json.dumps(event), LogType="Tail")
        tail = base64.b64decode(answer["LogResult"]).decode()
        return json.loads(answer["Payload"].read()), answer.get("FunctionError"), tail

    return call


@pytest.fixture
def reported(client, eventually):
    """The part of the log from the line that has `text` to the end of its invocation, once that is there."""
    logs = client("logs")

    def until(text):
        def found():
            events = logs.filter_log_events(logGroupName="/aws/lambda/ends")["events"]
            lines = "".join(event["message"] for event in events)
            return re.search(rf"{text}.*?^REPORT.*?$", lines, re.DOTALL | re.MULTILINE)

        return eventually(found).group()

    return until


def test_an_exit_belongs_to_the_invocation_before_it(invoke, reported):
    for as_, code in [("response", 3), ("error", 129)]:
        event = {"name": "first", "as": as_, "exit": code}
        answer, error, _ = invoke(**event)
        assert answer == event
        assert (error is not None) == (as_ == "error")
        answer, error, tail = invoke(name="second")
        assert (answer, error) == ({"name": "second"}, None), tail
        assert "Init Duration" in tail
        report = reported(f"Error: Runtime exited with error: exit status {code}\nRuntime.ExitError\n")
        assert "Status: error\tError Type: Runtime.ExitError" in report


def test_work_behind_the_answer_is_billed_and_logged(invoke, reported):
    answer, error, tail = invoke(name="first", sleep=1)
    assert (answer["name"], error) == ("first", None)
    assert "worked for first" not in tail
    report = reported("worked for first")
    assert float(re.search(r"\tDuration: ([\d.]+) ms", report).group(1)) >= 1_000


def test_work_behind_the_answer_ends_with_the_timeout(invoke, reported):
    answer, error, _ = invoke(name="first", sleep=60)
    assert (answer["name"], error) == ("first", None)
    report = reported("Task timed out after 3.00 seconds")
    assert "\tDuration: 3000.00 ms" in report and "Status: timeout" in report
    assert invoke(name="second")[:2] == ({"name": "second"}, None)


def test_who_calls_again_at_once_finds_the_environment_free(invoke):
    invoke(name="first")
    for _ in range(5):
        assert "Init Duration" not in invoke(name="again")[2]
