import pytest


@pytest.fixture
def groups(logs):
    names = [f"/app/{i}" for i in range(5)] + ["/web/0"]
    for name in names:
        logs.create_log_group(logGroupName=name)
    return names


def names(answer):
    return [group["logGroupName"] for group in answer["logGroups"]]


def test_all(logs, groups):
    assert names(logs.describe_log_groups()) == groups


def test_prefix_in_pages(logs, groups):
    pages = logs.get_paginator("describe_log_groups").paginate(
        logGroupNamePrefix="/app/", PaginationConfig={"PageSize": 2}
    )
    assert [names(page) for page in pages] == [groups[:2], groups[2:4], groups[4:5]]


def test_pattern(logs, groups):
    answer = logs.describe_log_groups(logGroupNamePattern="p/3")
    assert names(answer) == ["/app/3"]
    # As recorded: less than without a pattern.
    assert "storedBytes" not in answer["logGroups"][0]


def test_stored_bytes(logs, group, stream, put):
    put(stream, "x" * 74, "y" * 24)
    assert logs.describe_log_groups()["logGroups"][0]["storedBytes"] == 150


def test_prefix_and_pattern(logs, refused):
    refused(
        lambda: logs.describe_log_groups(logGroupNamePrefix="a", logGroupNamePattern="a"),
        "InvalidParameterException",
        "mutually exclusive",
    )


def test_bad_limit(logs, refused):
    refused(
        lambda: logs.describe_log_groups(limit=51),
        "InvalidParameterException",
        "^1 validation error detected: Value '51' at 'limit' failed to satisfy constraint: "
        "Member must have value less than or equal to 50$",
    )


def test_denied(denied):
    denied("describe_log_groups", ":log-stream:")


def test_with_the_cli(account, logs, groups):
    answer = account.aws("logs", "describe-log-groups", "--log-group-name-prefix", "/web")
    assert names(answer) == ["/web/0"]
