def test_none(logs, group, arn):
    assert logs.list_tags_for_resource(resourceArn=arn(group))["tags"] == {}


def test_missing(logs, arn, refused):
    for resource in [arn("missing"), arn("missing").replace("log-group", "destination"), "missing"]:
        refused(
            lambda: logs.list_tags_for_resource(resourceArn=resource),
            "ResourceNotFoundException",
            "does not exist.$",
        )


def test_denied(denied, group, arn):
    denied("list_tags_for_resource", "group", resourceArn=arn(group))
