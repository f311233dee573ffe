"""What accounts are told of themselves, the roles of services, and the managed policies of AWS."""

import csv
import io
import json

import pytest

READ = "arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess"


@pytest.fixture
def iam(client):
    return client("iam")


def test_credential_report(iam, user, account, refused):
    assert refused(iam.get_credential_report)[0] == "ReportNotPresent"
    user("ann")
    iam.create_login_profile(UserName="ann", Password="Secret-1")
    started = iam.generate_credential_report()
    assert started["State"] == "STARTED"
    assert started["Description"] == "No report exists. Starting a new report generation task"
    assert iam.generate_credential_report()["State"] == "COMPLETE"
    report = iam.get_credential_report()
    assert report["ReportFormat"] == "text/csv"
    rows = {row["user"]: row for row in csv.DictReader(io.StringIO(report["Content"].decode()))}
    assert set(rows) == {"<root_account>", "ann"}
    ann = rows["ann"]
    assert None not in ann and None not in rows["<root_account>"]
    assert ann["arn"] == f"arn:aws:iam::{account.id}:user/ann"
    assert (ann["password_enabled"], ann["access_key_1_active"], ann["access_key_2_active"]) == ("true", "true", "false")
    assert (ann["mfa_active"], ann["cert_1_active"], ann["password_next_rotation"]) == ("false", "false", "N/A")
    assert ann["user_creation_time"].endswith("+00:00")


def test_account_authorization_details(iam, trust, document):
    iam.create_group(GroupName="g")
    iam.create_user(UserName="u", Tags=[{"Key": "k", "Value": "v"}])
    iam.add_user_to_group(GroupName="g", UserName="u")
    iam.put_user_policy(UserName="u", PolicyName="inline", PolicyDocument=document())
    iam.create_role(RoleName="r", AssumeRolePolicyDocument=trust(Service="lambda.amazonaws.com"))
    iam.attach_role_policy(RoleName="r", PolicyArn=READ)
    iam.create_instance_profile(InstanceProfileName="i")
    iam.add_role_to_instance_profile(InstanceProfileName="i", RoleName="r")
    iam.create_policy(PolicyName="p", PolicyDocument=document())
    details = iam.get_account_authorization_details()
    [user], [group], [role] = details["UserDetailList"], details["GroupDetailList"], details["RoleDetailList"]
    assert user["GroupList"] == ["g"] and user["Tags"] == [{"Key": "k", "Value": "v"}]
    assert user["UserPolicyList"] == [{"PolicyName": "inline", "PolicyDocument": json.loads(document())}]
    assert group["GroupName"] == "g"
    assert role["AttachedManagedPolicies"] == [{"PolicyName": "AmazonS3ReadOnlyAccess", "PolicyArn": READ}]
    assert role["InstanceProfileList"][0]["InstanceProfileName"] == "i"
    assert {policy["PolicyName"] for policy in details["Policies"]} == {"p", "AmazonS3ReadOnlyAccess"}
    assert all(policy["PolicyVersionList"][0]["Document"] for policy in details["Policies"])
    only = iam.get_account_authorization_details(Filter=["Role", "LocalManagedPolicy"])
    assert (only["UserDetailList"], [policy["PolicyName"] for policy in only["Policies"]]) == ([], ["p"])
    pages = iam.get_paginator("get_account_authorization_details").paginate(PaginationConfig={"PageSize": 1})
    counted = [sum(len(page[part]) for part in ("UserDetailList", "GroupDetailList", "RoleDetailList", "Policies")) for page in pages]
    assert counted == [1] * 5


def test_last_accessed(iam, user, document, account, refused):
    ann = user("ann", document("Allow", ["sts:*", "iam:ListUsers"], "*"))
    ann("sts").get_caller_identity()
    ann("iam").list_users()
    arn = f"arn:aws:iam::{account.id}:user/ann"
    job = iam.generate_service_last_accessed_details(Arn=arn, Granularity="ACTION_LEVEL")["JobId"]
    report = iam.get_service_last_accessed_details(JobId=job)
    assert (report["JobStatus"], report["JobType"]) == ("COMPLETED", "ACTION_LEVEL")
    services = {row["ServiceNamespace"]: row for row in report["ServicesLastAccessed"]}
    assert set(services) == {"iam", "sts"}
    assert services["iam"]["ServiceName"] == "AWS Identity and Access Management"
    assert services["iam"]["LastAuthenticatedEntity"] == arn
    assert services["iam"]["TotalAuthenticatedEntities"] == 1
    assert services["iam"]["LastAuthenticatedRegion"] == "us-east-1"
    assert [row["ActionName"] for row in services["iam"]["TrackedActionsLastAccessed"]] == ["ListUsers"]
    page = iam.get_service_last_accessed_details(JobId=job, MaxItems=1)
    assert page["IsTruncated"] and len(page["ServicesLastAccessed"]) == 1
    who = iam.get_service_last_accessed_details_with_entities(JobId=job, ServiceNamespace="iam")
    [entity] = who["EntityDetailsList"]
    assert (entity["EntityInfo"]["Arn"], entity["EntityInfo"]["Type"]) == (arn, "USER") and entity["LastAuthenticated"]
    assert refused(iam.get_service_last_accessed_details, JobId="0" * 36)[0] == "NoSuchEntity"
    assert refused(iam.generate_service_last_accessed_details, Arn=f"{arn}x")[0] == "NoSuchEntity"


def test_policies_granting_service_access(iam, account, document):
    iam.create_user(UserName="ann")
    iam.create_group(GroupName="g")
    iam.add_user_to_group(GroupName="g", UserName="ann")
    iam.put_group_policy(GroupName="g", PolicyName="inline", PolicyDocument=document("Allow", "sqs:*", "*"))
    iam.attach_user_policy(UserName="ann", PolicyArn=READ)
    answer = iam.list_policies_granting_service_access(
        Arn=f"arn:aws:iam::{account.id}:user/ann", ServiceNamespaces=["s3", "sqs", "ec2"])
    found = {row["ServiceNamespace"]: row["Policies"] for row in answer["PoliciesGrantingServiceAccess"]}
    assert found["ec2"] == []
    assert found["s3"] == [{"PolicyName": "AmazonS3ReadOnlyAccess", "PolicyType": "MANAGED", "PolicyArn": READ}]
    assert found["sqs"] == [
        {"PolicyName": "inline", "PolicyType": "INLINE", "EntityType": "GROUP", "EntityName": "g"}]


def test_account_summary(iam):
    iam.create_virtual_mfa_device(VirtualMFADeviceName="m")
    iam.create_open_id_connect_provider(Url="https://example.com")
    iam.set_security_token_service_preferences(GlobalEndpointTokenVersion="v2Token")
    summary = iam.get_account_summary()["SummaryMap"]
    counts = {name: summary[name] for name in ("MFADevices", "MFADevicesInUse", "Providers", "GlobalEndpointTokenVersion")}
    assert counts == {"MFADevices": 1, "MFADevicesInUse": 0, "Providers": 1, "GlobalEndpointTokenVersion": 2}


def test_service_linked_roles_are_their_services(iam, document, trust, refused):
    role = iam.create_service_linked_role(AWSServiceName="ecs.amazonaws.com", Description="d")["Role"]
    which = {"RoleName": role["RoleName"]}
    code, message, _ = refused(iam.create_service_linked_role, AWSServiceName="ecs.amazonaws.com")
    assert (code, message) == (
        "InvalidInput",
        "Service role name AWSServiceRoleForECS has been taken in this account, please try a different suffix.",
    )
    assert refused(iam.create_service_linked_role, AWSServiceName="nothing.amazonaws.com")[0] == "InvalidInput"
    for call, arguments in [
        (iam.delete_role, {}),
        (iam.attach_role_policy, {"PolicyArn": READ}),
        (iam.put_role_policy, {"PolicyName": "p", "PolicyDocument": document()}),
        (iam.update_assume_role_policy, {"PolicyDocument": trust(Service="lambda.amazonaws.com")}),
        (iam.put_role_permissions_boundary, {"PermissionsBoundary": READ}),
    ]:
        code, message, status = refused(call, **which, **arguments)
        assert (code, status) == ("UnmodifiableEntity", 400)
        assert message == (
            "Cannot perform the operation on the protected role 'AWSServiceRoleForECS' - this role is only modifiable by AWS")
    iam.create_role(RoleName="mine", AssumeRolePolicyDocument=trust(Service="lambda.amazonaws.com"))
    assert refused(iam.delete_service_linked_role, RoleName="mine")[0] == "InvalidInput"
    iam.delete_service_linked_role(**which)
    assert refused(iam.get_role, **which)[0] == "NoSuchEntity"
    assert refused(iam.get_service_linked_role_deletion_status, DeletionTaskId="task/x")[0] == "NoSuchEntity"


def test_managed_policies_of_aws(iam, account, document, refused):
    pages = iam.get_paginator("list_policies").paginate(Scope="AWS", PaginationConfig={"PageSize": 500})
    policies = {policy["PolicyName"]: policy for page in pages for policy in page["Policies"]}
    assert len(policies) > 1500
    read = policies["AmazonS3ReadOnlyAccess"]
    assert (read["Arn"], read["Path"], read["AttachmentCount"], read["IsAttachable"]) == (READ, "/", 0, True)
    assert read["PolicyId"].startswith("ANPA") and read["CreateDate"] < read["UpdateDate"]
    version = iam.get_policy_version(PolicyArn=READ, VersionId=read["DefaultVersionId"])["PolicyVersion"]
    assert "s3:Get*" in version["Document"]["Statement"][0]["Action"] and version["IsDefaultVersion"]
    iam.create_user(UserName="ann")
    iam.attach_user_policy(UserName="ann", PolicyArn=READ)
    assert iam.get_policy(PolicyArn=READ)["Policy"]["AttachmentCount"] == 1
    for action, call, arguments in [
        ("DeletePolicy", iam.delete_policy, {}),
        ("CreatePolicyVersion", iam.create_policy_version, {"PolicyDocument": document()}),
        ("TagPolicy", iam.tag_policy, {"Tags": [{"Key": "k", "Value": "v"}]}),
    ]:
        code, message, status = refused(call, PolicyArn=READ, **arguments)
        assert (code, status) == ("AccessDenied", 403)
        assert message == (
            f"User: arn:aws:iam::{account.id}:root is not authorized to perform: iam:{action} on resource: policy {READ}")


def test_what_a_managed_policy_allows(user, client, refused):
    ann = user("ann")
    client("iam").attach_user_policy(UserName="ann", PolicyArn="arn:aws:iam::aws:policy/IAMReadOnlyAccess")
    ann("iam").list_users()
    assert refused(ann("iam").create_user, UserName="x")[0] == "AccessDenied"
