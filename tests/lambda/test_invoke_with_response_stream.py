"""InvokeWithResponseStream."""

import base64
import json
from pathlib import Path

import pytest

MIB = 1024 * 1024


@pytest.fixture
def streaming(create):
    """`streaming()`: the name of a function that brings a runtime of its own, which streams."""

    def make(**parameters):
        if not Path("/usr/bin/python3").exists():
            pytest.skip("the runtime of this test is a script for /usr/bin/python3, which this host lacks")
        script = (Path(__file__).parent / "streaming_bootstrap.py").read_text()
        parameters = {"Runtime": "provided.al2023", "Handler": "x", "Timeout": 20, **parameters}
        return create({"bootstrap": (script, 0o755)}, **parameters)

    return make


@pytest.fixture
def stream(lambda_):
    """`stream(name, event)`: the answer, its chunks, and its last event."""

    def invoke(name, event=None, **parameters):
        payload = json.dumps(event).encode()
        answer = lambda_.invoke_with_response_stream(FunctionName=name, Payload=payload, **parameters)
        events = list(answer["EventStream"])
        assert [list(event) for event in events[:-1]] == [["PayloadChunk"]] * (len(events) - 1)
        chunks = [event["PayloadChunk"]["Payload"] for event in events[:-1]]
        return answer, chunks, events[-1]["InvokeComplete"]

    return invoke


def test_a_runtime_that_streams(streaming, stream):
    answer, chunks, complete = stream(streaming(), {"pieces": ["one ", "two ", "thrée"]})
    assert (answer["StatusCode"], answer["ExecutedVersion"]) == (200, "$LATEST")
    assert answer["ResponseStreamContentType"] == "application/vnd.amazon.eventstream"
    assert b"".join(chunks).decode() == "one two thrée"
    assert complete == {}


def test_pieces_come_before_the_end(streaming, stream):
    """The runtime never ends this answer, so nothing of it would come if it were kept until then."""
    name = streaming(Timeout=2)
    answer, chunks, complete = stream(name, {"pieces": ["early"], "then": "hang"})
    assert b"".join(chunks) == b"early"
    request_id = answer["ResponseMetadata"]["RequestId"]
    assert complete["ErrorCode"] == "Sandbox.Timedout"
    assert json.loads(complete["ErrorDetails"]) == {
        "errorType": "Sandbox.Timedout",
        "errorMessage": f"RequestId: {request_id} Error: Task timed out after 2.00 seconds",
    }
    # The environment is gone; the next one works.
    assert stream(name, {"pieces": ["again"]})[1:] == ([b"again"], {})


def test_failures_in_the_middle(streaming, stream):
    name = streaming()
    _, chunks, complete = stream(name, {"pieces": ["begin"], "then": "fail"})
    assert b"".join(chunks) == b"begin"
    assert complete == {"ErrorCode": "Runtime.Middle", "ErrorDetails": '{"errorMessage": "in the middle"}'}
    _, chunks, complete = stream(name, {"pieces": ["begin"], "then": "exit"})
    assert b"".join(chunks) == b"begin"
    assert complete["ErrorCode"] == "Runtime.ExitError"
    assert "exit status 7" in complete["ErrorDetails"]


def test_much_more_than_a_buffered_answer(streaming, stream):
    event = {"pieces": ["x" * MIB], "repeat": 40}
    _, chunks, complete = stream(streaming(), event)
    assert (sum(map(len, chunks)), complete) == (40 * MIB, {})
    assert max(map(len, chunks)) <= 256 * 1024


def test_a_caller_that_goes_away(streaming, stream, lambda_, eventually):
    """The function runs on to its end, and its environment serves the next one."""
    name = streaming()
    event = json.dumps({"pieces": ["x" * MIB], "repeat": 40}).encode()
    answer = lambda_.invoke_with_response_stream(FunctionName=name, Payload=event)
    next(iter(answer["EventStream"]))
    answer["EventStream"].close()
    lambda_.put_function_concurrency(FunctionName=name, ReservedConcurrentExecutions=1)

    def tail():
        try:
            _, _, complete = stream(name, {"pieces": ["on"]}, LogType="Tail")
        except lambda_.exceptions.TooManyRequestsException:
            return None
        return base64.b64decode(complete["LogResult"]).decode()

    assert "Init Duration" not in eventually(tail)


def test_functions_that_do_not_stream(create, stream):
    name = create()
    answer, chunks, complete = stream(name, {"a": [1, "é"]}, LogType="Tail")
    assert (answer["StatusCode"], json.loads(b"".join(chunks))) == (200, {"a": [1, "é"]})
    assert "ErrorCode" not in complete and "ErrorDetails" not in complete
    assert "REPORT RequestId: " in base64.b64decode(complete["LogResult"]).decode()
    large = "y" * (6 * MIB - 2)
    _, chunks, complete = stream(name, large)
    assert json.loads(b"".join(chunks)) == large
    assert len(chunks) == 24


def test_functions_that_fail(create, stream):
    name = create("def handler(event, context):\n    raise ValueError('no')\n")
    _, chunks, complete = stream(name)
    assert (chunks, complete["ErrorCode"]) == ([], "Unhandled")
    details = json.loads(complete["ErrorDetails"])
    assert (details["errorType"], details["errorMessage"]) == ("ValueError", "no")
    _, chunks, complete = stream(create("import nothing_of_this_name\n"))
    assert (chunks, complete["ErrorCode"]) == ([], "Unhandled")
    assert "Runtime.ImportModuleError" in complete["ErrorDetails"]


def test_plain_invoke_collects_what_is_streamed(streaming, lambda_):
    name = streaming()

    def invoke(event):
        answer = lambda_.invoke(FunctionName=name, Payload=json.dumps(event).encode())
        return answer.get("FunctionError"), answer["Payload"].read()

    assert invoke({"pieces": ["one ", "two"]}) == (None, b"one two")
    assert invoke({"pieces": ["one"], "then": "fail"}) == ("Unhandled", b'{"errorMessage": "in the middle"}')
    error, document = invoke({"pieces": ["x" * MIB], "repeat": 7})
    assert (error, json.loads(document)["errorType"]) == ("Unhandled", "Function.ResponseSizeTooLarge")


def test_dry_run(lambda_, create, fails):
    answer = lambda_.invoke_with_response_stream(FunctionName=create(), InvocationType="DryRun")
    assert (answer["StatusCode"], list(answer["EventStream"])) == (204, [])
    fails(
        "ResourceNotFoundException", lambda_.invoke_with_response_stream,
        FunctionName="missing", InvocationType="DryRun",
    )


def test_versions_and_aliases(lambda_, versions, stream):
    lambda_.create_alias(FunctionName=versions, Name="live", FunctionVersion="1")
    assert stream(versions, 1, Qualifier="live")[0]["ExecutedVersion"] == "1"
    assert stream(f"{versions}:2", 1)[0]["ExecutedVersion"] == "2"


def test_bad_input(lambda_, create, account, fails):
    invoke = lambda_.invoke_with_response_stream
    name = create()
    message = fails("ValidationException", invoke, FunctionName=name, InvocationType="Event")
    assert "Value 'Event' at 'invocationType' failed to satisfy constraint" in message
    message = fails("InvalidRequestContentException", invoke, FunctionName=name, Payload=b"nonsense")
    assert message.startswith("Could not parse request body into json")
    large = b'"' + b"x" * 6 * MIB + b'"'
    fails("RequestTooLargeException", invoke, FunctionName=name, Payload=large)
    message = fails("ResourceNotFoundException", invoke, FunctionName="missing")
    assert message == f"Function not found: arn:aws:lambda:us-east-1:{account.id}:function:missing:$LATEST"
    lambda_.put_function_concurrency(FunctionName=name, ReservedConcurrentExecutions=0)
    fails("TooManyRequestsException", invoke, FunctionName=name)


def test_denied(nobody, create, denied):
    denied("lambda:InvokeFunction", nobody.invoke_with_response_stream, FunctionName=create())


NODE = """
const { Readable } = require('stream');
const { pipeline } = require('stream/promises');
const kinds = {
  async pieces(stream) { stream.write('one '); stream.write({ two: 2 }); stream.end(Buffer.from(' three')); },
  async pipeline(stream) { await pipeline(Readable.from(['a', 'b', 'c']), stream); },
  async pipe(stream) { Readable.from(['a', 'b']).pipe(stream); },
  async hang(stream) { stream.write('early'); await new Promise(() => {}); },
  async http(stream) {
    stream = awslambda.HttpResponseStream.from(stream, { statusCode: 201, headers: { 'x-a': 'b' } });
    stream.write('body'); stream.end();
  },
  async before() { throw new TypeError('too early'); },
  async after(stream) { stream.write('begin'); throw new TypeError('too l\u00e4te'); },
  async uncaught(stream) { stream.write('begin'); setTimeout(() => { throw new Error('nobody'); }, 1); await new Promise(() => {}); },
  async late(stream) { stream.write('begin'); stream.setContentType('text/html'); },
  async mark(stream) { stream.end(String(stream.writableHighWaterMark)); },
  async nothing(stream) { stream.end(); },
  async large(stream) {
    const piece = Buffer.alloc(1 << 20, 'x');
    for (let i = 0; i < 40; i++) {
      if (!stream.write(piece)) await new Promise((resolve) => stream.once('drain', resolve));
    }
    stream.end();
  },
  async writesOn(stream) { stream.write('a'); stream.end(); stream.write('b'); },
  async destroys(stream) { stream.write('a'); stream.destroy(new RangeError('given up')); },
  async destroysSilently(stream) { stream.write('a'); stream.destroy(); },
  async destroysAtOnce(stream) { stream.destroy(new RangeError('given up')); },
  async destroysHeld(stream) { stream.cork(); stream.write('a'); stream.destroy(new RangeError('given up')); },
  async source(stream) {
    await pipeline(Readable.from((async function* () { yield 'a'; throw new RangeError('dry'); })()), stream);
  },
};
let runs = 0;
exports.runs = (event, stream) => { console.log(`run ${++runs}`); return kinds[event](stream); };
exports.counted = awslambda.streamifyResponse(exports.runs);
exports.handler = awslambda.streamifyResponse((event, stream) => kinds[event](stream), { highWaterMark: 1000 });
exports.plain = awslambda.streamifyResponse(async (event, stream) => { stream.end(JSON.stringify(event)); });
"""


@pytest.fixture
def node(create, node_runtime):
    """A streaming function in JavaScript: its event names what it does."""
    return create({"index.js": NODE}, Runtime=node_runtime, Timeout=20)


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("pieces", b'one {"two":2} three'),
        ("pipeline", b"abc"),
        ("pipe", b"ab"),
        ("http", b'{"statusCode":201,"headers":{"x-a":"b"}}' + bytes(8) + b"body"),
        ("mark", b"1000"),
        ("nothing", b""),
    ],
)
def test_streaming_handlers(node, stream, lambda_, kind, expected):
    for _ in range(2):
        _, chunks, complete = stream(node, kind)
        assert (b"".join(chunks), complete) == (expected, {})
    answer = lambda_.invoke(FunctionName=node, Payload=json.dumps(kind).encode())
    assert (answer.get("FunctionError"), answer["Payload"].read()) == (None, expected)


def test_streaming_handlers_write_before_they_end(lambda_, node, updated, stream):
    lambda_.update_function_configuration(FunctionName=node, Timeout=2)
    updated(node)
    _, chunks, complete = stream(node, "hang")
    assert (b"".join(chunks), complete["ErrorCode"]) == (b"early", "Sandbox.Timedout")


def test_streaming_handlers_that_fail(node, stream, lambda_):
    _, chunks, complete = stream(node, "before")
    details = json.loads(complete["ErrorDetails"])
    assert (chunks, complete["ErrorCode"]) == ([], "Unhandled")
    assert (details["errorType"], details["errorMessage"]) == ("TypeError", "too early")
    _, chunks, complete = stream(node, "after")
    details = json.loads(complete["ErrorDetails"])
    assert (b"".join(chunks), complete["ErrorCode"]) == (b"begin", "TypeError")
    assert (details["errorMessage"], details["trace"][0]) == ("too läte", "TypeError: too läte")
    _, chunks, complete = stream(node, "late")
    assert (b"".join(chunks), complete["ErrorCode"]) == (b"begin", "Runtime.InvalidStreamingOperation")
    answer = lambda_.invoke(FunctionName=node, Payload=b'"after"')
    assert answer["FunctionError"] == "Unhandled"
    assert json.loads(answer["Payload"].read())["errorMessage"] == "too läte"
    _, chunks, complete = stream(node, "uncaught")
    assert (b"".join(chunks), complete["ErrorCode"]) == (b"begin", "Error")
    assert json.loads(complete["ErrorDetails"])["errorMessage"] == "nobody"


@pytest.mark.parametrize(
    ("kind", "written", "error_type", "message"),
    [
        ("writesOn", b"a", "Error", "write after end"),
        ("destroys", b"a", "RangeError", "given up"),
        ("destroysSilently", b"a", "Error", "socket hang up"),
        ("destroysAtOnce", b"", "RangeError", "given up"),
        ("destroysHeld", b"", "RangeError", "given up"),
        ("source", b"a", "RangeError", "dry"),
    ],
)
def test_streams_that_break_end_their_invocation(create, node_runtime, stream, kind, written, error_type, message):
    name = create({"index.js": NODE}, Runtime=node_runtime, Handler="index.counted", Timeout=5)
    for run in (1, 2):
        _, chunks, complete = stream(name, kind, LogType="Tail")
        details = json.loads(complete["ErrorDetails"])
        assert (b"".join(chunks), details["errorType"]) == (written, error_type)
        assert message in details["errorMessage"]
        log = base64.b64decode(complete["LogResult"]).decode()
        assert (log.count("\trun "), log.count(f"\trun {run}\n"), log.count("Invoke Error")) == (1, 1, 1)


def test_streaming_handlers_without_a_limit_of_their_own(node, stream):
    _, chunks, complete = stream(node, "large")
    assert (sum(map(len, chunks)), complete) == (40 * MIB, {})
