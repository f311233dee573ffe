def test_none(logs, group):
    assert logs.list_tags_log_group(logGroupName=group)["tags"] == {}


def test_missing(logs, refused):
    refused(
        lambda: logs.list_tags_log_group(logGroupName="missing"),
        "ResourceNotFoundException",
        "^The specified log group does not exist.$",
    )


def test_denied(denied, group):
    denied("list_tags_log_group", "group:log-stream:", logGroupName=group)
