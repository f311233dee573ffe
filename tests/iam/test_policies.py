"""Managed policies, inline policies of users, boundaries, and the account itself."""

import json

import pytest

BASIC = "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"


@pytest.fixture
def arn(client, document):
    text = document("Allow", "iam:List*", "*")
    return client("iam").create_policy(PolicyName="P", Path="/team/", PolicyDocument=text)["Policy"]["Arn"]


def test_create_get_delete(client, account, document, refused):
    iam = client("iam")
    created = iam.create_policy(PolicyName="P", PolicyDocument=document("Allow", "s3:*"), Description="d")
    policy = created["Policy"]
    # As recorded.
    assert set(policy) == {
        "Arn", "AttachmentCount", "CreateDate", "DefaultVersionId", "IsAttachable", "Path",
        "PermissionsBoundaryUsageCount", "PolicyId", "PolicyName", "UpdateDate",
    }  # fmt: skip
    assert policy["Arn"] == f"arn:aws:iam::{account.id}:policy/P"
    assert iam.get_policy(PolicyArn=policy["Arn"])["Policy"] == {**policy, "Description": "d"}
    taken = "A policy called p already exists. Duplicate names are not allowed."
    arguments = {"PolicyName": "p", "PolicyDocument": document()}
    assert refused(iam.create_policy, **arguments) == ("EntityAlreadyExists", taken, 409)
    iam.delete_policy(PolicyArn=policy["Arn"])
    # As recorded.
    missing = ("NoSuchEntity", f"Policy {policy['Arn']} was not found.", 404)
    for call in [iam.get_policy, iam.delete_policy, iam.list_policy_versions, iam.list_policy_tags]:
        assert refused(call, PolicyArn=policy["Arn"]) == missing
    malformed = ("MalformedPolicyDocument", "Syntax errors in policy.", 400)
    assert refused(iam.create_policy, PolicyName="q", PolicyDocument="no") == malformed


def test_versions(client, arn, document, refused):
    iam = client("iam")
    new = {"PolicyArn": arn, "PolicyDocument": document("Allow", "s3:Put*")}
    assert iam.create_policy_version(**new, SetAsDefault=True)["PolicyVersion"]["VersionId"] == "v2"
    for _ in range(3):
        iam.create_policy_version(**new)
    assert refused(iam.create_policy_version, **new)[0] == "LimitExceeded"
    versions = iam.list_policy_versions(PolicyArn=arn)["Versions"]
    assert [v["VersionId"] for v in versions] == ["v5", "v4", "v3", "v2", "v1"]
    assert [v["VersionId"] for v in versions if v["IsDefaultVersion"]] == ["v2"]
    got = iam.get_policy_version(PolicyArn=arn, VersionId="v2")["PolicyVersion"]
    assert got["Document"] == json.loads(new["PolicyDocument"])
    iam.set_default_policy_version(PolicyArn=arn, VersionId="v1")
    assert iam.get_policy(PolicyArn=arn)["Policy"]["DefaultVersionId"] == "v1"
    default = ("DeleteConflict", "Cannot delete the default version of a policy.", 409)
    assert refused(iam.delete_policy_version, PolicyArn=arn, VersionId="v1") == default
    iam.delete_policy_version(PolicyArn=arn, VersionId="v2")
    missing = f"Policy {arn} version v2 does not exist or is not attachable."
    for call in [iam.get_policy_version, iam.set_default_policy_version, iam.delete_policy_version]:
        assert refused(call, PolicyArn=arn, VersionId="v2") == ("NoSuchEntity", missing, 404)


def test_attach_to_a_user(client, user, account, arn, refused):
    iam = client("iam")
    ann = user("ann")("iam")
    assert refused(ann.list_users)[0] == "AccessDenied"
    iam.attach_user_policy(UserName="ann", PolicyArn=arn)
    ann.list_users()
    attached = iam.list_attached_user_policies(UserName="ann")["AttachedPolicies"]
    assert attached == [{"PolicyName": "P", "PolicyArn": arn}]
    entities = iam.list_entities_for_policy(PolicyArn=arn)
    assert [u["UserName"] for u in entities["PolicyUsers"]] == ["ann"]
    assert entities["PolicyRoles"] == entities["PolicyGroups"] == []
    in_use = ("DeleteConflict", "Cannot delete a policy attached to entities.", 409)
    assert refused(iam.delete_policy, PolicyArn=arn) == in_use
    iam.detach_user_policy(UserName="ann", PolicyArn=arn)
    assert refused(ann.list_users)[0] == "AccessDenied"
    missing = ("NoSuchEntity", f"Policy {arn} was not found.", 404)
    assert refused(iam.detach_user_policy, UserName="ann", PolicyArn=arn) == missing
    # As recorded.
    unparsable = ("ValidationError", "Invalid ARN:  Could not be parsed!", 400)
    assert refused(iam.attach_user_policy, UserName="ann", PolicyArn="P-with-twenty-characters") == unparsable
    other = f"{arn}123"
    absent = ("NoSuchEntity", f"Policy {other} does not exist or is not attachable.", 404)
    assert refused(iam.attach_user_policy, UserName="ann", PolicyArn=other) == absent


def test_attach_to_a_role(client, trust, arn):
    iam = client("iam")
    iam.create_role(RoleName="r", AssumeRolePolicyDocument=trust(Service="lambda.amazonaws.com"))
    iam.attach_role_policy(RoleName="r", PolicyArn=arn)
    iam.attach_role_policy(RoleName="r", PolicyArn=BASIC)
    attached = iam.list_attached_role_policies(RoleName="r")["AttachedPolicies"]
    assert {policy["PolicyArn"] for policy in attached} == {arn, BASIC}
    by_path = iam.list_attached_role_policies(RoleName="r", PathPrefix="/team/")["AttachedPolicies"]
    assert [policy["PolicyArn"] for policy in by_path] == [arn]
    roles = iam.list_entities_for_policy(PolicyArn=BASIC, EntityFilter="Role")["PolicyRoles"]
    assert [role["RoleName"] for role in roles] == ["r"]
    iam.detach_role_policy(RoleName="r", PolicyArn=arn)


def test_inline_policies_of_users(client, user, document, refused):
    iam = client("iam")
    user("ann")
    text = document("Allow", "s3:*", "*")
    iam.put_user_policy(UserName="ann", PolicyName="p", PolicyDocument=text)
    assert iam.get_user_policy(UserName="ann", PolicyName="p")["PolicyDocument"] == json.loads(text)
    assert iam.list_user_policies(UserName="ann")["PolicyNames"] == ["p"]
    long = document("Allow", "s3:*", "arn:aws:s3:::" + "x" * 2048)
    code, message, _ = refused(iam.put_user_policy, UserName="ann", PolicyName="q", PolicyDocument=long)
    assert (code, message) == ("LimitExceeded", "Maximum policy size of 2048 bytes exceeded for user ann")
    iam.delete_user_policy(UserName="ann", PolicyName="p")
    missing = ("NoSuchEntity", "The user policy with name p cannot be found.", 404)
    assert refused(iam.get_user_policy, UserName="ann", PolicyName="p") == missing
    assert refused(iam.delete_user_policy, UserName="ann", PolicyName="p") == missing


def test_boundary_of_a_user(client, user, arn, document, refused, account):
    iam = client("iam")
    ann = user("ann", document("Allow", "*", "*"))("iam")
    iam.put_user_permissions_boundary(UserName="ann", PermissionsBoundary=arn)
    assert iam.get_user(UserName="ann")["User"]["PermissionsBoundary"]["PermissionsBoundaryArn"] == arn
    ann.list_users()
    code, message, _ = refused(ann.get_user)
    assert code == "AccessDenied"
    assert message.endswith("because no permissions boundary allows the iam:GetUser action")
    iam.delete_user_permissions_boundary(UserName="ann")
    ann.get_user()


def test_list_policies(client, arn):
    iam = client("iam")
    assert [p["Arn"] for p in iam.list_policies(Scope="Local")["Policies"]] == [arn]
    pages = iam.get_paginator("list_policies").paginate(Scope="AWS", PaginationConfig={"PageSize": 5})
    names = [policy["PolicyName"] for page in pages for policy in page["Policies"]]
    assert {"AdministratorAccess", "AWSLambdaBasicExecutionRole"} <= set(names)
    assert names == sorted(names, key=str.lower)
    assert iam.list_policies(OnlyAttached=True)["Policies"] == []


def test_aws_managed_policy(client):
    iam = client("iam")
    policy = iam.get_policy(PolicyArn=BASIC)["Policy"]
    version = iam.get_policy_version(PolicyArn=BASIC, VersionId=policy["DefaultVersionId"])
    statement = version["PolicyVersion"]["Document"]["Statement"][0]
    assert statement["Action"] == ["logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents"]


def test_tags(client, arn):
    iam = client("iam")
    iam.tag_policy(PolicyArn=arn, Tags=[{"Key": "a", "Value": "1"}, {"Key": "b", "Value": "2"}])
    iam.untag_policy(PolicyArn=arn, TagKeys=["a"])
    assert iam.list_policy_tags(PolicyArn=arn)["Tags"] == [{"Key": "b", "Value": "2"}]


def test_account(client, cloud, arn, refused):
    iam = client("iam")
    summary = iam.get_account_summary()["SummaryMap"]
    assert (summary["Policies"], summary["Users"], summary["UsersQuota"]) == (1, 0, 5000)
    alias = f"alias-{arn.split(':')[4]}"
    iam.create_account_alias(AccountAlias=alias)
    assert iam.list_account_aliases()["AccountAliases"] == [alias]
    other = cloud.client("iam", access_key_id="000000000009")
    taken = ("EntityAlreadyExists", f"The account alias {alias} already exists.", 409)
    assert refused(other.create_account_alias, AccountAlias=alias) == taken
    iam.delete_account_alias(AccountAlias=alias)
    missing = ("NoSuchEntity", f"The account alias {alias} cannot be found.", 404)
    assert refused(iam.delete_account_alias, AccountAlias=alias) == missing
