"""What no client should send: a clear answer, and the cloud goes on."""

import errno
import socket
import urllib.error
import urllib.request

import pytest
from botocore.exceptions import ClientError


@pytest.fixture(autouse=True)
def still_serving(client):
    yield
    assert client("sts").get_caller_identity()


def exchange(cloud, data, half_close=True):
    """Sends bytes; answers with the status line's code and with the whole answer."""
    with socket.create_connection(("127.0.0.1", cloud.port), timeout=30) as connection:
        answer = b""
        try:
            connection.sendall(data)
            if half_close:
                connection.shutdown(socket.SHUT_WR)
            while piece := connection.recv(65536):
                answer += piece
        except ConnectionError:
            pass  # Closed before all was sent: what came until then counts.
        except OSError as error:
            assert error.errno == errno.ENOTCONN
    return int(answer.split(b" ")[1]) if answer else None, answer


HEAD = b"POST / HTTP/1.1\r\nhost: sts.localhost\r\nconnection: close\r\n"


def test_truncated_body(cloud):
    status, answer = exchange(cloud, HEAD + b"content-length: 1000\r\n\r\nAction=GetCaller")
    assert status == 400
    assert b"<Code>IncompleteBody</Code>" in answer
    assert b"Content-Length" in answer


def test_truncated_chunked_body(cloud):
    status, answer = exchange(cloud, HEAD + b"transfer-encoding: chunked\r\n\r\n5\r\nActi")
    assert status == 400
    assert b"<Code>IncompleteBody</Code>" in answer


def test_truncated_head(cloud):
    status, _ = exchange(cloud, b"POST / HTTP/1.1\r\nhost: x")
    assert status in (None, 400)


@pytest.mark.parametrize(
    "head",
    [
        b"content-length: 5\r\ncontent-length: 6\r\n",
        b"content-length: -1\r\n",
        b"content-length: 99999999999999999999999\r\n",
        b"bad header\r\n",
        b"x: a\x00b\r\n",
    ],
)
def test_malformed_heads(cloud, head):
    status, _ = exchange(cloud, HEAD + head + b"\r\nabcde")
    assert status == 400


def test_not_http(cloud):
    for data in [b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"x" * 200, b"\x00" * 100, b"GET\r\n\r\n"]:
        status, _ = exchange(cloud, data)
        assert status in (None, 400)


def test_oversized(cloud):
    status, answer = exchange(cloud, HEAD + b"content-length: 17000000\r\n\r\n", half_close=False)
    assert status == 413
    assert b"<Code>RequestEntityTooLarge</Code>" in answer
    # Closed while the rest is still on its way, so that the answer may be lost to the client.
    status, _ = exchange(cloud, HEAD + b"x-large: " + b"x" * 70_000 + b"\r\n\r\n")
    assert status in (None, 431)
    status, _ = exchange(cloud, HEAD + b"".join(b"x-%d: 1\r\n" % n for n in range(200)) + b"\r\n")
    assert status == 431


def test_oversized_without_a_length(cloud):
    piece = b"100000\r\n" + b"x" * 0x100000 + b"\r\n"
    with socket.create_connection(("127.0.0.1", cloud.port), timeout=30) as connection:
        connection.sendall(HEAD + b"transfer-encoding: chunked\r\n\r\n")
        try:
            for _ in range(20):
                connection.sendall(piece)
            answer = connection.recv(65536)
        except ConnectionError:
            return
    assert answer.split(b" ")[1] == b"413"


def raw_call(client, operation, body, **headers):
    """Calls `operation` with a body of our own, signed."""

    def replace(request, **_):
        request.data = body
        for name, value in headers.items():
            name = name.replace("_", "-")
            del request.headers[name]
            request.headers[name] = value

    client.meta.events.register("before-sign.*.*", replace)
    with pytest.raises(ClientError) as error:
        getattr(client, operation)()
    return error.value.response


def test_not_json(client):
    for body in [b"{", b"[]", b"nonsense", b'{"a": 1} x', b"\xff\xfe", b'{"limit": "x"}']:
        answer = raw_call(client("logs"), "describe_log_groups", body)
        assert answer["ResponseMetadata"]["HTTPStatusCode"] == 400, body
        assert answer["Error"]["Code"] == "SerializationException", body


def test_deep_nesting(client):
    for body in [b"[" * 100_000, b'{"a":' * 100_000]:
        answer = raw_call(client("logs"), "describe_log_groups", body)
        assert answer["ResponseMetadata"]["HTTPStatusCode"] == 400
        assert answer["Error"]["Code"] == "SerializationException"
    # Members that nobody knows are skipped, however deep: AWS accepts them too.
    logs = client("logs")
    body = b'{"unknown":' + b'{"a":' * 50_000 + b"1" + b"}" * 50_000 + b"}"
    logs.meta.events.register("before-sign.*.*", lambda request, **_: setattr(request, "data", body))
    assert logs.describe_log_groups()["logGroups"] == []


def test_deep_form(client):
    name = ".member.1" * 5_000
    body = b"Action=ListUsers&Version=2010-05-08&A" + name.encode() + b"=x"
    request = client("iam")
    request.meta.events.register("before-sign.*.*", lambda request, **_: setattr(request, "data", body))
    try:
        request.list_users()
    except ClientError as error:
        assert error.response["ResponseMetadata"]["HTTPStatusCode"] == 400


def test_wrong_content_types(client):
    answer = raw_call(client("logs"), "describe_log_groups", b"<a/>", Content_Type="application/xml")
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 400


def test_slow_head(own_cloud):
    """A client that drips its head keeps one connection, not the cloud; others are served meanwhile."""
    cloud = own_cloud("--ephemeral")
    slow = [socket.create_connection(("127.0.0.1", cloud.port), timeout=60) for _ in range(200)]
    for connection in slow:
        connection.sendall(b"POST / HTTP/1.1\r\nx: ")
    assert cloud.client("sts").get_caller_identity()
    # Closed by the server in the end, whatever was sent so far.
    slow[0].settimeout(60)
    assert slow[0].recv(1000) == b""
    for connection in slow:
        connection.close()
