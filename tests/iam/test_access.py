"""Every operation is refused to a user without permissions, in AWS's words; and what is allowed is allowed."""

import json
import re
from pathlib import Path

import pytest
from botocore.exceptions import ClientError

ARN = "arn:aws:iam::{account}:{resource}"
U, G, R, I = {"UserName": "u"}, {"GroupName": "g"}, {"RoleName": "r"}, {"InstanceProfileName": "i"}
P = {"PolicyArn": "arn:aws:iam::123456789012:policy/p"}
TAGS, KEYS = {"Tags": [{"Key": "k", "Value": "v"}]}, {"TagKeys": ["k"]}
NAME, DOCUMENT, VERSION = {"PolicyName": "p"}, {"PolicyDocument": "{}"}, {"VersionId": "v1"}
BOUNDARY = {"PermissionsBoundary": "arn:aws:iam::123456789012:policy/p"}
KEY = {"AccessKeyId": "AKIAIOSFODNN7EXAMPLE"}

SERIAL = {"SerialNumber": "arn:aws:iam::123456789012:mfa/m"}
CODES = {"AuthenticationCode1": "000000", "AuthenticationCode2": "000001"}
CERTIFICATE, SSH = {"CertificateId": "C" * 32}, {"SSHPublicKeyId": "APKA" + "A" * 17}
SPECIFIC, STATUS = {"ServiceSpecificCredentialId": "ACCA" + "A" * 17}, {"Status": "Inactive"}
OIDC = {"OpenIDConnectProviderArn": "arn:aws:iam::123456789012:oidc-provider/example.com"}
SAML = {"SAMLProviderArn": "arn:aws:iam::123456789012:saml-provider/s"}
SERVER = {"ServerCertificateName": "s"}
ARN_OF_USER = {"Arn": "arn:aws:iam::123456789012:user/u"}
JOB = {"JobId": "0" * 36}


def other(arguments):
    """The resource of a call that names it by an ARN, here of another account, which would have to consent."""
    return {"PolicyArn": next(iter(arguments.values()))}


CALLS = {
    "AddClientIDToOpenIDConnectProvider": ({**OIDC, "ClientID": "c"}, other(OIDC)),
    "ChangePassword": ({"OldPassword": "a", "NewPassword": "b"}, "user/nobody"),
    "CreateLoginProfile": ({**U, "Password": "p"}, "user/u"),
    "CreateOpenIDConnectProvider": ({"Url": "https://example.com/a"}, "oidc-provider/example.com/a"),
    "CreateSAMLProvider": ({"Name": "s", "SAMLMetadataDocument": "x" * 1000}, "saml-provider/s"),
    "CreateServiceLinkedRole": (
        {"AWSServiceName": "ecs.amazonaws.com"},
        "role/aws-service-role/ecs.amazonaws.com/AWSServiceRoleForECS",
    ),
    "CreateServiceSpecificCredential": ({**U, "ServiceName": "codecommit.amazonaws.com"}, "user/u"),
    "CreateVirtualMFADevice": ({"VirtualMFADeviceName": "m"}, "mfa/m"),
    "DeactivateMFADevice": ({**U, **SERIAL}, "user/u"),
    "DeleteAccountPasswordPolicy": ({}, None),
    "DeleteLoginProfile": (U, "user/u"),
    "DeleteOpenIDConnectProvider": (OIDC, other(OIDC)),
    "DeleteSAMLProvider": (SAML, other(SAML)),
    "DeleteSSHPublicKey": ({**U, **SSH}, "user/u"),
    "DeleteServerCertificate": (SERVER, "server-certificate/s"),
    "DeleteServiceLinkedRole": (R, "role/r"),
    "DeleteServiceSpecificCredential": ({**U, **SPECIFIC}, "user/u"),
    "DeleteSigningCertificate": ({**U, **CERTIFICATE}, "user/u"),
    "DeleteVirtualMFADevice": (SERIAL, other(SERIAL)),
    "DisableOutboundWebIdentityFederation": ({}, None),
    "EnableMFADevice": ({**U, **SERIAL, **CODES}, "user/u"),
    "EnableOutboundWebIdentityFederation": ({}, None),
    "GenerateCredentialReport": ({}, None),
    "GenerateServiceLastAccessedDetails": (ARN_OF_USER, other(ARN_OF_USER)),
    "GetAccountAuthorizationDetails": ({}, None),
    "GetAccountPasswordPolicy": ({}, None),
    "GetCredentialReport": ({}, None),
    "GetLoginProfile": (U, "user/u"),
    "GetMFADevice": ({**SERIAL, **U}, "user/u"),
    "GetOpenIDConnectProvider": (OIDC, other(OIDC)),
    "GetOutboundWebIdentityFederationInfo": ({}, None),
    "GetSAMLProvider": (SAML, other(SAML)),
    "GetSSHPublicKey": ({**U, **SSH, "Encoding": "SSH"}, "user/u"),
    "GetServerCertificate": (SERVER, "server-certificate/s"),
    "GetServiceLastAccessedDetails": (JOB, None),
    "GetServiceLastAccessedDetailsWithEntities": ({**JOB, "ServiceNamespace": "s3"}, None),
    "GetServiceLinkedRoleDeletionStatus": (
        {"DeletionTaskId": "task/aws-service-role/ecs.amazonaws.com/AWSServiceRoleForECS/x"},
        "role/aws-service-role/ecs.amazonaws.com/AWSServiceRoleForECS",
    ),
    "ListMFADeviceTags": (SERIAL, other(SERIAL)),
    "ListMFADevices": (U, "user/u"),
    "ListOpenIDConnectProviderTags": (OIDC, other(OIDC)),
    "ListOpenIDConnectProviders": ({}, None),
    "ListPoliciesGrantingServiceAccess": (
        {**ARN_OF_USER, "ServiceNamespaces": ["s3"]},
        other(ARN_OF_USER),
    ),
    "ListSAMLProviderTags": (SAML, other(SAML)),
    "ListSAMLProviders": ({}, None),
    "ListSSHPublicKeys": (U, "user/u"),
    "ListServerCertificateTags": (SERVER, "server-certificate/s"),
    "ListServerCertificates": ({}, None),
    "ListServiceSpecificCredentials": (U, "user/u"),
    "ListSigningCertificates": (U, "user/u"),
    "ListVirtualMFADevices": ({}, None),
    "RemoveClientIDFromOpenIDConnectProvider": ({**OIDC, "ClientID": "c"}, other(OIDC)),
    "ResetServiceSpecificCredential": ({**U, **SPECIFIC}, "user/u"),
    "ResyncMFADevice": ({**U, **SERIAL, **CODES}, "user/u"),
    "SetSecurityTokenServicePreferences": ({"GlobalEndpointTokenVersion": "v2Token"}, None),
    "TagMFADevice": ({**SERIAL, **TAGS}, other(SERIAL)),
    "TagOpenIDConnectProvider": ({**OIDC, **TAGS}, other(OIDC)),
    "TagSAMLProvider": ({**SAML, **TAGS}, other(SAML)),
    "TagServerCertificate": ({**SERVER, **TAGS}, "server-certificate/s"),
    "UntagMFADevice": ({**SERIAL, **KEYS}, other(SERIAL)),
    "UntagOpenIDConnectProvider": ({**OIDC, **KEYS}, other(OIDC)),
    "UntagSAMLProvider": ({**SAML, **KEYS}, other(SAML)),
    "UntagServerCertificate": ({**SERVER, **KEYS}, "server-certificate/s"),
    "UpdateAccountPasswordPolicy": ({}, None),
    "UpdateLoginProfile": ({**U, "Password": "p"}, "user/u"),
    "UpdateOpenIDConnectProviderThumbprint": ({**OIDC, "ThumbprintList": ["a" * 40]}, other(OIDC)),
    "UpdateSAMLProvider": (SAML, other(SAML)),
    "UpdateSSHPublicKey": ({**U, **SSH, **STATUS}, "user/u"),
    "UpdateServerCertificate": (SERVER, "server-certificate/s"),
    "UpdateServiceSpecificCredential": ({**U, **SPECIFIC, **STATUS}, "user/u"),
    "UpdateSigningCertificate": ({**U, **CERTIFICATE, **STATUS}, "user/u"),
    "UploadSSHPublicKey": ({**U, "SSHPublicKeyBody": "x"}, "user/u"),
    "UploadServerCertificate": (
        {**SERVER, "CertificateBody": "x", "PrivateKey": "x"},
        "server-certificate/s",
    ),
    "UploadSigningCertificate": ({**U, "CertificateBody": "x"}, "user/u"),
    "AddRoleToInstanceProfile": ({**I, **R}, "instance-profile/i"),
    "AddUserToGroup": ({**G, **U}, "group/g"),
    "AttachGroupPolicy": ({**G, **P}, "group/g"),
    "AttachRolePolicy": ({**R, **P}, "role/r"),
    "AttachUserPolicy": ({**U, **P}, "user/u"),
    "CreateAccessKey": (U, "user/u"),
    "CreateAccountAlias": ({"AccountAlias": "alias"}, None),
    "CreateGroup": ({**G, "Path": "/x/"}, "group/x/g"),
    "CreateInstanceProfile": (I, "instance-profile/i"),
    "CreatePolicy": ({**NAME, **DOCUMENT}, "policy/p"),
    "CreatePolicyVersion": ({**P, **DOCUMENT}, P),
    "CreateRole": ({**R, "AssumeRolePolicyDocument": "{}", "Path": "/x/"}, "role/x/r"),
    "CreateUser": ({**U, "Path": "/x/"}, "user/x/u"),
    "DeleteAccessKey": ({**U, **KEY}, "user/u"),
    "DeleteAccountAlias": ({"AccountAlias": "alias"}, None),
    "DeleteGroup": (G, "group/g"),
    "DeleteGroupPolicy": ({**G, **NAME}, "group/g"),
    "DeleteInstanceProfile": (I, "instance-profile/i"),
    "DeletePolicy": (P, P),
    "DeletePolicyVersion": ({**P, **VERSION}, P),
    "DeleteRole": (R, "role/r"),
    "DeleteRolePermissionsBoundary": (R, "role/r"),
    "DeleteRolePolicy": ({**R, **NAME}, "role/r"),
    "DeleteUser": (U, "user/u"),
    "DeleteUserPermissionsBoundary": (U, "user/u"),
    "DeleteUserPolicy": ({**U, **NAME}, "user/u"),
    "DetachGroupPolicy": ({**G, **P}, "group/g"),
    "DetachRolePolicy": ({**R, **P}, "role/r"),
    "DetachUserPolicy": ({**U, **P}, "user/u"),
    "GetAccessKeyLastUsed": (KEY, None),
    "GetAccountSummary": ({}, None),
    "GetGroup": (G, "group/g"),
    "GetGroupPolicy": ({**G, **NAME}, "group/g"),
    "GetInstanceProfile": (I, "instance-profile/i"),
    "GetPolicy": (P, P),
    "GetPolicyVersion": ({**P, **VERSION}, P),
    "GetRole": (R, "role/r"),
    "GetRolePolicy": ({**R, **NAME}, "role/r"),
    "GetUser": (U, "user/u"),
    "GetUserPolicy": ({**U, **NAME}, "user/u"),
    "ListAccessKeys": (U, "user/u"),
    "ListAccountAliases": ({}, None),
    "ListAttachedGroupPolicies": (G, "group/g"),
    "ListAttachedRolePolicies": (R, "role/r"),
    "ListAttachedUserPolicies": (U, "user/u"),
    "ListEntitiesForPolicy": (P, P),
    "ListGroupPolicies": (G, "group/g"),
    "ListGroups": ({}, "group/"),
    "ListGroupsForUser": (U, "user/u"),
    "ListInstanceProfileTags": (I, "instance-profile/i"),
    "ListInstanceProfiles": ({}, "instance-profile/"),
    "ListInstanceProfilesForRole": (R, "role/r"),
    "ListPolicies": ({}, "policy/"),
    "ListPolicyTags": (P, P),
    "ListPolicyVersions": (P, P),
    "ListRolePolicies": (R, "role/r"),
    "ListRoleTags": (R, "role/r"),
    "ListRoles": ({}, "role/"),
    "ListUserPolicies": (U, "user/u"),
    "ListUserTags": (U, "user/u"),
    "ListUsers": ({}, "user/"),
    "PutGroupPolicy": ({**G, **NAME, **DOCUMENT}, "group/g"),
    "PutRolePermissionsBoundary": ({**R, **BOUNDARY}, "role/r"),
    "PutRolePolicy": ({**R, **NAME, **DOCUMENT}, "role/r"),
    "PutUserPermissionsBoundary": ({**U, **BOUNDARY}, "user/u"),
    "PutUserPolicy": ({**U, **NAME, **DOCUMENT}, "user/u"),
    "RemoveRoleFromInstanceProfile": ({**I, **R}, "instance-profile/i"),
    "RemoveUserFromGroup": ({**G, **U}, "group/g"),
    "SetDefaultPolicyVersion": ({**P, **VERSION}, P),
    "SimulateCustomPolicy": ({"PolicyInputList": ["{}"], "ActionNames": ["s3:GetObject"]}, None),
    "SimulatePrincipalPolicy": (
        {"PolicySourceArn": "arn:aws:iam::123456789012:user/u", "ActionNames": ["s3:GetObject"]},
        {"PolicyArn": "arn:aws:iam::123456789012:user/u"},
    ),
    "GetContextKeysForCustomPolicy": ({"PolicyInputList": ["{}"]}, None),
    "GetContextKeysForPrincipalPolicy": (
        {"PolicySourceArn": "arn:aws:iam::123456789012:user/u"},
        {"PolicyArn": "arn:aws:iam::123456789012:user/u"},
    ),
    "TagInstanceProfile": ({**I, **TAGS}, "instance-profile/i"),
    "TagPolicy": ({**P, **TAGS}, P),
    "TagRole": ({**R, **TAGS}, "role/r"),
    "TagUser": ({**U, **TAGS}, "user/u"),
    "UntagInstanceProfile": ({**I, **KEYS}, "instance-profile/i"),
    "UntagPolicy": ({**P, **KEYS}, P),
    "UntagRole": ({**R, **KEYS}, "role/r"),
    "UntagUser": ({**U, **KEYS}, "user/u"),
    "UpdateAccessKey": ({**U, **KEY, "Status": "Active"}, "user/u"),
    "UpdateAssumeRolePolicy": ({**R, **DOCUMENT}, "role/r"),
    "UpdateGroup": (G, "group/g"),
    "UpdateRole": (R, "role/r"),
    "UpdateRoleDescription": ({**R, "Description": "d"}, "role/r"),
    "UpdateUser": (U, "user/u"),
}


def snake(operation, client):
    return next(name for name, op in client.meta.method_to_api_mapping.items() if op == operation)


def test_denied(account, user, refused):
    nobody = user("nobody")("iam")
    for operation, (arguments, resource) in CALLS.items():
        if isinstance(resource, dict):
            # The policy of another account, which would have to consent.
            resource, kind = resource["PolicyArn"], "resource-based"
        else:
            resource = ARN.format(account=account.id, resource=resource) if resource else "*"
            kind = "identity-based"
        code, message, status = refused(getattr(nobody, snake(operation, nobody)), **arguments)
        assert (code, status) == ("AccessDenied", 403), operation
        assert message == (
            f"User: arn:aws:iam::{account.id}:user/nobody is not authorized to perform: iam:{operation} "
            f"on resource: {resource} because no {kind} policy allows the iam:{operation} action"
        )


def test_every_built_operation_is_in_the_table():
    text = (Path(__file__).resolve().parents[2] / "docs/coverage.md").read_text()
    built = text.split("## iam")[1].split("Not built:")[0]
    assert set(re.findall(r"`(\w+)`", built)) == set(CALLS)


def test_allowed(account, user, document):
    """With the one action allowed, whatever an operation answers is no refusal of the access rules."""
    someone = user("someone")("iam")
    iam = account.client("iam")
    for operation, (arguments, _) in CALLS.items():
        statement = {"Effect": "Allow", "Action": [f"iam:{operation}", "iam:PassRole"], "Resource": "*"}
        policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
        iam.put_user_policy(UserName="someone", PolicyName="one", PolicyDocument=policy)
        mine = json.loads(json.dumps(arguments).replace("123456789012", account.id))
        try:
            getattr(someone, snake(operation, someone))(**mine)
        except ClientError as error:
            assert "is not authorized to perform" not in str(error), operation


def test_root_user_of_one_account_sees_nothing_of_another(cloud, account, client):
    client("iam").create_user(UserName="mine")
    other = cloud.client("iam", access_key_id="000000000007")
    assert all(user["UserName"] != "mine" for user in other.list_users()["Users"])


def test_explicit_deny(user, document, refused, account):
    allow = json.loads(document("Allow", "iam:*", "*"))
    allow["Statement"].append({"Effect": "Deny", "Action": "iam:ListUsers", "Resource": "*"})
    ann = user("ann", json.dumps(allow))("iam")
    ann.list_roles()
    code, message, _ = refused(ann.list_users)
    assert code == "AccessDenied"
    assert message == (
        f"User: arn:aws:iam::{account.id}:user/ann is not authorized to perform: iam:ListUsers on resource: "
        f"arn:aws:iam::{account.id}:user/ with an explicit deny in an identity-based policy"
    )


@pytest.mark.parametrize(
    ("condition", "allowed"),
    [
        ({"StringEquals": {"aws:RequestedRegion": "us-east-1"}}, True),
        ({"StringEquals": {"aws:RequestedRegion": "eu-west-1"}}, False),
        ({"StringEquals": {"aws:username": "ann"}}, True),
        ({"IpAddress": {"aws:SourceIp": "127.0.0.0/8"}}, True),
        ({"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}}, False),
        ({"DateGreaterThan": {"aws:CurrentTime": "2020-01-01T00:00:00Z"}}, True),
        ({"DateLessThan": {"aws:CurrentTime": "2020-01-01T00:00:00Z"}}, False),
        ({"StringLike": {"aws:UserAgent": "*Boto3*"}}, True),
        ({"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:user/a*"}}, True),
        ({"Null": {"aws:TokenIssueTime": "true"}}, True),
        ({"Bool": {"aws:SecureTransport": "true"}, "StringEquals": {"aws:userid": "x"}}, False),
    ],
)
def test_conditions(user, document, refused, condition, allowed):
    ann = user("ann", document("Allow", "iam:ListUsers", "*", Condition=condition))("iam")
    if allowed:
        ann.list_users()
    else:
        assert refused(ann.list_users)[0] == "AccessDenied"


def test_variables(user, document, refused):
    ann = user("ann", document("Allow", "iam:*AccessKey*", "arn:aws:iam::*:user/${aws:username}"))("iam")
    assert len(ann.list_access_keys()["AccessKeyMetadata"]) == 1
    assert refused(ann.list_access_keys, UserName="bob")[0] == "AccessDenied"


def test_tags(client, user, document, refused):
    iam = client("iam")
    red, blue = [{"Key": "team", "Value": "red"}], [{"Key": "team", "Value": "blue"}]
    iam.create_user(UserName="r", Tags=red)
    iam.create_user(UserName="b", Tags=blue)
    for key in ("aws:ResourceTag/team", "iam:ResourceTag/team"):
        condition = {"StringEquals": {key: "red"}}
        name = key.partition(":")[0]
        mine = user(name, document("Allow", "iam:*", "*", Condition=condition))("iam")
        mine.get_user(UserName="r")
        mine.create_access_key(UserName="r")
        assert refused(mine.get_user, UserName="b")[0] == "AccessDenied"
        assert refused(mine.tag_user, UserName="b", Tags=red)[0] == "AccessDenied"
    condition = {"StringEquals": {"aws:RequestTag/team": "red"}}
    mine = user("maker", document("Allow", ["iam:CreateUser", "iam:TagUser"], "*", Condition=condition))("iam")
    mine.create_user(UserName="new", Tags=red)
    mine.tag_user(UserName="new", Tags=red)
    assert refused(mine.create_user, UserName="newer")[0] == "AccessDenied"
    assert refused(mine.create_user, UserName="newer", Tags=blue)[0] == "AccessDenied"
    condition = {"ForAllValues:StringEquals": {"aws:TagKeys": ["stage"]}}
    mine = user("taker", document("Allow", "iam:UntagUser", "*", Condition=condition))("iam")
    mine.untag_user(UserName="new", TagKeys=["stage"])
    assert refused(mine.untag_user, UserName="new", TagKeys=["team"])[0] == "AccessDenied"
