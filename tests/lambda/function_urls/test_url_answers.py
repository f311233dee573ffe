"""What becomes of the answers of functions behind URLs."""

import base64
import json
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))
from asking import ask, tell  # noqa: E402


@pytest.mark.parametrize(
    ("answer", "body"),
    [
        (True, b"true"),
        ({"hello": "world"}, b'{"hello":"world"}'),
        (3.1, b"3.1"),
        (3, b"3"),
        (["hello", 3, True], b'["hello",3,true]'),
        ("hi!", b"hi!"),
        (None, b"null"),
    ],
)
def test_values_are_bodies(public, answer, body):
    got = tell(public()[0], answer)
    assert (got.status, got.headers["Content-Type"], got.body) == (200, "application/json", body)
    assert got.headers["Content-Length"] == str(len(body))


def test_whole_answers(public):
    url, _ = public()
    got = tell(url, {
        "statusCode": 201, "headers": {"Content-Type": "text/plain", "X-Number": 5, "Date": "never"},
        "cookies": ["a=1; Secure", "b=2"], "body": "text",
    })
    assert (got.status, got.body, got.headers["content-type"]) == (201, b"text", "text/plain")
    assert (got.headers["x-number"], got.headers["x-amzn-remapped-date"]) == ("5", "never")
    assert got.headers.get_all("set-cookie") == ["a=1; Secure", "b=2"]
    got = tell(url, {"statusCode": 200, "body": '{"hello": "world"}'})
    assert (got.headers["content-type"], got.body) == ("application/json", b'{"hello": "world"}')
    binary = {"statusCode": 200, "isBase64Encoded": True, "body": base64.b64encode(b"\x00\xff").decode()}
    assert tell(url, binary).body == b"\x00\xff"
    got = tell(url, {"statusCode": 204})
    assert (got.status, got.body) == (204, b"")


def test_head(public):
    answer = ask(public()[0], "HEAD", "/path")
    assert (answer.status, answer.body) == (200, b"")
    assert int(answer.headers["content-length"]) > 100


@pytest.mark.parametrize(
    "answer",
    [
        {"statusCode": "abc"},
        {"statusCode": 1000},
        {"statusCode": 200, "headers": {"bad name": "x"}},
        {"statusCode": 200, "isBase64Encoded": True, "body": "?"},
    ],
)
def test_answers_that_make_no_sense(public, answer):
    got = tell(public()[0], answer)
    assert (got.status, got.body) == (502, b"Internal Server Error")


def test_functions_that_fail(public):
    url, _ = public()
    body, headers = json.dumps({"raise": "no"}), [("Content-Type", "application/json")]
    got = ask(url, "POST", body=body, headers=headers)
    assert (got.status, got.body, got.headers["content-type"]) == (502, b"Internal Server Error", "application/json")
    url, _ = public("def handler(event, context):\n    while True: pass\n", Timeout=1)
    assert ask(url).status == 502


def test_throttled(lambda_, public):
    url, name = public()
    lambda_.put_function_concurrency(FunctionName=name, ReservedConcurrentExecutions=0)
    answer = ask(url)
    assert (answer.status, answer.headers["x-amzn-ErrorType"]) == (429, "TooManyRequestsException")
    assert answer.json["Reason"] == "ReservedFunctionConcurrentInvocationLimitExceeded"
    lambda_.delete_function_concurrency(FunctionName=name)
    assert ask(url).status == 200
