def test_streams_and_events_go_too(logs, group, stream, put):
    put(stream, "old")
    logs.delete_log_group(logGroupName=group)
    assert logs.describe_log_groups()["logGroups"] == []
    logs.create_log_group(logGroupName=group)
    assert logs.describe_log_streams(logGroupName=group)["logStreams"] == []
    assert logs.filter_log_events(logGroupName=group)["events"] == []


def test_missing(logs, refused):
    refused(
        lambda: logs.delete_log_group(logGroupName="missing"),
        "ResourceNotFoundException",
        "^The specified log group does not exist.$",
    )


def test_protected(logs, refused):
    logs.create_log_group(logGroupName="g", deletionProtectionEnabled=True)
    refused(lambda: logs.delete_log_group(logGroupName="g"), "ValidationException", "deletion protection")


def test_denied(denied, group):
    denied("delete_log_group", "group:log-stream:", logGroupName=group)
