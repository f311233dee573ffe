DAY_MS = 24 * 3_600_000


def test_kept_in_order(logs, group, stream, put, now_ms):
    token = put(stream, "a", "b")["nextSequenceToken"]
    assert len(token) == 56
    put(stream, "late", offset_ms=-1000)
    events = logs.get_log_events(logGroupName=group, logStreamName=stream)["events"]
    assert [event["message"] for event in events] == ["late", "a", "b"]
    assert [event["timestamp"] for event in events] == [now_ms - 1000, now_ms, now_ms + 1]
    assert all(abs(event["ingestionTime"] - now_ms) < 60_000 for event in events)


def test_any_sequence_token(logs, group, stream, now_ms):
    for token in ["1", "2"]:
        logs.put_log_events(
            logGroupName=group,
            logStreamName=stream,
            logEvents=[{"timestamp": now_ms, "message": "x"}],
            sequenceToken=token,
        )


def test_largest_batches(logs, group, stream, put, refused):
    put(stream, "\x01" * 1_048_550)
    put(stream, *["x" * 78] * 10_000)
    refused(
        lambda: put(stream, "x" * 1_048_551),
        "InvalidParameterException",
        "^Upload too large: 1048577 bytes exceeds limit of 1048576$",
    )
    refused(lambda: put(stream, *["x"] * 10_001), "InvalidParameterException", "at 'logEvents' failed to satisfy")
    events = logs.get_log_events(logGroupName=group, logStreamName=stream, startFromHead=True)["events"]
    assert events[0]["message"] == "\x01" * 1_048_550


def test_any_text(logs, group, stream, put):
    text = "äöü 漢字 🦀 \u0000 \x7f \" \\ \n\t\r {}"
    put(stream, text)
    events = logs.get_log_events(logGroupName=group, logStreamName=stream)["events"]
    assert events[0]["message"] == text


def test_too_old_and_too_new(put, stream):
    rejected = put(stream, "old", offset_ms=-15 * DAY_MS)["rejectedLogEventsInfo"]
    assert rejected == {"tooOldLogEventEndIndex": 1}
    rejected = put(stream, "new", offset_ms=3 * 3_600_000)["rejectedLogEventsInfo"]
    assert rejected == {"tooNewLogEventStartIndex": 0}


def test_wrong_order(logs, group, stream, now_ms, refused):
    events = [{"timestamp": now_ms + offset, "message": "x"} for offset in [1, 0]]
    refused(
        lambda: logs.put_log_events(logGroupName=group, logStreamName=stream, logEvents=events),
        "InvalidParameterException",
        "^Log events in a single PutLogEvents request must be in chronological order.$",
    )


def test_more_than_a_day(logs, group, stream, now_ms, refused):
    events = [{"timestamp": now_ms + offset, "message": "x"} for offset in [-DAY_MS - 1, 0]]
    refused(
        lambda: logs.put_log_events(logGroupName=group, logStreamName=stream, logEvents=events),
        "InvalidParameterException",
        "cannot span more than 24 hours.$",
    )


def test_missing(logs, group, now_ms, refused):
    for name, text in [(group, "log stream"), ("missing", "log group")]:
        refused(
            lambda: logs.put_log_events(
                logGroupName=name, logStreamName="s", logEvents=[{"timestamp": now_ms, "message": "x"}]
            ),
            "ResourceNotFoundException",
            f"^The specified {text} does not exist.$",
        )


def test_denied(denied, group, stream, now_ms):
    denied(
        "put_log_events",
        "group:log-stream:stream",
        logGroupName=group,
        logStreamName=stream,
        logEvents=[{"timestamp": now_ms, "message": "x"}],
    )


def test_permitted_for_some_streams(permitted, arn, logs, group, stream, now_ms, refused):
    client = permitted(Action="logs:PutLogEvents", Resource=arn(group) + ":log-stream:str*")
    events = [{"timestamp": now_ms, "message": "x"}]
    client.put_log_events(logGroupName=group, logStreamName=stream, logEvents=events)
    logs.create_log_stream(logGroupName=group, logStreamName="other")
    refused(
        lambda: client.put_log_events(logGroupName=group, logStreamName="other", logEvents=events),
        "AccessDeniedException",
        "is not authorized to perform: logs:PutLogEvents",
    )
