def test_as_recorded(logs, group, arn, now_ms):
    logs.create_log_stream(logGroupName=group, logStreamName="2026/11/22/[$LATEST]0123")
    stream = logs.describe_log_streams(logGroupName=group)["logStreams"][0]
    assert abs(stream.pop("creationTime") - now_ms) < 60_000
    assert stream == {
        "arn": arn(group) + ":log-stream:2026/11/22/[$LATEST]0123",
        "logStreamName": "2026/11/22/[$LATEST]0123",
        "storedBytes": 0,
    }


def test_twice(logs, group, stream, refused):
    refused(
        lambda: logs.create_log_stream(logGroupName=group, logStreamName=stream),
        "ResourceAlreadyExistsException",
        "^The specified log stream already exists$",
    )


def test_missing_group(logs, refused):
    refused(
        lambda: logs.create_log_stream(logGroupName="missing", logStreamName="s"),
        "ResourceNotFoundException",
        "^The specified log group does not exist.$",
    )


def test_bad_names(logs, group, refused):
    for name in ["a:b", "a*"]:
        refused(
            lambda: logs.create_log_stream(logGroupName=group, logStreamName=name),
            "InvalidParameterException",
            r"at 'logStreamName' failed to satisfy constraint: "
            r"Member must satisfy regular expression pattern: \[\^:\*\]\*$",
        )
    refused(
        lambda: logs.create_log_stream(logGroupName=group, logStreamName="x" * 513),
        "InvalidParameterException",
        "^Invalid LogGroup or LogStream",
    )


def test_denied(denied, group):
    denied("create_log_stream", "group:log-stream:s", logGroupName=group, logStreamName="s")
