def test_on_and_off(logs, group, arn, refused):
    logs.put_log_group_deletion_protection(logGroupIdentifier=arn(group), deletionProtectionEnabled=True)
    assert logs.describe_log_groups()["logGroups"][0]["deletionProtectionEnabled"] is True
    refused(lambda: logs.delete_log_group(logGroupName=group), "ValidationException", "deletion protection")
    logs.put_log_group_deletion_protection(logGroupIdentifier=group, deletionProtectionEnabled=False)
    logs.delete_log_group(logGroupName=group)


def test_missing(logs, refused):
    refused(
        lambda: logs.put_log_group_deletion_protection(
            logGroupIdentifier="missing", deletionProtectionEnabled=True
        ),
        "ResourceNotFoundException",
        "^The specified log group does not exist.$",
    )


def test_denied(denied, group):
    denied(
        "put_log_group_deletion_protection",
        "group:log-stream:",
        logGroupIdentifier=group,
        deletionProtectionEnabled=True,
    )
