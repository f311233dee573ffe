def test_gone(logs, group):
    logs.tag_log_group(logGroupName=group, tags={"a": "1", "b": "2"})
    logs.untag_log_group(logGroupName=group, tags=["a", "missing"])
    assert logs.list_tags_log_group(logGroupName=group)["tags"] == {"b": "2"}


def test_missing(logs, refused):
    refused(
        lambda: logs.untag_log_group(logGroupName="missing", tags=["a"]),
        "ResourceNotFoundException",
        "^The specified log group does not exist.$",
    )


def test_denied(denied, group):
    denied("untag_log_group", "group:log-stream:", logGroupName=group, tags=["a"])
