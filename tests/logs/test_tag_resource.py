def test_as_recorded(logs, arn):
    logs.create_log_group(logGroupName="g", tags={"env": "testing1"})
    logs.tag_resource(resourceArn=arn("g"), tags={"test1": "val1", "test2": "val2"})
    expected = {"env": "testing1", "test1": "val1", "test2": "val2"}
    assert logs.list_tags_log_group(logGroupName="g")["tags"] == expected
    assert logs.list_tags_for_resource(resourceArn=arn("g"))["tags"] == expected


def test_too_many(logs, group, arn, refused):
    logs.tag_resource(resourceArn=arn(group), tags={f"k{i}": "" for i in range(50)})
    refused(
        lambda: logs.tag_resource(resourceArn=arn(group), tags={"one": "more"}), "TooManyTagsException", "50 tags"
    )


def test_denied(denied, group, arn):
    denied("tag_resource", "group", resourceArn=arn(group), tags={"a": "1"})


def test_permitted_by_tag(permitted, logs, arn, refused):
    logs.create_log_group(logGroupName="mine", tags={"team": "a"})
    logs.create_log_group(logGroupName="theirs", tags={"team": "b"})
    condition = {"StringEquals": {"aws:ResourceTag/team": "a"}}
    client = permitted(Action="logs:TagResource", Resource="*", Condition=condition)
    client.tag_resource(resourceArn=arn("mine"), tags={"k": "v"})
    refused(
        lambda: client.tag_resource(resourceArn=arn("theirs"), tags={"k": "v"}),
        "AccessDeniedException",
        "is not authorized to perform: logs:TagResource",
    )
