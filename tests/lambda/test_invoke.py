"""Invoke."""

import base64
import json

import pytest

CONTEXT = """
def handler(event, context):
    client = context.client_context
    return {
        "event": event,
        "function_name": context.function_name,
        "function_version": context.function_version,
        "invoked_function_arn": context.invoked_function_arn,
        "memory_limit_in_mb": context.memory_limit_in_mb,
        "aws_request_id": context.aws_request_id,
        "log_group_name": context.log_group_name,
        "custom": client.custom if client else None,
    }
"""


def payload(answer):
    return json.loads(answer["Payload"].read())


def tail(answer):
    return base64.b64decode(answer["LogResult"]).decode()


def test_request_response(lambda_, create):
    answer = lambda_.invoke(FunctionName=create(), Payload=b'{"a": [1, "\xc3\xa9"]}')
    assert (answer["StatusCode"], answer["ExecutedVersion"]) == (200, "$LATEST")
    assert "FunctionError" not in answer and "LogResult" not in answer
    assert payload(answer) == {"a": [1, "é"]}


def test_no_payload_is_an_empty_object(lambda_, create):
    assert payload(lambda_.invoke(FunctionName=create())) == {}


def test_context(lambda_, create, account):
    name = create(CONTEXT, Publish=True, MemorySize=256)
    client_context = base64.b64encode(b'{"custom": {"foo": "bar"}}').decode()
    answer = lambda_.invoke(
        FunctionName=name, Qualifier="1", Payload=b'{"k": 1}', ClientContext=client_context
    )
    assert answer["ExecutedVersion"] == "1"
    got = payload(answer)
    assert got.pop("aws_request_id") == answer["ResponseMetadata"]["RequestId"]
    assert got == {
        "event": {"k": 1},
        "function_name": name,
        "function_version": "1",
        "invoked_function_arn": f"arn:aws:lambda:us-east-1:{account.id}:function:{name}:1",
        "memory_limit_in_mb": "256",
        "log_group_name": f"/aws/lambda/{name}",
        "custom": {"foo": "bar"},
    }


def test_log_tail(lambda_, create):
    name = create("def handler(event, context):\n    print('hello')\n")
    answer = lambda_.invoke(FunctionName=name, LogType="Tail")
    request_id = answer["ResponseMetadata"]["RequestId"]
    lines = tail(answer).splitlines()
    assert lines[0] == f"START RequestId: {request_id} Version: $LATEST"
    assert lines[1] == "hello"
    assert lines[2] == f"END RequestId: {request_id}"
    assert lines[3].startswith(f"REPORT RequestId: {request_id}\tDuration: ")
    assert "\tMemory Size: 128 MB\tMax Memory Used: " in lines[3]
    assert "\tInit Duration: " in lines[3]
    assert "Init Duration" not in tail(lambda_.invoke(FunctionName=name, LogType="Tail"))


def test_log_tail_of_a_cold_start(lambda_, create):
    name = create("print('loading')\ndef handler(event, context):\n    print('hello')\n")
    answer = lambda_.invoke(FunctionName=name, LogType="Tail")
    lines = tail(answer).splitlines()
    request_id = answer["ResponseMetadata"]["RequestId"]
    assert lines[:3] == ["loading", f"START RequestId: {request_id} Version: $LATEST", "hello"]
    assert "loading" not in tail(lambda_.invoke(FunctionName=name, LogType="Tail"))


def test_log_tail_of_an_initialization_that_fails(lambda_, create):
    name = create("import nothing_of_this_name\n")
    lines = [line for line in tail(lambda_.invoke(FunctionName=name, LogType="Tail")).splitlines() if line.strip()]
    for phase in ("init", "invoke"):
        said = [lines.pop(0) for _ in range(4)]
        assert said[0].startswith("[WARNING]")
        assert said[1].startswith("[ERROR] Runtime.ImportModuleError: Unable to import module 'index': ")
        assert said[2] == "Traceback (most recent call last):"
        assert said[3].startswith("INIT_REPORT Init Duration: ")
        assert said[3].endswith(f"\tPhase: {phase}\tStatus: error\tError Type: Runtime.ImportModuleError")
    assert [line.split(" ")[0] for line in lines] == ["START", "END", "REPORT"]


def test_a_module_that_never_ends(lambda_, create, package, node_runtime):
    source = package({"index.mjs": "await new Promise(() => {});\nexport const handler = async () => 1;\n"})
    name = create(Runtime=node_runtime, Code={"ZipFile": source})
    error = payload(lambda_.invoke(FunctionName=name))
    assert error["errorType"] == "Runtime.ExitError"
    assert error["errorMessage"].endswith("Error: Runtime exited with error: exit status 13")


def test_the_log_level_counts_for_what_is_printed(lambda_, create):
    source = """import json, logging
def handler(event, context):
    for level in ("debug", "Error"):
        print(json.dumps({"level": level, "msg": "printed " + level, "timestamp": "2024-11-02T16:51:31.587199Z"}))
    print(json.dumps({"level": "error", "msg": "without a time"}))
    print("plain")
    logging.warning("logged warning")
    logging.critical("logged critical")
"""
    name = create(source, LoggingConfig={"LogFormat": "JSON", "ApplicationLogLevel": "ERROR"})
    log = tail(lambda_.invoke(FunctionName=name, LogType="Tail"))
    for text, kept in [
        ("printed debug", False),
        ("printed Error", True),
        ("without a time", False),
        ("plain", True),
        ("logged warning", False),
        ("logged critical", True),
    ]:
        assert (text in log) == kept, (text, log)


def test_exception(lambda_, create):
    name = create("def handler(event, context):\n    raise ValueError('no')\n")
    answer = lambda_.invoke(FunctionName=name)
    assert (answer["StatusCode"], answer["FunctionError"]) == (200, "Unhandled")
    error = payload(answer)
    assert (error["errorType"], error["errorMessage"]) == ("ValueError", "no")
    assert error["requestId"] == answer["ResponseMetadata"]["RequestId"]
    assert 'File "/var/task/index.py", line 2, in handler' in error["stackTrace"][0]


def test_timeout(lambda_, create):
    name = create("import time\ndef handler(event, context):\n    time.sleep(60)\n", Timeout=1)
    answer = lambda_.invoke(FunctionName=name, LogType="Tail")
    request_id = answer["ResponseMetadata"]["RequestId"]
    assert payload(answer) == {
        "errorType": "Sandbox.Timedout",
        "errorMessage": f"RequestId: {request_id} Error: Task timed out after 1.00 seconds",
    }
    assert "Task timed out after 1.00 seconds" in tail(answer)
    assert "\tDuration: 1000.00 ms\t" in tail(answer) and "\tStatus: timeout" in tail(answer)


@pytest.mark.parametrize(
    "status, text",
    [(0, "Runtime exited without providing a reason"), (3, "Runtime exited with error: exit status 3")],
)
def test_exit(lambda_, create, status, text):
    name = create(f"import os\ndef handler(event, context):\n    os._exit({status})\n")
    answer = lambda_.invoke(FunctionName=name)
    error = payload(answer)
    assert error["errorType"] == "Runtime.ExitError"
    assert error["errorMessage"] == f"RequestId: {answer['ResponseMetadata']['RequestId']} Error: {text}"


def test_too_large_an_answer(lambda_, create):
    name = create("def handler(event, context):\n    return 'x' * (6 * 1024 * 1024 + 100)\n", Timeout=10)
    assert payload(lambda_.invoke(FunctionName=name)) == {
        "errorMessage": "Response payload size exceeded maximum allowed payload size (6291556 bytes).",
        "errorType": "Function.ResponseSizeTooLarge",
    }


def test_missing_module(lambda_, create):
    name = create("import nothing_of_this_name\n")
    answer = lambda_.invoke(FunctionName=name)
    error = payload(answer)
    assert (answer["FunctionError"], error["errorType"]) == ("Unhandled", "Runtime.ImportModuleError")
    assert "No module named 'nothing_of_this_name'" in error["errorMessage"]


def test_custom_runtime(lambda_, create):
    bootstrap = """#!/bin/sh
set -e
api="http://$AWS_LAMBDA_RUNTIME_API/2018-06-01/runtime/invocation"
while true; do
  headers=$(mktemp)
  event=$(curl -sS -D "$headers" "$api/next")
  id=$(grep -i '^lambda-runtime-aws-request-id' "$headers" | tr -d '\\r' | cut -d' ' -f2)
  curl -sS -o /dev/null -d "$event" "$api/$id/response"
done
"""
    name = create({"bootstrap": (bootstrap, 0o755)}, Runtime="provided.al2023", Handler="x", Timeout=10)
    answer = lambda_.invoke(FunctionName=name, Payload=b'{"a":1}')
    assert payload(answer) == {"a": 1}


@pytest.mark.parametrize(
    ("files", "cause"),
    [
        ({"x": ""}, "Couldn't find valid bootstrap(s): [/var/task/bootstrap /opt/bootstrap]"),
        ({"bootstrap": ("#!/bin/sh\n", 0o644)}, "fork/exec /var/task/bootstrap: permission denied"),
        ({"bootstrap": ("no program", 0o755)}, "fork/exec /var/task/bootstrap: exec format error"),
        ({"bootstrap": ("#!/nope\n", 0o755)}, "fork/exec /var/task/bootstrap: no such file or directory"),
    ],
)
def test_a_bootstrap_that_cannot_be_executed(lambda_, create, files, cause):
    name = create(files, Runtime="provided.al2023", Handler="x")
    answer = lambda_.invoke(FunctionName=name, LogType="Tail")
    message = f"RequestId: {answer['ResponseMetadata']['RequestId']} Error: {cause}"
    assert payload(answer) == {"errorType": "Runtime.InvalidEntrypoint", "errorMessage": message}
    assert f"{message}\nRuntime.InvalidEntrypoint\n" in tail(answer)
    assert "os error" not in tail(answer)


def test_a_bootstrap_that_ends_as_if_it_could_not_be_executed(lambda_, create):
    name = create({"bootstrap": ("#!/bin/sh\nabsent\n", 0o755)}, Runtime="provided.al2023", Handler="x")
    assert payload(lambda_.invoke(FunctionName=name))["errorType"] == "Runtime.ExitError"


def test_role_session_inside(lambda_, create, account):
    source = """
import os
def handler(event, context):
    return {k: os.environ[k] for k in ("AWS_REGION", "AWS_ENDPOINT_URL", "AWS_SESSION_TOKEN")}
"""
    got = payload(lambda_.invoke(FunctionName=create(source)))
    assert got["AWS_REGION"] == "us-east-1" and got["AWS_SESSION_TOKEN"]


def test_dry_run(lambda_, create):
    answer = lambda_.invoke(FunctionName=create(), InvocationType="DryRun")
    assert (answer["StatusCode"], answer["Payload"].read()) == (204, b"")


def test_event(lambda_, create, client, eventually):
    name = create("def handler(event, context):\n    print('event', event['n'], context.client_context)\n")
    # Who does not wait has no client context: the API reference of Invoke.
    context = base64.b64encode(b'{"custom": {"a": "b"}}').decode()
    answer = lambda_.invoke(
        FunctionName=name, InvocationType="Event", Payload=b'{"n": 7}', ClientContext=context
    )
    assert (answer["StatusCode"], answer["Payload"].read()) == (202, b"")
    assert "ExecutedVersion" not in answer

    logs = client("logs")

    def logged():
        try:
            events = logs.filter_log_events(logGroupName=f"/aws/lambda/{name}")["events"]
        except logs.exceptions.ResourceNotFoundException:
            return False
        return any(event["message"].startswith("event 7 None") for event in events)

    eventually(logged)


def test_cli(account, create, tmp_path):
    out = tmp_path / "out"
    answer = account.aws(
        "lambda", "invoke", "--function-name", create(), "--payload", '{"a": 1}', out
    )
    assert answer["StatusCode"] == 200
    assert json.loads(out.read_text()) == {"a": 1}


def test_reserved_concurrency_of_zero(lambda_, create, fails):
    name = create()
    lambda_.put_function_concurrency(FunctionName=name, ReservedConcurrentExecutions=0)
    assert fails("TooManyRequestsException", lambda_.invoke, FunctionName=name) == "Rate Exceeded."


def test_bad_input(lambda_, create, account, fails):
    name = create()
    message = fails("InvalidRequestContentException", lambda_.invoke, FunctionName=name, Payload=b"hello")
    assert message.startswith("Could not parse request body into json: ")
    fails("InvalidRequestContentException", lambda_.invoke, FunctionName=name, ClientContext="!")
    message = fails("ResourceNotFoundException", lambda_.invoke, FunctionName="missing")
    assert message == f"Function not found: arn:aws:lambda:us-east-1:{account.id}:function:missing:$LATEST"
    large = b'"' + b"x" * (6 * 1024 * 1024) + b'"'
    message = fails("RequestTooLargeException", lambda_.invoke, FunctionName=name, Payload=large)
    assert "byte payload is too large for the RequestResponse invocation type (limit 6291456 bytes)" in message
    large = b'"' + b"x" * (1024 * 1024) + b'"'
    fails(
        "RequestTooLargeException", lambda_.invoke,
        FunctionName=name, InvocationType="Event", Payload=large,
    )


def test_denied(nobody, create, denied):
    denied("lambda:InvokeFunction", nobody.invoke, FunctionName=create())


def test_the_resource_policy_lets_another_account_in(lambda_, create, account, cloud, fails):
    name, other = create(), "000000000077"
    guest = cloud.client("lambda", access_key_id=other)
    arn = f"arn:aws:lambda:us-east-1:{account.id}:function:{name}"
    fails("AccessDeniedException", guest.invoke, FunctionName=arn)
    lambda_.add_permission(
        FunctionName=name, StatementId="s", Action="lambda:InvokeFunction", Principal=other
    )
    assert payload(guest.invoke(FunctionName=arn, Payload=b"5")) == 5


def test_a_role_that_is_gone_or_trusts_lambda_no_more(client, lambda_, create, role, fails):
    iam = client("iam")
    trust = {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Principal": {"Service": "s3.amazonaws.com"}, "Action": "sts:AssumeRole"}],
    }
    distrusted, without = create(), create()
    text = "The role defined for the function cannot be assumed by Lambda."
    iam.update_assume_role_policy(RoleName="function", PolicyDocument=json.dumps(trust))
    assert fails("AccessDeniedException", lambda_.invoke, FunctionName=distrusted) == text
    iam.delete_role_policy(RoleName="function", PolicyName="logs")
    iam.delete_role(RoleName="function")
    assert fails("AccessDeniedException", lambda_.invoke, FunctionName=without) == text
