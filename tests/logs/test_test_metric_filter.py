import pytest

APACHE = [
    '127.0.0.1 - frank [10/Oct/2000:13:25:15 -0700] "GET /apache_pb.gif HTTP/1.0" 200 1534',
    '127.0.0.1 - frank [10/Oct/2000:13:35:22 -0700] "GET /apache_pb.gif HTTP/1.0" 500 5324',
]
TRAIL = '{"eventType": "UpdateTrail", "latency": 50, "users": [{"id": 1}, {"id": 2}], "none": null}'


def numbers(logs, pattern, messages):
    answer = logs.test_metric_filter(filterPattern=pattern, logEventMessages=messages)
    return [match["eventNumber"] for match in answer["matches"]]


def test_extracted(logs):
    """The documentation's example."""
    answer = logs.test_metric_filter(
        filterPattern="[ip, identity, user_id, timestamp, request, status_code = 5*, size]",
        logEventMessages=APACHE,
    )
    assert answer["matches"] == [
        {
            "eventNumber": 1,
            "eventMessage": APACHE[1],
            "extractedValues": {
                "$ip": "127.0.0.1",
                "$identity": "-",
                "$user_id": "frank",
                "$timestamp": "10/Oct/2000:13:35:22 -0700",
                "$request": "GET /apache_pb.gif HTTP/1.0",
                "$status_code": "500",
                "$size": "5324",
            },
        }
    ]


@pytest.mark.parametrize(
    "pattern",
    [
        '{ $.eventType = "UpdateTrail" }',
        "{ $.latency >= 50 && $.users[1].id = 2 }",
        "{ $.users[*].id = 2 }",
        "{ $.none IS NULL && $.missing NOT EXISTS }",
        '"UpdateTrail" -DeleteTrail',
        "?Delete ?Update",
        "%UpdateT[r]ail%",
    ],
)
def test_matching(logs, pattern):
    assert numbers(logs, pattern, ["something else", TRAIL]) == [1]


@pytest.mark.parametrize("pattern", ["{ $.eventType != UpdateTrail }", "{ $.latency > 50 }", "-UpdateTrail"])
def test_not_matching(logs, pattern):
    assert numbers(logs, pattern, [TRAIL]) == []


@pytest.mark.parametrize(
    "pattern, text",
    [
        ("a.b", "^Invalid filter pattern$"),
        ("%(a)%", "^Invalid filter pattern$"),
        ("{ $.a == 1 }", "^Invalid filter pattern$"),
        ("{ $.a = 1", r"^If a filter pattern starts with '\{' it must end with '\}'$"),
        ("[a, b", r"^If a filter pattern starts with '\[' it must end with '\]'$"),
        ("x" * 1025, "at 'filterPattern' failed to satisfy constraint"),
    ],
)
def test_bad_patterns(logs, refused, pattern, text):
    refused(lambda: numbers(logs, pattern, ["x"]), "InvalidParameterException", text)


def test_denied(denied):
    denied("test_metric_filter", "*", filterPattern="", logEventMessages=["x"])
