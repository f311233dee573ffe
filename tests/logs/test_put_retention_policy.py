def test_shown(logs, group):
    logs.put_retention_policy(logGroupName=group, retentionInDays=14)
    assert logs.describe_log_groups()["logGroups"][0]["retentionInDays"] == 14


def test_expired_events(logs, group, stream, put):
    two_days_ms = 2 * 24 * 3_600_000
    put(stream, "old", offset_ms=-two_days_ms)
    logs.put_retention_policy(logGroupName=group, retentionInDays=1)
    assert logs.filter_log_events(logGroupName=group)["events"] == []
    rejected = put(stream, "old", offset_ms=-two_days_ms)["rejectedLogEventsInfo"]
    assert rejected == {"expiredLogEventEndIndex": 1}


def test_other_numbers_of_days(logs, group, refused):
    refused(
        lambda: logs.put_retention_policy(logGroupName=group, retentionInDays=2),
        "InvalidParameterException",
        r"^1 validation error detected: Value '2' at 'retentionInDays' failed to satisfy constraint: "
        r"Member must satisfy enum value set: \[1, 3, 5, 7, .*3653\]$",
    )


def test_missing(logs, refused):
    refused(
        lambda: logs.put_retention_policy(logGroupName="missing", retentionInDays=1),
        "ResourceNotFoundException",
        "^The specified log group does not exist.$",
    )


def test_denied(denied, group):
    denied("put_retention_policy", "group:log-stream:", logGroupName=group, retentionInDays=1)
