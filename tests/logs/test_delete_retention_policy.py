def test_gone(logs, group):
    logs.put_retention_policy(logGroupName=group, retentionInDays=14)
    logs.delete_retention_policy(logGroupName=group)
    assert "retentionInDays" not in logs.describe_log_groups()["logGroups"][0]


def test_missing(logs, refused):
    refused(
        lambda: logs.delete_retention_policy(logGroupName="missing"),
        "ResourceNotFoundException",
        "^The specified log group does not exist.$",
    )


def test_denied(denied, group):
    denied("delete_retention_policy", "group:log-stream:", logGroupName=group)
