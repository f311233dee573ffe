def test_events_go_too(logs, group, stream, put):
    logs.create_log_stream(logGroupName=group, logStreamName="other")
    put(stream, "old")
    put("other", "kept")
    logs.delete_log_stream(logGroupName=group, logStreamName=stream)
    events = logs.filter_log_events(logGroupName=group)["events"]
    assert [event["message"] for event in events] == ["kept"]


def test_missing(logs, group, refused):
    refused(
        lambda: logs.delete_log_stream(logGroupName=group, logStreamName="missing"),
        "ResourceNotFoundException",
        "^The specified log stream does not exist.$",
    )


def test_denied(denied, group, stream):
    denied("delete_log_stream", "group:log-stream:stream", logGroupName=group, logStreamName=stream)
