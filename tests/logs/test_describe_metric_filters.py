import pytest


@pytest.fixture
def filters(logs):
    for number, group in enumerate(["a", "b"]):
        logs.create_log_group(logGroupName=group)
        for name in ["f", "other"]:
            metric = {"metricName": f"m{number}", "metricNamespace": "app", "metricValue": "1"}
            logs.put_metric_filter(
                logGroupName=group, filterName=f"{name}{number}", filterPattern="", metricTransformations=[metric]
            )


def names(answer):
    return [metric_filter["filterName"] for metric_filter in answer["metricFilters"]]


def test_of_a_group(logs, filters):
    assert names(logs.describe_metric_filters(logGroupName="a")) == ["f0", "other0"]


def test_by_prefix(logs, filters):
    assert names(logs.describe_metric_filters(filterNamePrefix="f")) == ["f0", "f1"]


def test_by_metric(logs, filters):
    answer = logs.describe_metric_filters(metricName="m1", metricNamespace="app")
    assert names(answer) == ["f1", "other1"]


def test_in_pages(logs, filters):
    pages = logs.get_paginator("describe_metric_filters").paginate(PaginationConfig={"PageSize": 3})
    assert [names(page) for page in pages] == [["f0", "other0", "f1"], ["other1"]]


def test_too_long(logs, refused):
    for parameter, longest in [("filterNamePrefix", 512), ("metricName", 255)]:
        refused(
            lambda: logs.describe_metric_filters(**{parameter: "X" * (longest + 1)}),
            "InvalidParameterException",
            f"at '{parameter}' failed to satisfy constraint: Member must have length less than or equal to {longest}$",
        )


def test_missing(logs, refused):
    refused(
        lambda: logs.describe_metric_filters(logGroupName="missing"),
        "ResourceNotFoundException",
        "^The specified log group does not exist.$",
    )


def test_denied(denied):
    denied("describe_metric_filters", ":log-stream:")
