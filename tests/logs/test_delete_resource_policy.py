def test_gone(logs):
    logs.put_resource_policy(policyName="p", policyDocument='{"Version": "2012-10-17", "Statement": []}')
    logs.delete_resource_policy(policyName="p")
    assert logs.describe_resource_policies()["resourcePolicies"] == []


def test_missing(logs, refused):
    refused(
        lambda: logs.delete_resource_policy(policyName="missing"),
        "ResourceNotFoundException",
        r"^Policy with name \[missing\] does not exist.$",
    )


def test_denied(denied):
    denied("delete_resource_policy", "*", policyName="p")
