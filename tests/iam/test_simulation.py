"""Simulations; the answer's shape is the one recorded from AWS."""

import json


def test_simulate_principal_policy(client, account, trust, refused):
    iam = client("iam")
    statement = {"Sid": "", "Effect": "Allow", "Action": "s3:PutObject", "Resource": "*"}
    text = json.dumps({"Version": "2012-10-17", "Statement": statement})
    policy = iam.create_policy(PolicyName="p", PolicyDocument=text)["Policy"]["Arn"]
    iam.create_group(GroupName="g")
    iam.attach_group_policy(GroupName="g", PolicyArn=policy)
    iam.create_user(UserName="u")
    iam.attach_user_policy(UserName="u", PolicyArn=policy)
    iam.create_role(RoleName="r", AssumeRolePolicyDocument=trust(Service="lambda.amazonaws.com"))
    iam.attach_role_policy(RoleName="r", PolicyArn=policy)
    for source in ["group/g", "user/u", "role/r"]:
        answer = iam.simulate_principal_policy(
            PolicySourceArn=f"arn:aws:iam::{account.id}:{source}",
            ActionNames=["s3:PutObject", "s3:GetObjectVersion"],
            ResourceArns=["arn:aws:s3:::bucket"],
        )
        assert answer["IsTruncated"] is False
        allowed, denied = answer["EvaluationResults"]
        matched = allowed["MatchedStatements"]
        # AWS says `IAM Policy`, which is none of the values that its own model allows.
        assert [s["SourcePolicyType"] for s in matched] == ["user-managed"]
        assert matched[0]["StartPosition"] == {"Line": 1, "Column": 41}
        assert matched[0]["EndPosition"] == {"Line": 1, "Column": 113}
        assert allowed["EvalDecision"] == "allowed"
        expected = {
            "EvalActionName": "s3:GetObjectVersion",
            "EvalDecision": "implicitDeny",
            "EvalDecisionDetails": {},
            "EvalResourceName": "arn:aws:s3:::bucket",
            "MatchedStatements": [],
            "MissingContextValues": [],
            "OrganizationsDecisionDetail": {"AllowedByOrganizations": True},
            "ResourceSpecificResults": [
                {
                    "EvalResourceDecision": "implicitDeny",
                    "EvalResourceName": "arn:aws:s3:::bucket",
                    "MatchedStatements": [],
                    "MissingContextValues": [],
                }
            ],
        }
        assert denied == expected
    missing = f"arn:aws:iam::{account.id}:user/nobody"
    got = refused(iam.simulate_principal_policy, PolicySourceArn=missing, ActionNames=["s3:GetObject"])
    assert got[0] == "NoSuchEntity"


def test_simulate_custom_policy(client, document, refused):
    iam = client("iam")
    condition = {"StringEquals": {"aws:PrincipalTag/team": "red"}}
    policies = [document("Allow", "s3:*", "*", Condition=condition), document("Deny", "s3:Delete*", "*")]

    def decisions(**arguments):
        answer = iam.simulate_custom_policy(
            PolicyInputList=policies, ActionNames=["s3:GetObject", "s3:DeleteObject"], **arguments
        )
        return [result["EvalDecision"] for result in answer["EvaluationResults"]]

    assert decisions() == ["implicitDeny", "explicitDeny"]
    team = {"ContextKeyName": "aws:PrincipalTag/team", "ContextKeyValues": ["red"], "ContextKeyType": "string"}
    assert decisions(ContextEntries=[team]) == ["allowed", "explicitDeny"]
    narrow = [document("Allow", "s3:Put*", "*")]
    bounded = decisions(ContextEntries=[team], PermissionsBoundaryPolicyInputList=narrow)
    assert bounded == ["implicitDeny", "explicitDeny"]
    keys = iam.get_context_keys_for_custom_policy(PolicyInputList=policies)
    assert keys["ContextKeyNames"] == ["aws:PrincipalTag/team"]
    code, message, _ = refused(iam.simulate_custom_policy, PolicyInputList=["{"], ActionNames=["s3:GetObject"])
    assert message == "Syntax errors in policy."


def test_context_keys_of_a_principal(client, account, document, refused):
    iam = client("iam")
    iam.create_user(UserName="u")
    condition = {"Bool": {"aws:MultiFactorAuthPresent": "true"}}
    iam.put_user_policy(
        UserName="u", PolicyName="p", PolicyDocument=document("Allow", "s3:*", "*", Condition=condition)
    )
    arn = f"arn:aws:iam::{account.id}:user/u"
    keys = iam.get_context_keys_for_principal_policy(PolicySourceArn=arn)["ContextKeyNames"]
    assert keys == ["aws:MultiFactorAuthPresent"]
    got = refused(iam.get_context_keys_for_principal_policy, PolicySourceArn=arn + "x")
    assert got[0] == "NoSuchEntity"
