"""Streamed answers through URLs of functions."""

import base64
import json
import socket
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit

import pytest

sys.path.insert(0, str(Path(__file__).parent))
from asking import ask, tell  # noqa: E402

MIB = 1024 * 1024

NODE = """
const kinds = {
  '/plain'(stream) { stream.setContentType('text/csv'); stream.write('a,'); stream.end('b'); },
  '/http'(stream) {
    const head = { statusCode: 201, headers: { 'Content-Type': 'text/plain', 'x-a': 'b' }, cookies: ['c=1', 'd=2'] };
    stream = awslambda.HttpResponseStream.from(stream, head);
    stream.write('one '); stream.end('two');
  },
  '/bad'(stream) { stream = awslambda.HttpResponseStream.from(stream, { statusCode: 'x' }); stream.end('one'); },
  async '/hang'(stream) { stream.write('early'); await new Promise(() => {}); },
  async '/before'() { throw new Error('before'); },
  async '/after'(stream) { stream.write('begin'); throw new Error('after'); },
  '/large'(stream) { stream.end(Buffer.alloc(20 << 20, 'x')); },
};
exports.handler = awslambda.streamifyResponse(async (event, stream) => kinds[event.rawPath](stream));
"""


@pytest.fixture
def streaming(public, node_runtime):
    return lambda **options: public({"index.js": NODE}, Runtime=node_runtime, **options)


def test_streamed_answers(streaming):
    url, _ = streaming(mode="RESPONSE_STREAM")
    answer = ask(url, path="/plain")
    assert (answer.status, answer.headers["content-type"], answer.body) == (200, "text/csv", b"a,b")
    assert answer.headers["transfer-encoding"] == "chunked"
    answer = ask(url, path="/http")
    assert (answer.status, answer.headers["content-type"], answer.body) == (201, "text/plain", b"one two")
    assert (answer.headers["x-a"], answer.headers.get_all("set-cookie")) == ("b", ["c=1", "d=2"])
    assert len(ask(url, path="/large").body) == 20 * MIB
    for path in ("/bad", "/before"):
        answer = ask(url, path=path)
        assert (answer.status, answer.body) == (502, b"Internal Server Error"), path
    # A failure that the runtime tells of ends the answer like a success.
    assert ask(url, path="/after").body == b"begin"


def test_a_stream_begins_before_it_ends(streaming):
    """The function never ends this answer; what it wrote before its time was over has arrived, and the end has not."""
    url, _ = streaming(mode="RESPONSE_STREAM", Timeout=2)
    parts = urlsplit(url)
    with socket.create_connection(("127.0.0.1", parts.port), timeout=30) as connection:
        connection.sendall(f"GET /hang HTTP/1.1\r\nHost: {parts.netloc}\r\n\r\n".encode())
        received = b""
        while piece := connection.recv(65536):
            received += piece
    head, body = received.split(b"\r\n\r\n", 1)
    assert head.startswith(b"HTTP/1.1 200 OK")
    assert body == b"5\r\nearly\r\n"


def test_streams_through_a_buffered_url(streaming):
    url, _ = streaming()
    answer = ask(url, path="/plain")
    assert (answer.status, answer.headers["content-type"], answer.body) == (200, "text/csv", b"a,b")
    assert answer.headers["content-length"] == "3"
    assert ask(url, path="/large").status == 502
    assert ask(url, path="/after").status == 502


def test_functions_that_do_not_stream_behind_a_streaming_url(public):
    url, _ = public(mode="RESPONSE_STREAM")
    answer = tell(url, {"statusCode": 201, "body": "x"})
    assert (answer.status, answer.json) == (200, {"statusCode": 201, "body": "x"})


def test_a_client_that_does_not_read_holds_the_function_back(streaming, client, eventually):
    """What the function writes is not kept: it waits for its reader until its time is over."""
    url, name = streaming(mode="RESPONSE_STREAM", Timeout=2)
    parts = urlsplit(url)
    logs = client("logs")

    def timed_out():
        group = f"/aws/lambda/{name}"
        try:
            events = logs.filter_log_events(logGroupName=group, filterPattern='"timed out"')["events"]
        except logs.exceptions.ResourceNotFoundException:
            return False
        return any("Task timed out after 2.00 seconds" in event["message"] for event in events)

    with socket.create_connection(("127.0.0.1", parts.port), timeout=30) as connection:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65536)
        connection.sendall(f"GET /large HTTP/1.1\r\nHost: {parts.netloc}\r\n\r\n".encode())
        assert connection.recv(12) == b"HTTP/1.1 200"
        eventually(timed_out)


def test_http_2(public):
    url, _ = public()
    ended = subprocess.run(
        ["curl", "-sS", "--fail", "--max-time", "30", "--http2-prior-knowledge", "-d", "a=1", url + "path"],
        capture_output=True, text=True, check=False,
    )
    assert ended.returncode == 0, ended.stderr
    event = json.loads(ended.stdout)
    assert event["requestContext"]["http"]["protocol"] == "HTTP/2.0"
    assert event["headers"]["host"] == urlsplit(url).netloc
    assert (event["body"], event["isBase64Encoded"]) == (base64.b64encode(b"a=1").decode(), True)
