def test_added_and_overwritten(logs, group):
    logs.tag_log_group(logGroupName=group, tags={"a": "1", "b": "2"})
    logs.tag_log_group(logGroupName=group, tags={"b": "3"})
    assert logs.list_tags_log_group(logGroupName=group)["tags"] == {"a": "1", "b": "3"}


def test_bad_tags(logs, group, refused):
    refused(
        lambda: logs.tag_log_group(logGroupName=group, tags={"a": "x" * 257}),
        "InvalidParameterException",
        "at 'tags' failed to satisfy constraint",
    )


def test_missing(logs, refused):
    refused(
        lambda: logs.tag_log_group(logGroupName="missing", tags={"a": "1"}),
        "ResourceNotFoundException",
        "^The specified log group does not exist.$",
    )


def test_denied(denied, group):
    denied("tag_log_group", "group:log-stream:", logGroupName=group, tags={"a": "1"})
