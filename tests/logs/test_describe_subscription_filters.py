import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
import oracle  # noqa: E402


def test_as_recorded(logs, account, group):
    case = oracle.Case(
        oracle.load("logs", "logs_subscription_filters.json", "test_describe_subscription_filters_empty"), account.id
    )
    case.check("describe-subscription-filters-empty", logs.describe_subscription_filters(logGroupName=group))


def test_missing(logs, refused):
    refused(
        lambda: logs.describe_subscription_filters(logGroupName="missing"),
        "ResourceNotFoundException",
        "^The specified log group does not exist.$",
    )


def test_bad_input(logs, group, refused):
    refused(
        lambda: logs.describe_subscription_filters(logGroupName=group, limit=51),
        "InvalidParameterException",
        "at 'limit' failed to satisfy constraint",
    )


def test_denied(denied, group):
    denied("describe_subscription_filters", "group:log-stream:", logGroupName=group)
