"""AddPermission, RemovePermission, GetPolicy."""

import json

S3 = {
    "StatementId": "s3",
    "Action": "lambda:InvokeFunction",
    "Principal": "s3.amazonaws.com",
    "SourceArn": "arn:aws:s3:::bucket",
}


def test_life(lambda_, create, account, fails):
    name = create()
    added = lambda_.add_permission(FunctionName=name, **S3)
    assert added["ResponseMetadata"]["HTTPStatusCode"] == 201
    statement = json.loads(added["Statement"])
    assert statement == {
        "Sid": "s3",
        "Effect": "Allow",
        "Principal": {"Service": "s3.amazonaws.com"},
        "Action": "lambda:InvokeFunction",
        "Resource": f"arn:aws:lambda:us-east-1:{account.id}:function:{name}",
        "Condition": {"ArnLike": {"AWS:SourceArn": "arn:aws:s3:::bucket"}},
    }
    got = lambda_.get_policy(FunctionName=name)
    assert json.loads(got["Policy"]) == {
        "Version": "2012-10-17", "Id": "default", "Statement": [statement]
    }
    lambda_.remove_permission(FunctionName=name, StatementId="s3", RevisionId=got["RevisionId"])
    message = fails("ResourceNotFoundException", lambda_.get_policy, FunctionName=name)
    assert message == "The resource you requested does not exist."


def test_versions_have_their_own(lambda_, versions, fails):
    lambda_.add_permission(FunctionName=versions, Qualifier="1", **S3)
    policy = json.loads(lambda_.get_policy(FunctionName=versions, Qualifier="1")["Policy"])
    assert policy["Statement"][0]["Resource"].endswith(f":{versions}:1")
    fails("ResourceNotFoundException", lambda_.get_policy, FunctionName=versions)


def test_conditions(lambda_, create, fails):
    name, add = create(), lambda_.add_permission
    base = {"FunctionName": name, "Principal": "*"}

    def condition(sid, action="lambda:InvokeFunction", **more):
        statement = json.loads(add(**base, StatementId=sid, Action=action, **more)["Statement"])
        return statement["Condition"]

    org = condition("org", PrincipalOrgID="o-a1b2c3d4e5")
    assert org == {"StringEquals": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}}
    token = condition("token", EventSourceToken="secret")
    assert token == {"StringEquals": {"lambda:EventSourceToken": "secret"}}
    url = condition("url", "lambda:InvokeFunctionUrl", FunctionUrlAuthType="NONE")
    assert url == {"StringEquals": {"lambda:FunctionUrlAuthType": "NONE"}}
    via = condition("via", InvokedViaFunctionUrl=True)
    assert via == {"Bool": {"lambda:InvokedViaFunctionUrl": "true"}}
    message = fails(
        "InvalidParameterValueException", add, **base, StatementId="x", Action="lambda:InvokeFunction",
        FunctionUrlAuthType="NONE",
    )
    assert message == "FunctionUrlAuthType is only supported for lambda:InvokeFunctionUrl action"


def test_cli(account, create):
    name = ["--function-name", create()]
    account.aws(
        "lambda", "add-permission", *name, "--statement-id", "s", "--action", "lambda:InvokeFunction",
        "--principal", "events.amazonaws.com",
    )
    assert "events.amazonaws.com" in account.aws("lambda", "get-policy", *name)["Policy"]
    account.aws("lambda", "remove-permission", *name, "--statement-id", "s")


def test_bad_input(lambda_, create, fails):
    name, add = create(), lambda_.add_permission
    lambda_.add_permission(FunctionName=name, **S3)
    fails("ResourceConflictException", add, FunctionName=name, **S3)
    other = {**S3, "StatementId": "other"}
    message = fails("PreconditionFailedException", add, FunctionName=name, RevisionId="wrong", **other)
    assert "Call the GetPolicy API" in message
    fails("InvalidParameterValueException", add, FunctionName=name, **{**other, "Principal": "nobody"})
    fails("ResourceNotFoundException", add, FunctionName="missing", **S3)


def test_what_is_missing(lambda_, create, account, fails):
    name, missing = create(), "ResourceNotFoundException"
    arn = f"arn:aws:lambda:us-east-1:{account.id}:function:"
    add, remove = lambda_.add_permission, lambda_.remove_permission
    no_alias = f"Cannot find alias arn: {arn}{name}:nope"
    assert fails(missing, add, FunctionName=name, Qualifier="nope", **S3) == no_alias
    assert fails(missing, remove, FunctionName=name, Qualifier="nope", StatementId="s3") == no_alias
    assert fails(missing, remove, FunctionName="gone", StatementId="s3") == f"No policy found for: {arn}gone"
    no_policy = "No policy is associated with the given resource."
    assert fails(missing, remove, FunctionName=name, StatementId="s3") == no_policy
    add(FunctionName=name, **S3)
    no_statement = "Statement x is not found in resource policy."
    assert fails(missing, remove, FunctionName=name, StatementId="x") == no_statement


def test_principals_that_mean_nobody(lambda_, create, account, fails):
    """They are refused, and the function can be used as before."""
    name = create()
    permission = {"FunctionName": name, "StatementId": "s", "Action": "lambda:InvokeFunction"}
    iam = f"arn:aws:iam::{account.id}:"
    wrong = [
        "amazonaws.com", "foo.bar", "arn:aws:iam:::root", f"arn:aws:sts::{account.id}:x",
        *(iam + resource for resource in ("role/*", "group/g", "*", "root/x", "role/none", "user/none")),
    ]
    for principal in wrong:
        message = fails("InvalidParameterValueException", lambda_.add_permission, **permission, Principal=principal)
        assert message == "The provided principal was invalid. Please check the principal and try again."
    assert lambda_.invoke(FunctionName=name)["StatusCode"] == 200
    lambda_.delete_function(FunctionName=name)


def test_who_takes_a_name_over_has_no_rights(lambda_, user, create, account, client):
    """A permission is for the role that there is, not for the next one with its name."""
    iam, name, sts = client("iam"), create(), user({"Action": "sts:AssumeRole"})("sts")
    trust = {"Effect": "Allow", "Principal": {"AWS": account.id}, "Action": "sts:AssumeRole"}
    trust = json.dumps({"Version": "2012-10-17", "Statement": [trust]})

    def invokes(role):
        key = sts.assume_role(RoleArn=role["Arn"], RoleSessionName="session")["Credentials"]
        inside = account.cloud.client("lambda", key["AccessKeyId"], key["SecretAccessKey"], key["SessionToken"])
        try:
            return inside.invoke(FunctionName=name)["StatusCode"] == 200
        except inside.exceptions.ClientError as error:
            assert error.response["Error"]["Code"] == "AccessDeniedException"
            return False

    def named():
        return json.loads(lambda_.get_policy(FunctionName=name)["Policy"])["Statement"][0]["Principal"]

    first = iam.create_role(RoleName="partner", AssumeRolePolicyDocument=trust)["Role"]
    grant = {"FunctionName": name, "Action": "lambda:InvokeFunction", "Principal": first["Arn"]}
    lambda_.add_permission(StatementId="s", **grant)
    assert named() == {"AWS": first["Arn"]}
    assert invokes(first)
    iam.delete_role(RoleName="partner")
    assert named() == {"AWS": first["RoleId"]}
    second = iam.create_role(RoleName="partner", AssumeRolePolicyDocument=trust)["Role"]
    assert not invokes(second)
    lambda_.add_permission(StatementId="t", **grant)
    assert invokes(second)
    assert named() == {"AWS": first["RoleId"]}
    lambda_.remove_permission(FunctionName=name, StatementId="s")
    assert named() == {"AWS": second["Arn"]}


def test_policies_can_name_principals(lambda_, user, create, denied):
    """`lambda:Principal` is whom the statement is about that is added, or removed."""
    name = create()
    only_s3 = {"StringEquals": {"lambda:Principal": "s3.amazonaws.com"}}
    client = user({"Action": ["lambda:AddPermission", "lambda:RemovePermission"], "Condition": only_s3})("lambda")
    other = {**S3, "StatementId": "other", "Principal": "sns.amazonaws.com"}
    client.add_permission(FunctionName=name, **S3)
    denied("lambda:AddPermission", client.add_permission, FunctionName=name, **other)
    lambda_.add_permission(FunctionName=name, **other)
    client.remove_permission(FunctionName=name, StatementId="s3")
    denied("lambda:RemovePermission", client.remove_permission, FunctionName=name, StatementId="other")


def test_policies_can_name_the_type_of_a_url(lambda_, user, create, denied):
    name = create()
    both = ["lambda:AddPermission", "lambda:RemovePermission"]
    public = {"StringEquals": {"lambda:FunctionUrlAuthType": "NONE"}}
    client = user({"Action": both}, {"Effect": "Deny", "Action": both, "Condition": public})("lambda")
    grant = {"FunctionName": name, "Action": "lambda:InvokeFunctionUrl", "Principal": "*"}
    client.add_permission(**grant, StatementId="iam", FunctionUrlAuthType="AWS_IAM")
    denied("lambda:AddPermission", client.add_permission, **grant, StatementId="none", FunctionUrlAuthType="NONE")
    lambda_.add_permission(**grant, StatementId="none", FunctionUrlAuthType="NONE")
    denied("lambda:RemovePermission", client.remove_permission, FunctionName=name, StatementId="none")
    client.remove_permission(FunctionName=name, StatementId="iam")


def test_denied(nobody, create, denied):
    name = create()
    denied("lambda:AddPermission", nobody.add_permission, FunctionName=name, **S3)
    denied("lambda:GetPolicy", nobody.get_policy, FunctionName=name)
    denied("lambda:RemovePermission", nobody.remove_permission, FunctionName=name, StatementId="s3")
