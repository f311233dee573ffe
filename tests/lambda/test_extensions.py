"""Extensions that layers bring: they are told of invocations, and hold the environment until they are done."""

import base64
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

    def make(extension, **parameters):
        program = LIBRARY.format(python=interpreter) + extension
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
        text = "\n".join(event["message"].rstrip("\n") for event in events) + "\n"
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


EXTENSION_OF_NODE = """#!{node}
const http = require('http');
const [host, port] = process.env.AWS_LAMBDA_RUNTIME_API.split(':');
const ask = (method, path, headers, body) => new Promise((done) => {{
  path = '/2020-01-01/extension/' + path;
  http.request({{ host, port, method, path, headers }}, (answer) => answer.resume().on('end', () => done(answer))).end(body);
}});
ask('POST', 'register', {{ 'Lambda-Extension-Name': 'watcher' }}, '{{"events":["SHUTDOWN"]}}').then(({{ headers }}) =>
  ask('GET', 'event/next', {{ 'Lambda-Extension-Identifier': headers['lambda-extension-identifier'] }}));
"""


def test_a_runtime_that_waits_is_asked_to_end(lambda_, client, create, package, node_runtime, eventually):
    source = "exports.handler = async () => process.execPath;"
    name = create({"index.js": source}, Runtime=node_runtime)
    node = json.loads(lambda_.invoke(FunctionName=name)["Payload"].read())
    extension = (EXTENSION_OF_NODE.format(node=node), 0o755)
    layer = lambda_.publish_layer_version(
        LayerName="extension", Content={"ZipFile": package({"extensions/watcher": extension})}
    )
    source += " process.on('SIGTERM', () => { console.log('asked to end'); process.exit(0); });"
    name = create({"index.js": source}, Runtime=node_runtime, Layers=[layer["LayerVersionArn"]])
    assert "FunctionError" not in lambda_.invoke(FunctionName=name)
    lambda_.update_function_configuration(FunctionName=name, Description="changed")
    assert "asked to end" in log(client, name, eventually, "asked to end")


def telemetry(lambda_, client, extended, eventually, api, version, source):
    """What an extension that has subscribed to `api` is told of the first invocation: records by type."""
    name = extended(
        "import http.server, threading\n"
        "class Receiver(http.server.BaseHTTPRequestHandler):\n"
        "    def do_POST(self):\n"
        "        for event in json.loads(self.rfile.read(int(self.headers['Content-Length']))):\n"
        "            sys.stdout.write('got ' + json.dumps(event) + '\\n'); sys.stdout.flush()\n"
        "        self.send_response(200); self.end_headers()\n"
        "    def log_message(self, *_): pass\n"
        "server = http.server.ThreadingHTTPServer(('127.0.0.1', 8080), Receiver)\n"
        "threading.Thread(target=server.serve_forever, daemon=True).start()\n"
        "api = http.client.HTTPConnection(os.environ['AWS_LAMBDA_RUNTIME_API'])\n"
        f"api.request('PUT', '{api}', json.dumps({{'schemaVersion': '{version}',\n"
        "    'types': ['platform', 'function'], 'buffering': {'timeoutMs': 25},\n"
        "    'destination': {'protocol': 'HTTP', 'URI': 'http://sandbox.localdomain:8080'}}), ME)\n"
        "api.getresponse().read()\n"
        "while True:\n"
        "    next()\n"
        "    time.sleep(0.3)\n",
        source=source,
    )

    def told():
        lambda_.invoke(FunctionName=name, Payload=b"1")
        logs = client("logs")
        events = logs.filter_log_events(
            logGroupName=f"/aws/lambda/{name}", filterPattern='"got"'
        )["events"]
        # While the extension is busy another environment is started, whose records come in between.
        by_stream = {}
        for one in events:
            record = json.loads(one["message"].removeprefix("got "))
            by_stream.setdefault(one["logStreamName"], []).append(record)
        wanted = {"platform.report", "function"}
        whole = (all_ for all_ in by_stream.values() if wanted <= {one["type"] for one in all_})
        return next(whole, None)

    # The first of each type: what followed may not have come whole.
    return {one["type"]: one["record"] for one in reversed(eventually(told))}


# In a later millisecond than it was asked.
HANDLED = (
    "import time\n"
    "def handler(event, context):\n"
    "    print('handled')\n"
    "    time.sleep(0.01)\n"
    "    return event\n"
)


def test_telemetry_of_an_invocation(lambda_, client, extended, eventually):
    by_kind = telemetry(
        lambda_, client, extended, eventually, "/2022-07-01/telemetry", "2022-12-13", HANDLED
    )
    assert by_kind["function"] == "handled"
    assert by_kind["platform.start"]["version"] == "$LATEST"
    done = by_kind["platform.runtimeDone"]
    assert done["status"] == "success" and done["metrics"]["producedBytes"] == 1
    latency, duration = done["spans"]
    assert [latency["name"], duration["name"]] == ["responseLatency", "responseDuration"]
    assert latency["start"] < duration["start"]
    whole = latency["durationMs"] + duration["durationMs"]
    assert whole == pytest.approx(done["metrics"]["durationMs"], abs=0.01)
    report = by_kind["platform.report"]
    assert report["status"] == "success" and report["metrics"]["memorySizeMB"] == 128
    assert {"platform.initStart", "platform.initReport", "platform.extension"} <= set(by_kind)
    start = by_kind["platform.initStart"]
    assert start["runtimeVersion"].startswith("python:") and ":runtime:" in start["runtimeVersionArn"]
    assert start["instanceMaxMemory"] == 128 and len(start["instanceId"]) == 32
    assert "platform.end" not in by_kind


def test_logs_api_of_an_invocation(lambda_, client, extended, eventually):
    by_kind = telemetry(
        lambda_, client, extended, eventually, "/2020-08-15/logs", "2021-03-18", HANDLED
    )
    ids = {
        by_kind[kind]["requestId"]
        for kind in ("platform.start", "platform.runtimeDone", "platform.end", "platform.report")
    }
    assert len(ids) == 1
    # What that API does not know is not told: its extensions would not understand it.
    assert set(by_kind) == {
        "function",
        "platform.start",
        "platform.runtimeDone",
        "platform.end",
        "platform.report",
        "platform.extension",
        "platform.logsSubscription",
    }


def test_tail_has_the_end_of_the_invocation(lambda_, extended):
    name = extended("while next()['eventType'] == 'INVOKE': time.sleep(0.05)\n")
    for _ in range(2):
        answer = lambda_.invoke(FunctionName=name, LogType="Tail")
        tail = base64.b64decode(answer["LogResult"]).decode()
        request_id = answer["ResponseMetadata"]["RequestId"]
        for word in ("START", "END", "REPORT"):
            assert f"{word} RequestId: {request_id}" in tail, tail


@pytest.mark.parametrize("level", ["DEBUG", "INFO", "WARN"])
def test_json_logs_have_the_events_of_their_level(lambda_, client, extended, eventually, level):
    name = extended(
        "while next()['eventType'] == 'INVOKE': pass\n",
        LoggingConfig={"LogFormat": "JSON", "SystemLogLevel": level, "ApplicationLogLevel": "INFO"},
        FunctionName=f"json-{level.lower()}",
        source="def handler(event, context):\n    print('handled')\n",
    )
    lambda_.invoke(FunctionName=name)
    quiet = {"WARN": set()}
    quiet["INFO"] = {"platform.initStart", "platform.extension", "platform.start", "platform.report"}
    quiet["DEBUG"] = quiet["INFO"] | {"platform.initRuntimeDone", "platform.initReport", "platform.runtimeDone"}
    last = {"WARN": "handled"}.get(level, "platform.report")
    text = log(client, name, eventually, last)
    told = {json.loads(line)["type"] for line in text.splitlines() if line.startswith("{")}
    assert told == quiet[level]
