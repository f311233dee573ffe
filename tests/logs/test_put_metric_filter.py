import pytest

METRIC = {"metricName": "errors", "metricNamespace": "app", "metricValue": "1", "defaultValue": 0}


@pytest.fixture
def put_filter(logs, group):
    def put_filter(name="f", pattern="ERROR", **metric):
        logs.put_metric_filter(
            logGroupName=group,
            filterName=name,
            filterPattern=pattern,
            metricTransformations=[{**METRIC, **metric}],
        )

    return put_filter


def test_as_recorded(logs, group, put_filter, now_ms):
    put_filter(pattern=" ")
    metric_filter = logs.describe_metric_filters(logGroupName=group)["metricFilters"][0]
    assert abs(metric_filter.pop("creationTime") - now_ms) < 60_000
    assert metric_filter == {
        "applyOnTransformedLogs": False,
        "filterName": "f",
        "filterPattern": " ",
        "logGroupName": group,
        "metricTransformations": [{**METRIC, "defaultValue": 0.0}],
    }
    assert logs.describe_log_groups()["logGroups"][0]["metricFilterCount"] == 1


def test_bad_patterns(put_filter, refused):
    for pattern, text in [
        ("a.b", "^Invalid filter pattern$"),
        ("{ $.a = 1", r"^If a filter pattern starts with '{' it must end with '}'$"),
    ]:
        refused(lambda: put_filter(pattern=pattern), "InvalidParameterException", text)


def test_too_many_transformations(logs, group, refused):
    refused(
        lambda: logs.put_metric_filter(
            logGroupName=group, filterName="f", filterPattern="", metricTransformations=[METRIC, METRIC]
        ),
        "InvalidParameterException",
        "at 'metricTransformations' failed to satisfy constraint: Member must have length less than or equal to 1$",
    )


def test_name_too_long(put_filter, refused):
    refused(
        lambda: put_filter(name="X" * 513),
        "InvalidParameterException",
        "^1 validation error detected: Value 'X{513}' at 'filterName' failed to satisfy constraint: "
        "Member must have length less than or equal to 512$",
    )


def test_missing(logs, refused):
    refused(
        lambda: logs.put_metric_filter(
            logGroupName="missing", filterName="f", filterPattern="", metricTransformations=[METRIC]
        ),
        "ResourceNotFoundException",
        "^The specified log group does not exist.$",
    )


def test_denied(denied, group):
    denied(
        "put_metric_filter",
        "group:log-stream:",
        logGroupName=group,
        filterName="f",
        filterPattern="",
        metricTransformations=[METRIC],
    )
