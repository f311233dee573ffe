import subprocess
import sys
import threading
from pathlib import Path

import pytest


@pytest.fixture
def tail(logs, group, arn):
    """`tail(**parameters)`: the events of a live tail on the group."""
    streams = []

    def tail(**parameters):
        answer = logs.start_live_tail(logGroupIdentifiers=[arn(group)], **parameters)
        streams.append(answer["responseStream"])
        return iter(answer["responseStream"])

    yield tail
    for stream in streams:
        stream.close()


def results(events):
    """The events of the next update that has any."""
    for event in events:
        update = event["sessionUpdate"]
        assert update["sessionMetadata"] == {"sampled": False}
        if update["sessionResults"]:
            return update["sessionResults"]


def test_told_as_they_come_in(account, arn, group, stream, put, tail, now_ms):
    put(stream, "before")
    events = tail(logEventFilterPattern="line")
    start = next(events)["sessionStart"]
    assert start["logGroupIdentifiers"] == [arn(group)]
    assert (start["logEventFilterPattern"], start["logStreamNames"]) == ("line", [])
    assert start["sessionId"] and start["requestId"]
    put(stream, "line 1", "other", "line 2")
    first, second = results(events)
    assert abs(first.pop("ingestionTime") - now_ms) < 60_000
    assert first == {
        "logGroupIdentifier": f"{account.id}:{group}",
        "logStreamName": stream,
        "message": "line 1",
        "timestamp": now_ms,
    }
    assert second["message"] == "line 2"


def test_some_streams(logs, group, stream, put, tail):
    logs.create_log_stream(logGroupName=group, logStreamName="other")
    by_name, by_prefix = tail(logStreamNames=[stream]), tail(logStreamNamePrefixes=["oth"])
    next(by_name), next(by_prefix)
    put(stream, "a")
    put("other", "b")
    assert [event["message"] for event in results(by_name)] == ["a"]
    assert [event["message"] for event in results(by_prefix)] == ["b"]


def test_empty_updates_come_every_second(tail):
    events = tail()
    next(events)
    for _ in range(2):
        assert next(events)["sessionUpdate"]["sessionResults"] == []


def test_at_most_fifteen(tail, refused):
    for _ in range(15):
        tail()
    refused(tail, "LimitExceededException", "^Resource limit exceeded.$")


def test_bad_input(logs, group, arn, refused):
    for identifier in [group, arn(group) + ":*"]:
        refused(
            lambda: logs.start_live_tail(logGroupIdentifiers=[identifier]),
            "InvalidParameterException",
            "Invalid log group ARN|at 'logGroupIdentifiers' failed to satisfy constraint",
        )
    refused(
        lambda: logs.start_live_tail(logGroupIdentifiers=[arn("missing")]),
        "ResourceNotFoundException",
        "^The specified log group does not exist.$",
    )
    refused(
        lambda: logs.start_live_tail(logGroupIdentifiers=[arn(group)], logEventFilterPattern="a.b"),
        "InvalidParameterException",
        "^Invalid filter pattern$",
    )


def test_denied(denied, group, arn):
    denied("start_live_tail", "group:log-stream:", logGroupIdentifiers=[arn(group)])


def test_with_the_cli(cloud, account, arn, group, stream, put):
    program = Path(sys.executable).with_name("aws")
    command = [program if program.exists() else "aws", "logs", "start-live-tail", "--log-group-identifiers", arn(group)]
    environment = {
        **cloud.tool_environment(access_key_id=account.id),
        "AWS_DISABLE_HOST_PREFIX_INJECTION": "true",
    }
    stop = threading.Event()
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as tail:

        def write():
            # The session begins at some time after the program did.
            number = 0
            while not stop.wait(0.2):
                put(stream, f"line {number}", offset_ms=number)
                number += 1

        writer = threading.Thread(target=write)
        writer.start()
        try:
            assert tail.stdout.readline().startswith("line ")
        finally:
            stop.set()
            writer.join()
            tail.kill()
