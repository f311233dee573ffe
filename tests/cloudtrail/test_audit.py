"""`nuage audit`, and why a call was denied."""

import json

import botocore.exceptions
import pytest


def denied(call, **arguments):
    """The id of the request that must be denied."""
    with pytest.raises(botocore.exceptions.ClientError) as error:
        call(**arguments)
    answer = error.value.response
    assert answer["Error"]["Code"].startswith("AccessDenied")
    return answer["ResponseMetadata"]["RequestId"]


@pytest.fixture
def why(account):
    def explain(request_id):
        return json.loads(account.nuage("audit", "--why", request_id, "--output", "json").stdout)

    return explain


def test_the_smallest_policy_allows(client, user, document, why):
    ann = user("ann", document("Allow", "iam:ListUsers", "*"))("iam")
    found = why(denied(ann.get_user, UserName="ann"))
    assert found["event"]["eventName"] == "GetUser"
    explanation = found["explanation"]
    assert explanation["action"] == "iam:GetUser"
    assert explanation["reason"] == "No statement allows it in any identity-based policy of the caller."
    policy = explanation["remedy"]["policy"]
    [statement] = policy["Statement"]
    assert (statement["Effect"], statement["Action"]) == ("Allow", "iam:GetUser")
    [finding] = explanation["statements"]
    assert (finding["policyType"], finding["policy"]) == ("identity-based", "own in user ann")
    assert (finding["statement"], finding["effect"], finding["applies"]) == (0, "Allow", False)
    assert finding["why"] == "its action is another"
    # It is not only shown: it is what was missing.
    client("iam").put_user_policy(UserName="ann", PolicyName="remedy", PolicyDocument=json.dumps(policy))
    ann.get_user(UserName="ann")


def test_explicit_denials(client, user, document, why, account):
    statements = [
        {"Effect": "Allow", "Action": "iam:*", "Resource": "*"},
        {"Sid": "NoRoles", "Effect": "Deny", "Action": "iam:*Role*", "Resource": "*"},
    ]
    policy = json.dumps({"Version": "2012-10-17", "Statement": statements})
    ann = user("ann", policy)("iam")
    request_id = denied(ann.list_roles)
    explanation = why(request_id)["explanation"]
    assert explanation["reason"] == "A statement denies it explicitly, in the identity-based policy."
    assert explanation["remedy"]["policy"] is None
    [allowing, denying] = explanation["statements"]
    assert (allowing["applies"], denying["applies"], denying["sid"]) == (True, True, "NoRoles")
    text = account.nuage("audit", "--why", request_id).stdout
    assert "explicitly" in text and "own in user ann" in text


def test_calls_on_data_can_be_explained(client, user, document, why, account):
    ann = user("ann", document("Allow", "lambda:ListFunctions", "*"))("lambda")
    found = why(denied(ann.invoke, FunctionName="missing"))
    assert found["event"]["managementEvent"] is False
    assert found["explanation"]["action"] == "lambda:InvokeFunction"
    rows = client("cloudtrail").lookup_events()["Events"]
    assert "Invoke" not in {row["EventName"] for row in rows}


def test_conditions_are_named(client, user, document, why, account, trust):
    condition = {"StringEquals": {"sts:ExternalId": "42"}}
    document_ = trust(condition=condition, AWS=account.id)
    role = client("iam").create_role(RoleName="work", AssumeRolePolicyDocument=document_)["Role"]
    ann = user("ann", document("Allow", "sts:*", "*"))("sts")
    call = {"RoleArn": role["Arn"], "RoleSessionName": "session"}
    request_id = denied(ann.assume_role, **call, ExternalId="41")
    findings = why(request_id)["explanation"]["statements"]
    [finding] = [finding for finding in findings if finding["policyType"] == "role-trust"]
    assert "StringEquals on sts:ExternalId is not met: the request has 41" in finding["why"]
    request_id = denied(ann.assume_role, **call)
    findings = why(request_id)["explanation"]["statements"]
    [finding] = [finding for finding in findings if finding["policyType"] == "role-trust"]
    assert "the request has no such key" in finding["why"]


def test_a_list(client, account):
    client("iam").create_group(GroupName="g")
    text = account.nuage("audit", "--operation", "CreateGroup").stdout
    assert "iam:CreateGroup" in text and f"arn:aws:iam::{account.id}:root" in text
    [event] = json.loads(account.nuage("audit", "--operation", "CreateGroup", "--output", "json").stdout)
    assert event["requestParameters"] == {"groupName": "g"}


def test_a_list_of_an_operation_whose_events_have_other_names(client, account):
    """The names of Lambda's events end with the version of the API; several services have a `ListAliases`."""
    client("lambda").list_functions()
    client("kms").list_aliases()
    with pytest.raises(botocore.exceptions.ClientError):
        client("lambda").list_aliases(FunctionName="missing")
    assert "lambda:ListFunctions20150331" in account.nuage("audit", "--operation", "ListFunctions").stdout
    text = account.nuage("audit", "--operation", "ListAliases").stdout
    assert "kms:ListAliases " in text and "lambda:ListAliases20150331" in text
    none = account.nuage("audit", "--operation", "Nope")
    assert none.stdout == "" and "no call of Nope" in none.stderr


def test_unknown_requests(account, client):
    ended = account.nuage("audit", "--why", "nonsense", check=False)
    assert ended.returncode == 1 and "is no id of a request" in ended.stderr
    missing = "00000000-0000-4000-8000-000000000000"
    ended = account.nuage("audit", "--why", missing, check=False)
    assert ended.returncode == 1 and "no call" in ended.stderr


def test_denied_by_iam(account, cloud, client, user, document):
    user("ann", document("Allow", "iam:*", "*"))
    key = client("iam").create_access_key(UserName="ann")["AccessKey"]
    environment = {"AWS_ACCESS_KEY_ID": key["AccessKeyId"], "AWS_SECRET_ACCESS_KEY": key["SecretAccessKey"]}
    for arguments in ([], ["--why", "00000000-0000-4000-8000-000000000000"]):
        ended = cloud.nuage("audit", *arguments, environment=environment, check=False)
        assert ended.returncode == 1
        assert "cloudtrail:LookupEvents" in ended.stderr
