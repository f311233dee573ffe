import pytest


@pytest.fixture
def get(logs, group, stream):
    def get(**parameters):
        return logs.get_log_events(logGroupName=group, logStreamName=stream, **parameters)

    return get


def messages(answer):
    return [event["message"] for event in answer["events"]]


def test_forward_until_the_token_stays(get, put, stream):
    put(stream, "a", "b", "c")
    page = get(startFromHead=True, limit=2)
    assert messages(page) == ["a", "b"]
    page = get(nextToken=page["nextForwardToken"], startFromHead=True)
    assert messages(page) == ["c"]
    token = page["nextForwardToken"]
    assert token.startswith("f/")
    page = get(nextToken=token, startFromHead=True)
    assert (messages(page), page["nextForwardToken"]) == ([], token)
    put(stream, "d", offset_ms=10)
    assert messages(get(nextToken=token, startFromHead=True)) == ["d"]


def test_backward_from_the_latest(get, put, stream):
    put(stream, "a", "b", "c")
    page = get(limit=2)
    assert messages(page) == ["b", "c"]
    page = get(nextToken=page["nextBackwardToken"])
    assert messages(page) == ["a"]
    token = page["nextBackwardToken"]
    assert token.startswith("b/")
    page = get(nextToken=token)
    assert (messages(page), page["nextBackwardToken"]) == ([], token)


def test_between_times(get, put, stream, now_ms):
    put(stream, "a", "b", "c")
    assert messages(get(startTime=now_ms + 1, endTime=now_ms + 2)) == ["b"]


def test_by_arn(logs, group, stream, put, arn):
    put(stream, "a")
    answer = logs.get_log_events(logGroupIdentifier=arn(group), logStreamName=stream)
    assert messages(answer) == ["a"]


def test_with_the_cli(account, group, stream, put):
    put(stream, "a", "b")
    answer = account.aws(
        "logs", "get-log-events", "--log-group-name", group, "--log-stream-name", stream, "--limit", 1
    )
    assert messages(answer) == ["b"]


def test_limit(get, refused):
    refused(
        lambda: get(limit=10_001),
        "InvalidParameterException",
        "^1 validation error detected: Value '10001' at 'limit' failed to satisfy constraint: "
        "Member must have value less than or equal to 10000$",
    )


def test_bad_token(get, refused):
    refused(lambda: get(nextToken="x"), "InvalidParameterException", "^The specified nextToken is invalid.$")


def test_missing(logs, group, refused):
    for name, text in [(group, "log stream"), ("missing", "log group")]:
        refused(
            lambda: logs.get_log_events(logGroupName=name, logStreamName="missing"),
            "ResourceNotFoundException",
            f"^The specified {text} does not exist.$",
        )


def test_denied(denied, group, stream):
    denied("get_log_events", "group:log-stream:stream", logGroupName=group, logStreamName=stream)
