def test_missing(logs, group, refused):
    missing = "ResourceNotFoundException"
    refused(
        lambda: logs.delete_subscription_filter(logGroupName=group, filterName="f"),
        missing,
        "^The specified subscription filter does not exist.$",
    )
    refused(
        lambda: logs.delete_subscription_filter(logGroupName="missing", filterName="f"),
        missing,
        "^The specified log group does not exist.$",
    )


def test_bad_input(logs, group, refused):
    refused(
        lambda: logs.delete_subscription_filter(logGroupName=group, filterName="a:b"),
        "InvalidParameterException",
        "at 'filterName' failed to satisfy constraint",
    )


def test_denied(denied, group):
    denied("delete_subscription_filter", "group:log-stream:", logGroupName=group, filterName="f")
