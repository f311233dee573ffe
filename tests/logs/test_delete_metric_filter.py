METRIC = {"metricName": "errors", "metricNamespace": "app", "metricValue": "1"}


def test_gone(logs, group):
    logs.put_metric_filter(
        logGroupName=group, filterName="f", filterPattern="", metricTransformations=[METRIC]
    )
    logs.delete_metric_filter(logGroupName=group, filterName="f")
    assert logs.describe_metric_filters(logGroupName=group)["metricFilters"] == []


def test_missing(logs, group, refused):
    refused(
        lambda: logs.delete_metric_filter(logGroupName=group, filterName="f"),
        "ResourceNotFoundException",
        "^The specified metric filter does not exist.$",
    )


def test_denied(denied, group):
    denied("delete_metric_filter", "group:log-stream:", logGroupName=group, filterName="f")
