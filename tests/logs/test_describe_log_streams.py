import pytest


@pytest.fixture
def streams(logs, group, put):
    for name in ["a", "b/1", "b/2", "c"]:
        logs.create_log_stream(logGroupName=group, logStreamName=name)
    for offset_ms, name in enumerate(["c", "a", "b/2"]):
        put(name, "x", offset_ms=offset_ms)


def names(answer):
    return [stream["logStreamName"] for stream in answer["logStreams"]]


def test_by_name(logs, group, streams):
    assert names(logs.describe_log_streams(logGroupName=group)) == ["a", "b/1", "b/2", "c"]
    answer = logs.describe_log_streams(logGroupName=group, logStreamNamePrefix="b/", descending=True)
    assert names(answer) == ["b/2", "b/1"]


def test_by_last_event_in_pages(logs, group, streams):
    pages = logs.get_paginator("describe_log_streams").paginate(
        logGroupName=group, orderBy="LastEventTime", descending=True, PaginationConfig={"PageSize": 2}
    )
    assert [names(page) for page in pages] == [["b/2", "a"], ["c", "b/1"]]


def test_times(logs, group, streams, now_ms):
    stream = logs.describe_log_streams(logGroupName=group, logStreamNamePrefix="c")["logStreams"][0]
    assert stream["firstEventTimestamp"] == stream["lastEventTimestamp"] == now_ms
    assert abs(stream["lastIngestionTime"] - now_ms) < 60_000
    assert len(stream["uploadSequenceToken"]) == 56


def test_by_arn(logs, group, streams, arn):
    assert len(names(logs.describe_log_streams(logGroupIdentifier=arn(group)))) == 4


def test_prefix_by_last_event(logs, group, refused):
    refused(
        lambda: logs.describe_log_streams(
            logGroupName=group, logStreamNamePrefix="b", orderBy="LastEventTime"
        ),
        "InvalidParameterException",
        "^Cannot order by LastEventTime with a logStreamNamePrefix.$",
    )


def test_missing(logs, refused):
    refused(
        lambda: logs.describe_log_streams(logGroupName="missing"),
        "ResourceNotFoundException",
        "^The specified log group does not exist.$",
    )


def test_denied(denied, group):
    denied("describe_log_streams", "group:log-stream:", logGroupName=group)
