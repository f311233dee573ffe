import json
import subprocess
import sys
from pathlib import Path

import pytest


@pytest.fixture
def streams(logs, group, put):
    for name in ["web/1", "web/2", "db"]:
        logs.create_log_stream(logGroupName=group, logStreamName=name)
    put("web/1", "GET a", "x", "GET c")
    put("web/2", "GET b", offset_ms=1)
    put("db", '{"level": "ERROR", "latency": 75}', offset_ms=5)


def messages(answer):
    return [event["message"] for event in answer["events"]]


def test_merged(logs, group, streams, now_ms):
    answer = logs.filter_log_events(logGroupName=group, filterPattern="GET")
    assert messages(answer) == ["GET a", "GET b", "GET c"]
    assert answer["searchedLogStreams"] == []
    event = answer["events"][1]
    assert (event["logStreamName"], event["timestamp"]) == ("web/2", now_ms + 1)
    ids = [event["eventId"] for event in answer["events"]]
    assert ids == sorted(set(ids)) and {len(id) for id in ids} == {56}


def test_in_pages(logs, group, streams):
    pages = logs.get_paginator("filter_log_events").paginate(
        logGroupName=group, filterPattern="GET", PaginationConfig={"PageSize": 2}
    )
    assert [messages(page) for page in pages] == [["GET a", "GET b"], ["GET c"]]


def test_some_streams(logs, group, streams):
    answer = logs.filter_log_events(logGroupName=group, logStreamNamePrefix="web/", filterPattern="GET")
    assert messages(answer) == ["GET a", "GET b", "GET c"]
    answer = logs.filter_log_events(logGroupName=group, logStreamNames=["web/2", "db"])
    assert len(messages(answer)) == 2


def test_between_times(logs, group, streams, now_ms):
    answer = logs.filter_log_events(logGroupName=group, startTime=now_ms + 1, endTime=now_ms + 2)
    assert sorted(messages(answer)) == ["GET b", "GET c", "x"]


@pytest.mark.parametrize(
    "pattern",
    ['{ $.level = "ERROR" && $.latency > 70 }', "{ $.latency IS TRUE || $.level = ERR* }", "ERROR -WARN", "%E[R]{2}OR%"],
)
def test_patterns(logs, group, streams, pattern):
    answer = logs.filter_log_events(logGroupName=group, filterPattern=pattern)
    assert [json.loads(message)["latency"] for message in messages(answer)] == [75]


def test_bad_pattern(logs, group, refused):
    refused(
        lambda: logs.filter_log_events(logGroupName=group, filterPattern="a.b"),
        "InvalidParameterException",
        "^Invalid filter pattern$",
    )


def test_limit(logs, group, refused):
    refused(
        lambda: logs.filter_log_events(logGroupName=group, limit=10_001),
        "InvalidParameterException",
        "^1 validation error detected: Value '10001' at 'limit' failed to satisfy constraint: "
        "Member must have value less than or equal to 10000$",
    )


def test_missing(logs, group, refused):
    refused(
        lambda: logs.filter_log_events(logGroupName="missing"),
        "ResourceNotFoundException",
        "^The specified log group does not exist.$",
    )
    refused(
        lambda: logs.filter_log_events(logGroupName=group, logStreamNames=["missing"]),
        "ResourceNotFoundException",
        "^The specified log stream does not exist.$",
    )


def test_denied(denied, group):
    denied("filter_log_events", "group:log-stream:", logGroupName=group)


def test_with_the_cli(account, group, streams):
    answer = account.aws("logs", "filter-log-events", "--log-group-name", group, "--filter-pattern", "GET")
    assert messages(answer) == ["GET a", "GET b", "GET c"]


@pytest.fixture
def tail(account):
    """`aws logs tail` with these arguments, running."""
    beside = Path(sys.executable).with_name("aws")
    program = str(beside) if beside.exists() else "aws"
    version = subprocess.run([program, "--version"], capture_output=True, text=True, timeout=60, check=True).stdout
    if not version.startswith("aws-cli/2"):
        pytest.skip(f"only version 2 of the AWS CLI has `logs tail`; this is {version.split()[0]}")
    environment = account.cloud.tool_environment(access_key_id=account.id)
    running = []

    def tail(*arguments):
        command = [program, "logs", "tail", "--format", "short", *arguments]
        running.append(subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True))
        return running[-1].stdout

    yield tail
    for process in running:
        process.kill()
        process.wait()


def test_tail_with_the_cli(tail, group, streams):
    lines = tail(group, "--filter-pattern", "GET").read().splitlines()
    assert [line.split(" ", 1)[1] for line in lines] == ["GET a", "GET b", "GET c"]


def test_tail_that_follows_with_the_cli(tail, group, streams, put):
    """`aws logs tail --follow` prints what comes in after its first search."""
    lines = tail(group, "--follow")
    assert "GET a" in lines.readline()
    put("db", "and then", offset_ms=10)
    assert any("and then" in line for line in iter(lines.readline, ""))
