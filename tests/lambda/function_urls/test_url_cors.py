"""Pages of other origins and URLs of functions."""

import json
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from asking import ask  # noqa: E402

CORS = {
    "AllowCredentials": True,
    "AllowHeaders": ["X-Custom", "Content-Type"],
    "AllowMethods": ["GET", "POST"],
    "AllowOrigins": ["https://a.example", "http://b.example:8080"],
    "ExposeHeaders": ["X-Shown"],
    "MaxAge": 300,
}


def preflight(url, origin, method="POST", headers=None):
    asked = [("Origin", origin), ("Access-Control-Request-Method", method)]
    asked += [("Access-Control-Request-Headers", headers)] if headers else []
    return ask(url, "OPTIONS", headers=asked)


def allowed(answer):
    names = ("origin", "methods", "headers", "credentials")
    return {name: answer.headers[f"access-control-allow-{name}"] for name in names}


def test_preflight(public):
    url, _ = public("def handler(event, context):\n    raise ValueError('never called')\n", cors=CORS)
    answer = preflight(url, "http://b.example:8080", headers="x-custom, content-type")
    assert (answer.status, answer.body) == (200, b"")
    assert allowed(answer) == {
        "origin": "http://b.example:8080", "methods": "GET,POST", "headers": "X-Custom,Content-Type",
        "credentials": "true",
    }
    assert answer.headers["access-control-max-age"] == "300"
    assert "Origin" in answer.headers["vary"]
    for refused in [
        preflight(url, "https://c.example"),
        preflight(url, "https://a.example", method="DELETE"),
        preflight(url, "https://a.example", headers="x-other"),
    ]:
        assert set(allowed(refused).values()) == {None}


def test_answers_to_pages(public):
    url, _ = public(cors=CORS)
    answer = ask(url, headers=[("Origin", "https://a.example")])
    assert answer.status == 200
    assert answer.headers["access-control-allow-origin"] == "https://a.example"
    assert answer.headers["access-control-allow-credentials"] == "true"
    assert answer.headers["access-control-expose-headers"] == "X-Shown"
    assert answer.headers["vary"] == "Origin"
    for headers in ([], [("Origin", "https://c.example")]):
        answer = ask(url, headers=headers)
        assert (answer.status, answer.headers["access-control-allow-origin"]) == (200, None)
    # What the function says of it itself stays beside.
    body = json.dumps({"answer": {"statusCode": 200, "headers": {"Access-Control-Allow-Origin": "*"}}})
    headers = [("Origin", "https://a.example"), ("Content-Type", "application/json")]
    answer = ask(url, "POST", body=body, headers=headers)
    assert answer.headers.get_all("access-control-allow-origin") == ["*", "https://a.example"]


def test_all_origins(public):
    url, _ = public(cors={"AllowOrigins": ["*"], "AllowMethods": ["*"], "AllowHeaders": ["*"]})
    answer = preflight(url, "https://any.example", method="PATCH", headers="x-any")
    assert allowed(answer) == {
        "origin": "https://any.example", "methods": "*", "headers": "*", "credentials": None,
    }


def test_without_cors_the_function_answers_options(public):
    url, _ = public()
    assert preflight(url, "https://a.example").json["requestContext"]["http"]["method"] == "OPTIONS"
