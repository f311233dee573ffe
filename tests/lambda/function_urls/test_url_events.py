"""What functions see of requests to their URLs."""

import base64
import re
import sys
from pathlib import Path
from urllib.parse import urlsplit

import pytest

sys.path.insert(0, str(Path(__file__).parent))
from asking import ask  # noqa: E402

MIB = 1024 * 1024


def test_the_event(public):
    url, _ = public()
    path = "/pa2%25Fth/1%20b?q=query&multiQuery=foo&multiQuery=%2Fbar&empty=&flag&a+b=c+d"
    headers = [
        ("User-Agent", "test/echo"), ("ExTrA-HeadErs", "With WeiRd CapS"), ("X-Multi", "one"), ("X-Multi", "two"),
        ("Cookie", "a=1; b=2"), ("Content-Type", "application/json"), ("Connection", "keep-alive"),
    ]
    answer = ask(url, "POST", path, '{"foo": "b\u00e4r"}', headers)
    event = answer.json
    host = urlsplit(url).hostname
    label = host.split(".")[0]
    port = str(urlsplit(url).port)
    context = event.pop("requestContext")
    headers = event.pop("headers")
    trace = headers.pop("x-amzn-trace-id")
    assert re.match("Root=1-[0-9a-f]{8}-[0-9a-f]{24};Parent=[0-9a-f]{16};Sampled=0", trace)
    assert answer.headers["x-amzn-trace-id"] == trace
    assert event == {
        "version": "2.0",
        "routeKey": "$default",
        "rawPath": "/pa2%25Fth/1%20b",
        "rawQueryString": "q=query&multiQuery=foo&multiQuery=%2Fbar&empty=&flag&a+b=c+d",
        "cookies": ["a=1", "b=2"],
        "queryStringParameters": {
            "q": "query", "multiQuery": "foo,/bar", "empty": "", "flag": "", "a b": "c d",
        },
        "body": '{"foo": "b\u00e4r"}',
        "isBase64Encoded": False,
    }
    assert headers == {
        "host": f"{host}:{port}",
        "user-agent": "test/echo",
        "extra-headers": "With WeiRd CapS",
        "x-multi": "one,two",
        "content-type": "application/json",
        "content-length": "15",
        "x-forwarded-for": "127.0.0.1",
        "x-forwarded-port": port,
        "x-forwarded-proto": "http",
    }
    time_epoch, time = context.pop("timeEpoch"), context.pop("time")
    assert isinstance(time_epoch, int) and time_epoch > 1.7e12
    assert time.endswith(" +0000") and time[2] == time[6] == "/" and time[11] == ":"
    assert context == {
        "accountId": "anonymous",
        "apiId": label,
        "domainName": host,
        "domainPrefix": label,
        "http": {
            "method": "POST",
            "path": "/pa2%Fth/1 b",
            "protocol": "HTTP/1.1",
            "sourceIp": "127.0.0.1",
            "userAgent": "test/echo",
        },
        "requestId": answer.headers["x-amzn-requestid"],
        "routeKey": "$default",
        "stage": "$default",
    }


def test_an_event_without_much(public):
    event = ask(public()[0]).json
    for absent in ("body", "cookies", "queryStringParameters"):
        assert absent not in event
    assert (event["rawQueryString"], event["isBase64Encoded"]) == ("", False)


@pytest.mark.parametrize(
    ("content_type", "body", "encoded"),
    [
        ("text/plain", b"text", False),
        ("text/html; charset=utf-8", "\u00e4".encode(), False),
        ("application/xml", b"<a/>", False),
        ("application/javascript", b"1", False),
        ("application/x-www-form-urlencoded", b"a=1", True),
        ("application/octet-stream", b"\x00\xff", True),
        ("text/plain", b"\xff\xfe", True),
        (None, b"unknown", True),
    ],
)
def test_bodies(public, content_type, body, encoded):
    headers = [("Content-Type", content_type)] if content_type else []
    event = ask(public()[0], "PUT", body=body, headers=headers).json
    assert event["isBase64Encoded"] is encoded
    assert event["body"] == (base64.b64encode(body).decode() if encoded else body.decode())


def test_a_body_that_is_too_large(public):
    url, _ = public()
    for size in (6 * MIB + 1, 5 * MIB):
        # The second one is too large as Base64.
        answer = ask(url, "POST", body=b"\xff" * size)
        assert answer.status == 413, size
        assert answer.headers["x-amzn-ErrorType"] == "RequestEntityTooLargeException"
    assert ask(url, "POST", body=b"\xff" * (4 * MIB)).status == 200
