"""What AWS itself answered, call by call.

A meant difference: `create-role` answers are compared in the tests of IAM.
"""

import sys
from pathlib import Path

import pytest
from botocore.exceptions import ClientError

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
import oracle  # noqa: E402


@pytest.fixture
def case(account):
    def load(name):
        return oracle.Case(oracle.load("sts", "sts.json", name), account.id)

    return load


@pytest.fixture
def ann(user, document):
    return user("ann", document("Allow", "sts:*", "*"))("sts")


@pytest.fixture
def role(client, trust, account):
    def new(name):
        document = trust(action=["sts:AssumeRole", "sts:TagSession"], AWS=account.id)
        return client("iam").create_role(RoleName=name, AssumeRolePolicyDocument=document)["Role"]

    return new


def error(call, **parameters):
    with pytest.raises(ClientError) as raised:
        call(**parameters)
    return raised.value.response


def test_assume_role(case, ann, role):
    recorded = case("TestSTSIntegrations::test_assume_role")
    answer = ann.assume_role(RoleArn=role("work")["Arn"], RoleSessionName="session")
    recorded.check("assume-role", answer)


def test_get_federation_token(case, ann):
    recorded = case("TestSTSIntegrations::test_get_federation_token")
    recorded.check("get-federation-token", ann.get_federation_token(Name="guest"))


def test_invalid_parameters(case, ann, account):
    recorded = case("TestSTSIntegrations::test_sts_invalid_parameters")
    for label, arn in {
        "malformed-arn": "nothing-valid-in-here",
        "no-partition": "arn::b:::something/test-role",
        "no-service": "arn:a::::something/test-role",
        "not-enough-colons": "arn:a:::something/test-role",
        "no-resource": "arn:a:a::aaaaaaaaaa:",
    }.items():
        recorded.check(label, error(ann.assume_role, RoleArn=arn, RoleSessionName="session"))
    arn = f"arn:aws:iam::{account.id}:role/r"
    recorded.check("invalid-session-name", error(ann.assume_role, RoleArn=arn, RoleSessionName="Session1:2"))


def test_tags_that_are_refused(case, ann, role):
    recorded = case("TestSTSAssumeRoleTagging::test_assume_role_tag_validation")
    call = {"RoleArn": role("work")["Arn"], "RoleSessionName": "session"}
    tags = [{"Key": "name", "Value": "1"}]
    recorded.check("invalid-transitive-tag-keys", error(ann.assume_role, **call, Tags=tags, TransitiveTagKeys=["other"]))
    tags.append({"Key": "Name", "Value": "2"})
    recorded.check("duplicate-tag-keys-different-casing", error(ann.assume_role, **call, Tags=tags))


def test_transitive_tags_that_would_be_changed(case, ann, role, cloud):
    recorded = case("TestSTSAssumeRoleTagging::test_iam_role_chaining_override_transitive_tags")
    first, second = role("first"), role("second")
    tags = [{"Key": "name", "Value": "1"}]
    made = ann.assume_role(
        RoleArn=first["Arn"], RoleSessionName="session", Tags=tags, TransitiveTagKeys=["name"])["Credentials"]
    session = cloud.client(
        "sts", access_key_id=made["AccessKeyId"], secret=made["SecretAccessKey"], token=made["SessionToken"])
    call = {"RoleArn": second["Arn"], "RoleSessionName": "session"}
    recorded.check("override-transitive-tag-error", error(session.assume_role, **call, Tags=tags))
    tags = [{"Key": "NAME", "Value": "1"}]
    recorded.check("override-transitive-tag-case-ignore-error", error(session.assume_role, **call, Tags=tags))
