"""Recorded cases of invocations: kinds, contexts, logs, errors, sizes, and what updates do to them."""

import base64
import json
import platform
import re

import pytest

FILE = "lambda.json"
NAME = "recorded-function"
# What the recordings' tools say where the case says nothing.
USUAL = {"Handler": "handler.handler", "Timeout": 30, "Environment": {"Variables": {}}}
FEATURES = "TestLambdaFeatures::"
ECHO = {
    "python": {"handler.py": "def handler(event, context):\n    print(event)\n    return event\n"},
    "nodejs": {"handler.js": "exports.handler = async (event) => { console.log(JSON.stringify(event)); return event; };\n"},
}
SILENT = {
    "python": {"handler.py": "def handler(event, context):\n    print('nothing')\n"},
    "nodejs": {"handler.js": "exports.handler = async () => { console.log('nothing'); };\n"},
}
VERSIONED = """
def handler(event, context):
    return {{
        "invoked_arn": context.invoked_function_arn,
        "version_from_ctx": context.function_version,
        "version_id": "version{}",
    }}
"""
# Its line 6 raises, as in the recorded log.
FAILING = '''class CustomException(Exception):
    """Of its own."""


def handler(event, context):
    raise CustomException("some error occurred")
'''
CONTEXT = """
import logging
logging.getLogger().setLevel(logging.INFO)
NAMES = ("aws_request_id", "client_context", "function_name", "function_version", "invoked_function_arn",
         "log_group_name", "log_stream_name", "memory_limit_in_mb")

def handler(event, context):
    print("Lambda log message - print function")
    logging.info("Lambda log message - logging module")
    return {"context": {name: getattr(context, name) for name in NAMES}, "event": event}
"""
NODE_CONTEXT = """
exports.handler = async (event, context) => ({ context });
"""
REQUEST_ID = """
import logging
logging.getLogger().setLevel(logging.INFO)

def handler(event, context):
    logging.info("RequestId log message")
    return context.aws_request_id
"""
PLACES = """
import getpass, os, platform, stat, subprocess
from pathlib import Path

def handler(event, context):
    paths = {}
    for path in map(Path, ["/var/task", "/opt", "/tmp"]):
        found, label = path.stat(), str(path).replace("/", "_")
        paths |= {label + "_mode": stat.filemode(found.st_mode), label + "_uid": found.st_uid,
                  label + "_gid": found.st_gid, label + "_owner": path.owner()}
    return {"event": event, "paths": paths, "platform_machine": platform.machine(),
            "platform_system": platform.system(), "pwd": os.getcwd(), "user_login_name": getpass.getuser(),
            "user_whoami": subprocess.run(["whoami"], capture_output=True, text=True).stdout.strip()}
"""


@pytest.fixture
def begin(make, active):
    def start(files, **changes):
        files = {"handler.py": files} if isinstance(files, str) else files
        made = make(files, **{**USUAL, **changes})
        active(NAME)
        return made

    return start


@pytest.fixture
def either(case, runs, begin, python_runtime):
    """`either("test_name[python3.9]", sources)`: the case, and its function in the language that its name tells."""

    def start(name, sources, runtime):
        one = case(FEATURES + name, FILE)
        exact = runtime if re.search(r"\d", runtime) else {"python": python_runtime, "nodejs": "nodejs16.x"}[runtime]
        runs(FEATURES + name, FILE, exact)
        begin(sources["python" if runtime.startswith("python") else "nodejs"], Runtime=exact)
        return one

    return start


def tail(answer):
    return base64.b64decode(answer["LogResult"]).decode()


@pytest.fixture
def log_messages(client, eventually):
    """`log_messages(name, count)`: the events of a function's log once there are so many."""

    def read(name, count):
        logs = client("logs")

        def found():
            try:
                events = logs.filter_log_events(logGroupName=f"/aws/lambda/{name}")["events"]
            except logs.exceptions.ResourceNotFoundException:
                return None
            return len(events) >= count and events

        return eventually(found)

    return read


@pytest.mark.variants(FILE, FEATURES + "test_invocation_type_request_response")
def test_request_response(either, invoke, variant):
    one = either(f"test_invocation_type_request_response[{variant}]", ECHO, variant)
    one.check("invoke-result", invoke(NAME, {}, InvocationType="RequestResponse"))


@pytest.mark.variants(FILE, FEATURES + "test_invocation_type_event")
def test_event(either, invoke, variant):
    one = either(f"test_invocation_type_event[{variant}]", ECHO, variant)
    one.check("invoke-result", invoke(NAME, {}, InvocationType="Event"))


@pytest.mark.variants(FILE, FEATURES + "test_invocation_type_dry_run")
def test_dry_run(either, invoke, variant):
    one = either(f"test_invocation_type_dry_run[{variant}]", ECHO, variant)
    one.check("invoke-result", invoke(NAME, {}, InvocationType="DryRun"))


@pytest.mark.variants(FILE, FEATURES + "test_invocation_type_no_return_payload")
def test_nothing_returned(either, invoke, variant):
    language, kind = variant.split("-")
    one = either(f"test_invocation_type_no_return_payload[{variant}]", SILENT, language)
    one.check("invoke-result", invoke(NAME, {}, InvocationType=kind))


@pytest.mark.variants(FILE, FEATURES + "test_invocation_with_logs")
def test_logs_of_an_invocation(either, invoke, variant):
    one = either(f"test_invocation_with_logs[{variant}]", ECHO, variant)
    answer = invoke(NAME, {}, LogType="Tail")
    lines = tail(answer).splitlines(keepends=True)
    one.check("logs", {"logs": [re.sub(r"^[^\t]*Z\t", "date\t", line) for line in lines]})
    one.check("invoke", {**answer, "LogResult": "log-result"})


def test_event_that_fails(case, begin, invoke, make, active, log_messages, lambda_):
    one = case(FEATURES + "test_invocation_type_event_error", FILE)
    one.check("creation_response", make({"handler.py": FAILING}, **USUAL))
    active(NAME)
    lambda_.put_function_event_invoke_config(FunctionName=NAME, MaximumRetryAttempts=0)
    one.check("invocation_response", invoke(NAME, {}, InvocationType="Event"))
    # The recording holds a second attempt a minute later, which is like the first.
    first = one.answers["log_events"][:5]
    events = log_messages(NAME, len(first))
    shown = [{name: event[name] for name in ("ingestionTime", "message", "timestamp")} for event in events]
    masked = lambda text: re.sub(r"[\d.]+ (ms|MB)", r"# \1", re.sub("python:.*?\t", "python\t", text))
    all_masked = lambda events: {"events": [{**event, "message": masked(event["message"])} for event in events]}
    one.answers["first_attempt"] = all_masked(first)
    one.check("first_attempt", all_masked(shown))
    one.checked.add("log_events")


def test_qualifier(case, make, active, invoke, lambda_):
    one = case(FEATURES + "test_invocation_with_qualifier", FILE)
    changes = {"Handler": "handler.handler", "Timeout": 10, "Publish": True}
    one.check("creation-response", make({"handler.py": CONTEXT}, **changes))
    active(NAME)
    answer = invoke(NAME, {"foo": "bar with 'quotes\""}, Qualifier="1", LogType="Tail")
    one.check("invocation-response", answer)
    lines = [re.sub(r"\t[^\t]*Z\t", "\tdate\t", line) for line in tail(answer).splitlines()]
    one.check("log_result", {"log_result": [line for line in lines if not line.startswith("REPORT")]})


def test_missing_function(case, error, lambda_):
    one = case(FEATURES + "test_invoke_exceptions", FILE)
    one.check("invoke_function_doesnotexist", error(lambda_.invoke, FunctionName="doesnotexist"))


def test_variables(case, make, active, invoke, lambda_):
    one = case(FEATURES + "test_lambda_environment", FILE)
    source = "import os\ndef handler(event, context):\n    return {'Hello': os.environ['Hello']}\n"
    changes = {**USUAL, "Environment": {"Variables": {"Hello": "World"}}}
    one.check("creation-result", make({"handler.py": source}, **changes))
    active(NAME)
    one.check("get-configuration-result", lambda_.get_function_configuration(FunctionName=NAME))
    one.check("invocation-result", invoke(NAME, {}))


def test_context_of_node(case, runs, make, active, invoke):
    one = case(FEATURES + "test_lambda_with_context", FILE)
    runs(FEATURES + "test_lambda_with_context", FILE, "nodejs16.x")
    changes = {**USUAL, "Runtime": "nodejs16.x", "Handler": "lambda_integration.handler"}
    one.check("creation", make({"lambda_integration.js": NODE_CONTEXT}, **changes))
    active(NAME)
    told = {"custom": {"foo": "bar"}, "client": {"snap": ["crackle", "pop"]}, "env": {"fizz": "buzz"}}
    context = base64.b64encode(json.dumps(told).encode()).decode()
    one.check("invocation", invoke(NAME, {}, ClientContext=context))


def test_alias_moves(case, make, active, updated, invoke, lambda_, package, error):
    one = case("TestLambdaAliases::test_lambda_alias_moving", FILE)
    source = lambda version: {"handler.py": VERSIONED.format(version)}
    made = make(source(1), Handler="handler.handler", Description="No version :(")
    one.check("create_response", made)
    active(NAME)
    lambda_.publish_version(FunctionName=NAME, Description="First version description :)")
    alias = lambda_.create_alias(FunctionName=NAME, FunctionVersion="1", Name="alias1")
    one.check("create_alias_response", alias)
    first = lambda label, **parameters: one.check(label, invoke(event={}, **parameters))
    first("invocation_result_qualifier_v1", name=NAME, Qualifier="alias1")
    first("invocation_result_qualifier_v1_arn", name=alias["AliasArn"])
    changed = lambda_.update_function_code(FunctionName=NAME, ZipFile=package(source(2)))
    one.check("update_lambda_response", changed)
    updated(NAME)
    first("invocation_result_qualifier_v1_after_update", name=NAME, Qualifier="alias1")
    published = lambda_.publish_version(FunctionName=NAME, Description="Second version description :)")
    one.check("second_publish_response", published)
    first("invocation_result_qualifier_v1_after_publish", name=NAME, Qualifier="alias1")
    moved = lambda_.update_alias(FunctionName=NAME, FunctionVersion="2", Name="alias1")
    one.check("update_alias_response", moved)
    first("invocation_result_qualifier_v2", name=NAME, Qualifier="alias1")
    missing = error(lambda_.invoke, FunctionName=NAME, Qualifier="non-existent-alias")
    one.check("invocation_exc_not_existent", missing)


def test_states(case, make, active, lambda_):
    one = case("TestLambdaBaseFeatures::test_function_state", FILE)
    one.check("create-fn-response", make(ECHO["python"], Handler="handler.handler"))
    active(NAME)
    one.check("get-fn-response", lambda_.get_function(FunctionName=NAME))


def test_credentials_of_environments(case, begin, invoke):
    """Each environment has its own, and keeps them."""
    one = case("TestLambdaBaseFeatures::test_lambda_different_iam_keys_environment", FILE)
    source = "import os\ndef handler(event, context):\n    return os.environ['AWS_ACCESS_KEY_ID']\n"
    one.check("create-result", begin(source))
    assert invoke(NAME, {})["Payload"] == invoke(NAME, {})["Payload"]


def test_answer_too_large(case, begin, invoke):
    one = case("TestLambdaBaseFeatures::test_lambda_too_large_response", FILE)
    begin("def handler(event, context):\n    return 'a' * event['bytes']\n")
    one.check("invoke_result", invoke(NAME, {"bytes": 6_500_000}))
    assert len(invoke(NAME, {"bytes": 100})["Payload"]) == 102
    one.check("invoke_result_2", invoke(NAME, {"bytes": 6_500_000}))


def test_timeout(case, begin, invoke):
    one = case("TestLambdaBehavior::test_lambda_invoke_with_timeout", FILE)
    made = begin("import time\ndef handler(event, context):\n    time.sleep(9)\n", Timeout=1)
    one.check("create-result", made)
    one.check("invoke-result", invoke(NAME, {}))


@pytest.mark.parametrize(("variant", "machine"), [("arm", "aarch64"), ("x86", "x86_64")])
def test_places_and_user(case, begin, invoke, variant, machine, runs, skipped):
    name = f"TestLambdaBehavior::test_runtime_introspection_{variant}"
    one = case(name, FILE)
    if platform.machine() != machine:
        skipped[f"lambda/{name}"] = f"this host is not {machine}"
        pytest.skip(skipped[f"lambda/{name}"])
    begin(PLACES)
    one.check(f"invoke_runtime_{variant}_introspection", invoke(NAME, {}))


def test_exit(case, begin, invoke):
    one = case("TestLambdaErrors::test_lambda_handler_exit", FILE)
    begin("import sys\ndef handler(event, context):\n    sys.exit(0)\n")
    one.check("invocation_error", invoke(NAME, {}))


def test_wrapper_not_found(case, begin, invoke):
    one = case("TestLambdaErrors::test_lambda_runtime_wrapper_not_found", FILE)
    variables = {"Variables": {"AWS_LAMBDA_EXEC_WRAPPER": "/idontexist.sh"}}
    begin(ECHO["python"], Environment=variables)
    one.check("invocation_error", invoke(NAME, {}))


@pytest.mark.variants(FILE, "TestLambdaErrors::test_lambda_invoke_payload_encoding_error")
def test_payload_that_is_no_text(case, begin, error, lambda_, variant):
    one = case(f"TestLambdaErrors::test_lambda_invoke_payload_encoding_error[{variant}]", FILE)
    begin(ECHO["python"])
    # As the recorded name shows the bytes: escaped where they are no printable character.
    kind, payload = variant.split("-", 1)
    payload = payload.encode("latin-1", "backslashreplace").decode("unicode_escape").encode("latin-1")
    answer = error(lambda_.invoke, FunctionName=NAME, Payload=payload)
    one.check(f"invoke_function_invalid_payload_{kind}", answer)


def test_update_of_the_handler(case, begin, invoke, updated, lambda_):
    one = case("TestLambdaVersions::test_lambda_handler_update", FILE)
    answer = "    return {{'handler': '{}'}}\n"
    source = "".join(f"def {name}(event, context):\n{answer.format(name)}" for name in ("handler", "handler_two"))
    begin(source)
    one.check("invoke_result_handler_one", invoke(NAME, {}))
    changed = lambda_.update_function_configuration(FunctionName=NAME, Handler="handler.handler_two")
    one.check("update_function_configuration_result", changed)
    updated(NAME)
    one.check("get_function_result", lambda_.get_function(FunctionName=NAME))
    one.check("invoke_result_handler_two", invoke(NAME, {}, Qualifier="$LATEST"))
    lambda_.publish_version(FunctionName=NAME)
    one.check("invoke_result_handler_two_postpublish", invoke(NAME, {}, Qualifier="$LATEST"))


def test_request_id(case, begin, invoke, log_messages):
    one = case("TestRequestIdHandling::test_request_id_invoke", FILE)
    begin(REQUEST_ID)
    answer = invoke(NAME, {})
    one.check("invoke_result", answer)
    events = [event["message"].rstrip() for event in log_messages(NAME, 5)]
    lines = [re.sub(r"\t[^\t]*Z\t", "\tdate\t", line) for line in events if not line.startswith("INIT_START")]
    one.check("log_entries", {"logs": lines})
    assert all(json.loads(answer["Payload"]) in line for line in lines)


def test_request_id_of_retries(case, begin, invoke, lambda_, log_messages):
    """The recorded second attempt comes a minute later: here the first is seen, under the id that was answered."""
    one = case("TestRequestIdHandling::test_request_id_async_invoke_with_retry", FILE)
    begin("def handler(event, context):\n    raise Exception('on purpose')\n")
    lambda_.put_function_event_invoke_config(FunctionName=NAME, MaximumRetryAttempts=0)
    answer = invoke(NAME, {}, InvocationType="Event")
    one.check("invoke_result", answer)
    ends = [event["message"] for event in log_messages(NAME, 5) if event["message"].startswith("END")]
    request_id = answer["ResponseMetadata"]["RequestId"]
    assert [end.strip() for end in ends] == [f"END RequestId: {request_id}"]


def test_request_id_format(case, begin, lambda_):
    case("TestRequestIdHandling::test_request_id_format", FILE)
    begin(ECHO["python"])
    answer = lambda_.invoke(FunctionName=NAME, Payload=b"{}")
    assert re.fullmatch("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", answer["ResponseMetadata"]["RequestId"])
