def test_gone(logs, arn):
    logs.create_log_group(logGroupName="g", tags={"a": "1", "b": "2"})
    logs.untag_resource(resourceArn=arn("g"), tagKeys=["a"])
    assert logs.list_tags_for_resource(resourceArn=arn("g"))["tags"] == {"b": "2"}


def test_missing(logs, arn, refused):
    refused(
        lambda: logs.untag_resource(resourceArn=arn("missing"), tagKeys=["a"]),
        "ResourceNotFoundException",
        "does not exist.$",
    )


def test_denied(denied, group, arn):
    denied("untag_resource", "group", resourceArn=arn(group), tagKeys=["a"])
