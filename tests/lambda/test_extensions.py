"""Extensions that layers bring: they are told of invocations, and hold the environment until they are done."""

import json

import pytest

# Runs under the interpreter of the function itself, wherever that is.
LIBRARY = """#!{python} -S
import http.client, json, os, sys, time
def call(method, path, headers={{}}, body=None):
    api = http.client.HTTPConnection(os.environ["AWS_LAMBDA_RUNTIME_API"])
    api.request(method, "/2020-01-01/extension/" + path, body, headers)
    answer = api.getresponse()
    return answer.read().decode(), answer.headers
_, headers = call("POST", "register", {{"Lambda-Extension-Name": os.path.basename(sys.argv[0])}},
                  json.dumps({{"events": ["INVOKE", "SHUTDOWN"]}}))
ME = {{"Lambda-Extension-Identifier": headers["Lambda-Extension-Identifier"]}}
def next():
    return json.loads(call("GET", "event/next", ME)[0])
"""


@pytest.fixture
def interpreter(create, lambda_):
    """Where functions find Python inside their sandboxes."""
    name = create("import sys\ndef handler(event, context):\n    return sys.executable\n")
    return json.loads(lambda_.invoke(FunctionName=name)["Payload"].read())


@pytest.fixture
def extended(lambda_, package, create, interpreter):
    """A function with an extension of this source."""

    def make(source, **parameters):
        program = LIBRARY.format(python=interpreter) + source
        layer = lambda_.publish_layer_version(
            LayerName="extension", Content={"ZipFile": package({"extensions/watcher": (program, 0o755)})}
        )
        return create(Layers=[layer["LayerVersionArn"]], **parameters)

    return make


def log(client, name, eventually, until):
    """The function's log as one text, once it has `until`."""
    logs = client("logs")

    def written():
        try:
            events = logs.filter_log_events(logGroupName=f"/aws/lambda/{name}")["events"]
        except logs.exceptions.ResourceNotFoundException:
            return None
        text = "".join(event["message"] for event in events)
        return text if until in text else None

    return eventually(written)


def test_extension_follows_invocations(lambda_, client, extended, eventually):
    name = extended(
        "while True:\n"
        "    event = next()\n"
        "    print('told', json.dumps(event), flush=True)\n"
        "    time.sleep(0.3)\n"
    )
    answer = lambda_.invoke(FunctionName=name, Payload=b'{"n": 1}')
    assert json.loads(answer["Payload"].read()) == {"n": 1}
    text = log(client, name, eventually, "REPORT")
    told = json.loads(text.split("told ")[1].splitlines()[0])
    assert told["eventType"] == "INVOKE"
    assert told["invokedFunctionArn"].endswith(f":function:{name}")
    # The bill includes the time by which the extension outlasted the runtime.
    duration = float(text.split("\tDuration: ")[1].split(" ms")[0])
    assert duration >= 300
    # The next invocation meets an environment whose extension is done.
    answer = lambda_.invoke(FunctionName=name, Payload=b'{"n": 2}')
    assert json.loads(answer["Payload"].read()) == {"n": 2}


def test_extension_that_crashes(lambda_, extended):
    name = extended("sys.exit(7)\n")
    answer = lambda_.invoke(FunctionName=name, Payload=b"{}")
    assert answer["FunctionError"] == "Unhandled"
    error = json.loads(answer["Payload"].read())
    assert error["errorType"] == "Extension.Crash"
    assert error["errorMessage"].endswith(" Error: exit status 7")
    assert error["errorMessage"].startswith("RequestId: ")


def test_extension_is_told_of_the_end(lambda_, client, extended, eventually, updated):
    name = extended(
        "while True:\n"
        "    event = next()\n"
        "    if event['eventType'] == 'SHUTDOWN':\n"
        "        print('ends for', event['shutdownReason'], flush=True)\n"
        "        sys.exit(0)\n"
    )
    lambda_.invoke(FunctionName=name, Payload=b"{}")
    lambda_.update_function_configuration(FunctionName=name, Description="changed")
    assert "ends for spindown" in log(client, name, eventually, "ends for")
