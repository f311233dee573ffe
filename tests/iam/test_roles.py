"""Roles; the shapes of the answers are those recorded from AWS."""

import json

import pytest


def test_create_describe(client, account, trust, refused):
    iam = client("iam")
    document = trust(Service="ec2.amazonaws.com")
    created = iam.create_role(RoleName="work", Path="/svc/", AssumeRolePolicyDocument=document)["Role"]
    assert set(created) == {"Arn", "AssumeRolePolicyDocument", "CreateDate", "Path", "RoleId", "RoleName"}
    assert created["Arn"] == f"arn:aws:iam::{account.id}:role/svc/work"
    assert created["AssumeRolePolicyDocument"] == json.loads(document)
    got = iam.get_role(RoleName="work")["Role"]
    assert got == {**created, "MaxSessionDuration": 3600, "RoleLastUsed": {}}
    listed = iam.list_roles(PathPrefix="/svc/")["Roles"]
    assert listed == [{**created, "MaxSessionDuration": 3600}]
    iam.get_waiter("role_exists").wait(RoleName="work")
    taken = ("EntityAlreadyExists", "Role with name work already exists.", 409)
    assert refused(iam.create_role, RoleName="work", AssumeRolePolicyDocument=document) == taken


def test_update_and_delete(client, trust, refused):
    iam = client("iam")
    iam.create_role(RoleName="r", AssumeRolePolicyDocument=trust(Service="ec2.amazonaws.com"))
    iam.update_role(RoleName="r", Description="d", MaxSessionDuration=7200)
    role = iam.get_role(RoleName="r")["Role"]
    assert (role["Description"], role["MaxSessionDuration"]) == ("d", 7200)
    assert iam.update_role_description(RoleName="r", Description="e")["Role"]["Description"] == "e"
    other = trust(Service="lambda.amazonaws.com")
    iam.update_assume_role_policy(RoleName="r", PolicyDocument=other)
    assert iam.get_role(RoleName="r")["Role"]["AssumeRolePolicyDocument"] == json.loads(other)
    code, message, _ = refused(iam.update_role, RoleName="r", MaxSessionDuration=43201)
    assert code == "ValidationError" and "less than or equal to 43200" in message
    iam.delete_role(RoleName="r")
    missing = ("NoSuchEntity", "The role with name r cannot be found.", 404)
    for call, arguments in [
        (iam.get_role, {}),
        (iam.update_role, {}),
        (iam.update_role_description, {"Description": "d"}),
        (iam.update_assume_role_policy, {"PolicyDocument": other}),
        (iam.delete_role, {}),
        (iam.list_role_tags, {}),
        (iam.list_role_policies, {}),
        (iam.list_attached_role_policies, {}),
        (iam.list_instance_profiles_for_role, {}),
    ]:
        assert refused(call, RoleName="r", **arguments) == missing


def test_tags_and_boundary(client, trust, document):
    iam = client("iam")
    boundary = iam.create_policy(PolicyName="b", PolicyDocument=document("Allow", "s3:*"))["Policy"]["Arn"]
    role = iam.create_role(
        RoleName="r",
        AssumeRolePolicyDocument=trust(Service="ec2.amazonaws.com"),
        PermissionsBoundary=boundary,
        Tags=[{"Key": "k", "Value": "v"}],
    )["Role"]
    assert role["Tags"] == [{"Key": "k", "Value": "v"}]
    assert iam.get_role(RoleName="r")["Role"]["PermissionsBoundary"]["PermissionsBoundaryArn"] == boundary
    assert "PermissionsBoundary" not in iam.list_roles()["Roles"][0]
    iam.delete_role_permissions_boundary(RoleName="r")
    assert "PermissionsBoundary" not in iam.get_role(RoleName="r")["Role"]
    iam.put_role_permissions_boundary(RoleName="r", PermissionsBoundary=boundary)
    assert iam.get_policy(PolicyArn=boundary)["Policy"]["PermissionsBoundaryUsageCount"] == 1
    iam.tag_role(RoleName="r", Tags=[{"Key": "a", "Value": "1"}])
    iam.untag_role(RoleName="r", TagKeys=["k"])
    assert iam.list_role_tags(RoleName="r")["Tags"] == [{"Key": "a", "Value": "1"}]


def test_inline_policies(client, trust, document, refused):
    iam = client("iam")
    iam.create_role(RoleName="r", AssumeRolePolicyDocument=trust(Service="ec2.amazonaws.com"))
    text = document("Allow", ["apigateway:PUT"], ["arn:aws:apigateway:us-east-1::/tags/arn%3Aaws%3Ax"])
    iam.put_role_policy(RoleName="r", PolicyName="p", PolicyDocument=text)
    assert iam.get_role_policy(RoleName="r", PolicyName="p")["PolicyDocument"] == json.loads(text)
    assert iam.list_role_policies(RoleName="r")["PolicyNames"] == ["p"]
    first = ("DeleteConflict", "Cannot delete entity, must delete policies first.", 409)
    assert refused(iam.delete_role, RoleName="r") == first
    iam.delete_role_policy(RoleName="r", PolicyName="p")
    missing = ("NoSuchEntity", "The role policy with name p cannot be found.", 404)
    assert refused(iam.get_role_policy, RoleName="r", PolicyName="p") == missing
    assert refused(iam.delete_role_policy, RoleName="r", PolicyName="p") == missing
    iam.delete_role(RoleName="r")


def test_trust_policies_are_checked(client, account, trust, refused):
    iam = client("iam")
    user = f"arn:aws:iam::{account.id}:user/nobody"
    for document, message in [
        ("{", "Syntax errors in policy."),
        (trust(AWS=user), f'Invalid principal in policy: "AWS":"{user}"'),
        (trust(AWS="me"), 'Invalid principal in policy: "AWS":"me"'),
        (
            trust(action="s3:GetObject", AWS="*"),
            "AssumeRole policy may only specify STS AssumeRole actions.",
        ),
    ]:
        got = refused(iam.create_role, RoleName="r", AssumeRolePolicyDocument=document)
        assert got == ("MalformedPolicyDocument", message, 400)


def test_instance_profiles(client, trust, refused):
    iam = client("iam")
    iam.create_role(RoleName="r", AssumeRolePolicyDocument=trust(Service="ec2.amazonaws.com"))
    created = iam.create_instance_profile(InstanceProfileName="p", Tags=[{"Key": "k", "Value": "v"}])
    assert created["InstanceProfile"]["Roles"] == []
    iam.add_role_to_instance_profile(InstanceProfileName="p", RoleName="r")
    got = iam.get_instance_profile(InstanceProfileName="p")["InstanceProfile"]
    assert [role["RoleName"] for role in got["Roles"]] == ["r"]
    assert len(iam.list_instance_profiles()["InstanceProfiles"]) == 1
    of_role = iam.list_instance_profiles_for_role(RoleName="r")["InstanceProfiles"]
    assert [profile["InstanceProfileName"] for profile in of_role] == ["p"]
    iam.tag_instance_profile(InstanceProfileName="p", Tags=[{"Key": "a", "Value": "1"}])
    iam.untag_instance_profile(InstanceProfileName="p", TagKeys=["k"])
    tags = iam.list_instance_profile_tags(InstanceProfileName="p")["Tags"]
    assert tags == [{"Key": "a", "Value": "1"}]
    first = "Cannot delete entity, must remove roles from instance profile first."
    assert refused(iam.delete_role, RoleName="r")[1] == first
    assert refused(iam.delete_instance_profile, InstanceProfileName="p")[1] == first
    iam.remove_role_from_instance_profile(InstanceProfileName="p", RoleName="r")
    iam.delete_instance_profile(InstanceProfileName="p")
    missing = ("NoSuchEntity", "Instance Profile p cannot be found.", 404)
    assert refused(iam.get_instance_profile, InstanceProfileName="p") == missing
    assert refused(iam.delete_instance_profile, InstanceProfileName="p") == missing


@pytest.mark.parametrize("name", ["a b", "x" * 65])
def test_names(client, trust, refused, name):
    document = trust(Service="ec2.amazonaws.com")
    arguments = {"RoleName": name, "AssumeRolePolicyDocument": document}
    assert refused(client("iam").create_role, **arguments)[0] == "ValidationError"


def test_aws_cli(account, trust):
    document = trust(Service="lambda.amazonaws.com")
    role = account.aws(
        "iam", "create-role", "--role-name", "r", "--assume-role-policy-document", document
    )
    assert role["Role"]["AssumeRolePolicyDocument"] == json.loads(document)
    arn = "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"
    account.aws("iam", "attach-role-policy", "--role-name", "r", "--policy-arn", arn)
    attached = account.aws("iam", "list-attached-role-policies", "--role-name", "r")
    assert attached["AttachedPolicies"] == [
        {"PolicyName": "AWSLambdaBasicExecutionRole", "PolicyArn": arn}
    ]
