def test_by_name(logs):
    document = '{"Version": "2012-10-17", "Statement": []}'
    for name in ["b", "a"]:
        logs.put_resource_policy(policyName=name, policyDocument=document)
    answer = logs.describe_resource_policies(limit=1)
    assert [policy["policyName"] for policy in answer["resourcePolicies"]] == ["a"]
    answer = logs.describe_resource_policies(nextToken=answer["nextToken"])
    assert [policy["policyName"] for policy in answer["resourcePolicies"]] == ["b"]
    assert "nextToken" not in answer


def test_bad_limit(logs, refused):
    refused(
        lambda: logs.describe_resource_policies(limit=51), "InvalidParameterException", "less than or equal to 50$"
    )


def test_denied(denied):
    denied("describe_resource_policies", "*")
