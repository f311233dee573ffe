"""Sessions of roles and users."""

import datetime
import json

import pytest


@pytest.fixture
def role(client, account, trust):
    """`role("name", AWS=…)`: a new role that trusts that principal, the account itself unless told otherwise."""

    def new(name="work", hours=1, condition=None, **principal):
        document = trust(
            action=["sts:AssumeRole", "sts:TagSession", "sts:SetSourceIdentity"],
            condition=condition,
            **(principal or {"AWS": account.id}),
        )
        created = client("iam").create_role(
            RoleName=name, AssumeRolePolicyDocument=document, MaxSessionDuration=hours * 3600
        )
        return created["Role"]

    return new


@pytest.fixture
def ann(user, document):
    return user("ann", document("Allow", ["sts:*", "iam:ListRoles"], "*"))


@pytest.fixture
def as_session(cloud):
    def client_of(credentials, service="sts"):
        return cloud.client(
            service,
            access_key_id=credentials["AccessKeyId"],
            secret=credentials["SecretAccessKey"],
            token=credentials["SessionToken"],
        )

    return client_of


def test_get_caller_identity_of_a_user(account, ann):
    identity = ann("sts").get_caller_identity()
    assert identity["Arn"] == f"arn:aws:iam::{account.id}:user/ann"
    assert identity["UserId"].startswith("AIDA")
    assert identity["Account"] == account.id


def test_assume_role(account, ann, role, as_session):
    created = role()
    answer = ann("sts").assume_role(RoleArn=created["Arn"], RoleSessionName="session")
    # As recorded.
    assert set(answer) == {"AssumedRoleUser", "Credentials", "ResponseMetadata"}
    arn = f"arn:aws:sts::{account.id}:assumed-role/work/session"
    user = {"Arn": arn, "AssumedRoleId": f"{created['RoleId']}:session"}
    assert answer["AssumedRoleUser"] == user
    credentials = answer["Credentials"]
    assert credentials["AccessKeyId"].startswith("ASIA")
    left = credentials["Expiration"] - datetime.datetime.now(datetime.timezone.utc)
    assert datetime.timedelta(minutes=59) < left <= datetime.timedelta(minutes=60)
    identity = as_session(credentials).get_caller_identity()
    assert (identity["Arn"], identity["UserId"]) == (arn, user["AssumedRoleId"])


def test_a_session_may_do_what_its_role_may(client, ann, role, as_session, document, refused):
    iam = client("iam")
    created = role()
    answer = ann("sts").assume_role(RoleArn=created["Arn"], RoleSessionName="session")
    session = as_session(answer["Credentials"], "iam")
    code, message, _ = refused(session.list_users)
    assert code == "AccessDenied"
    assert message.startswith(f"User: {answer['AssumedRoleUser']['Arn']} is not authorized to perform: iam:ListUsers")
    iam.put_role_policy(RoleName="work", PolicyName="p", PolicyDocument=document("Allow", "iam:List*", "*"))
    session.list_users()
    iam.delete_role_policy(RoleName="work", PolicyName="p")
    assert refused(session.list_users)[0] == "AccessDenied"
    iam.delete_role(RoleName="work")
    assert refused(session.list_users)[0] == "InvalidClientTokenId"
    role()
    assert refused(session.list_users)[0] == "InvalidClientTokenId", "another role of the same name"


def test_session_policies(client, ann, role, as_session, document, refused):
    created = role()
    client("iam").put_role_policy(
        RoleName="work", PolicyName="p", PolicyDocument=document("Allow", "iam:*", "*")
    )
    answer = ann("sts").assume_role(
        RoleArn=created["Arn"], RoleSessionName="session", Policy=document("Allow", "iam:ListUsers", "*")
    )
    assert answer["PackedPolicySize"] > 0
    session = as_session(answer["Credentials"], "iam")
    session.list_users()
    _, message, _ = refused(session.list_roles)
    assert message.endswith("because no session policy allows the iam:ListRoles action")
    answer = ann("sts").assume_role(
        RoleArn=created["Arn"],
        RoleSessionName="session",
        PolicyArns=[{"arn": "arn:aws:iam::aws:policy/IAMReadOnlyAccess"}],
    )
    session = as_session(answer["Credentials"], "iam")
    session.list_roles()
    assert refused(session.create_user, UserName="x")[0] == "AccessDenied"


def test_assume_role_is_refused(ann, user, role, refused, account, document):
    created = role("work", Service="lambda.amazonaws.com")
    sts = ann("sts")
    message = (
        f"User: arn:aws:iam::{account.id}:user/ann is not authorized to perform: sts:AssumeRole on resource: "
        + created["Arn"]
    )
    arguments = {"RoleArn": created["Arn"], "RoleSessionName": "session"}
    assert refused(sts.assume_role, **arguments) == ("AccessDenied", message, 403)
    missing = {"RoleArn": created["Arn"] + "x", "RoleSessionName": "session"}
    assert refused(sts.assume_role, **missing) == ("AccessDenied", message + "x", 403)
    # A trusted account has to let its user.
    own = role("own")
    bob = user("bob")("sts")
    assert refused(bob.assume_role, RoleArn=own["Arn"], RoleSessionName="session")[0] == "AccessDenied"
    # A user who is named needs nothing else.
    named = role("named", AWS=f"arn:aws:iam::{account.id}:user/bob")
    bob.assume_role(RoleArn=named["Arn"], RoleSessionName="session")


def test_external_id(ann, role, refused):
    created = role(condition={"StringEquals": {"sts:ExternalId": "42"}})
    arguments = {"RoleArn": created["Arn"], "RoleSessionName": "session"}
    assert refused(ann("sts").assume_role, **arguments)[0] == "AccessDenied"
    ann("sts").assume_role(**arguments, ExternalId="42")


def test_other_accounts(cloud, client, role, refused, document):
    created = role(AWS="000000000011")
    other = cloud.client("iam", access_key_id="000000000011")
    name = f"visitor-{created['RoleId'].lower()}"
    other.create_user(UserName=name)
    key = other.create_access_key(UserName=name)["AccessKey"]
    visitor = cloud.client("sts", access_key_id=key["AccessKeyId"], secret=key["SecretAccessKey"])
    arguments = {"RoleArn": created["Arn"], "RoleSessionName": "session"}
    assert refused(visitor.assume_role, **arguments)[0] == "AccessDenied"
    allow = document("Allow", "sts:AssumeRole", created["Arn"])
    other.put_user_policy(UserName=name, PolicyName="p", PolicyDocument=allow)
    visitor.assume_role(**arguments)


def test_durations_and_chaining(ann, role, as_session, refused):
    long = role("long", hours=12)
    short = role("short")
    sts = ann("sts")
    name = {"RoleSessionName": "session"}
    answer = sts.assume_role(RoleArn=long["Arn"], DurationSeconds=43200, **name)
    code, message, _ = refused(sts.assume_role, RoleArn=short["Arn"], DurationSeconds=3601, **name)
    assert code == "ValidationError"
    assert message == "The requested DurationSeconds exceeds the MaxSessionDuration set for this role."
    session = as_session(answer["Credentials"])
    assert refused(session.assume_role, RoleArn=long["Arn"], **name)[0] == "AccessDenied"


def test_tags(client, ann, role, as_session, refused, document):
    created = role(hours=2)
    resource = "arn:aws:iam::*:user/${aws:PrincipalTag/team}"
    statement = {"Effect": "Allow", "Action": ["iam:GetUser", "sts:*"], "Resource": [resource, created["Arn"]]}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    client("iam").put_role_policy(RoleName="work", PolicyName="p", PolicyDocument=policy)
    client("iam").create_user(UserName="red")
    arguments = {"RoleArn": created["Arn"], "RoleSessionName": "session"}
    answer = ann("sts").assume_role(
        **arguments, Tags=[{"Key": "team", "Value": "red"}], TransitiveTagKeys=["team"]
    )
    as_session(answer["Credentials"], "iam").get_user(UserName="red")
    assert refused(as_session(answer["Credentials"], "iam").get_user, UserName="ann")[0] == "AccessDenied"
    session = as_session(answer["Credentials"])
    chained = session.assume_role(**arguments)
    as_session(chained["Credentials"], "iam").get_user(UserName="red")
    # As recorded.
    got = refused(session.assume_role, **arguments, Tags=[{"Key": "Team", "Value": "blue"}])
    conflict = (
        "One of the specified transitive tag keys can't be set because it conflicts with a transitive tag key from the "
        "calling session."
    )
    assert got == ("InvalidParameterValue", conflict, 400)
    twice = [{"Key": "a", "Value": "1"}, {"Key": "A", "Value": "2"}]
    message = "Duplicate tag keys found. Please note that Tag keys are case insensitive."
    assert refused(ann("sts").assume_role, **arguments, Tags=twice)[:2] == ("InvalidParameterValue", message)
    code, message, _ = refused(ann("sts").assume_role, **arguments, Tags=twice[:1], TransitiveTagKeys=["b"])
    assert message == "The specified transitive tag key must be included in the requested tags."


@pytest.mark.parametrize(
    "arn",
    [
        "nothing-valid-in-here",
        "arn::b:::something/test-role",
        "arn:a:a::aaaaaaaaaa:",
        "arn:a::::something/test-role",
        "arn:a:::something/test-role",
    ],
)
def test_invalid_role_arns(client, refused, arn):
    got = refused(client("sts").assume_role, RoleArn=arn, RoleSessionName="session")
    assert got == ("ValidationError", f"{arn} is invalid", 400)


def test_invalid_session_name(client, account, refused):
    arn = f"arn:aws:iam::{account.id}:role/r"
    code, message, _ = refused(client("sts").assume_role, RoleArn=arn, RoleSessionName="Session1:2")
    assert code == "ValidationError"
    assert message == (
        "1 validation error detected: Value 'Session1:2' at 'roleSessionName' failed to satisfy constraint: Member "
        "must satisfy regular expression pattern: [\\w+=,.@-]*"
    )


def test_tokens(cloud, ann, role, refused):
    credentials = ann("sts").assume_role(RoleArn=role()["Arn"], RoleSessionName="session")["Credentials"]
    key, secret = credentials["AccessKeyId"], credentials["SecretAccessKey"]
    for token in [None, "x", credentials["SessionToken"][:-8]]:
        sts = cloud.client("sts", access_key_id=key, secret=secret, token=token)
        assert refused(sts.get_caller_identity)[0] == "InvalidClientTokenId"
    sts = cloud.client("sts", access_key_id=key, secret="x", token=credentials["SessionToken"])
    assert refused(sts.get_caller_identity)[0] == "SignatureDoesNotMatch"


def test_older_sessions_are_revoked(client, ann, role, as_session, refused, document, eventually):
    created = role()
    iam = client("iam")
    iam.put_role_policy(RoleName="work", PolicyName="p", PolicyDocument=document("Allow", "iam:List*", "*"))
    arguments = {"RoleArn": created["Arn"], "RoleSessionName": "session"}
    older = as_session(ann("sts").assume_role(**arguments)["Credentials"], "iam")
    older.list_roles()
    now = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=1)
    condition = {"DateLessThan": {"aws:TokenIssueTime": now.strftime("%Y-%m-%dT%H:%M:%SZ")}}
    deny = document("Deny", "*", "*", Condition=condition)
    iam.put_role_policy(RoleName="work", PolicyName="AWSRevokeOlderSessions", PolicyDocument=deny)
    code, message, _ = refused(older.list_roles)
    assert code == "AccessDenied"
    assert message.endswith("with an explicit deny in an identity-based policy")

    def newer_may():
        session = as_session(ann("sts").assume_role(**arguments)["Credentials"], "iam")
        try:
            return session.list_roles()
        except session.exceptions.ClientError:
            return None

    eventually(newer_may)
    assert refused(older.list_roles)[0] == "AccessDenied"


def test_get_session_token(ann, as_session, refused, account):
    credentials = ann("sts").get_session_token(DurationSeconds=900)["Credentials"]
    session = as_session(credentials)
    assert session.get_caller_identity()["Arn"] == f"arn:aws:iam::{account.id}:user/ann"
    as_session(credentials, "iam").list_roles()
    got = refused(session.get_session_token)
    assert got == ("AccessDenied", "Cannot call GetSessionToken with session credentials", 403)
    assert refused(ann("sts").get_session_token, DurationSeconds=129601)[0] == "ValidationError"


def test_get_federation_token(ann, user, as_session, refused, account, document):
    policy = document("Allow", "iam:List*", "*")
    answer = ann("sts").get_federation_token(Name="guest", Policy=policy)
    assert answer["FederatedUser"] == {
        "Arn": f"arn:aws:sts::{account.id}:federated-user/guest",
        "FederatedUserId": f"{account.id}:guest",
    }
    guest = as_session(answer["Credentials"], "iam")
    guest.list_roles()
    # The user may list roles only, so the guest may no more.
    assert refused(guest.list_users)[0] == "AccessDenied"
    answer = ann("sts").get_federation_token(Name="guest")
    assert answer["PackedPolicySize"] == 0
    guest = as_session(answer["Credentials"], "iam")
    assert refused(guest.list_roles)[0] == "AccessDenied"
    assert refused(user("bob")("sts").get_federation_token, Name="guest")[0] == "AccessDenied"


def test_get_access_key_info(client, ann, user, account, refused):
    sts = client("sts")
    credentials = ann("sts").get_session_token()["Credentials"]
    assert sts.get_access_key_info(AccessKeyId=credentials["AccessKeyId"])["Account"] == account.id
    assert refused(sts.get_access_key_info, AccessKeyId="AKIA000000000000")[0] == "ValidationError"
    assert refused(user("bob")("sts").get_access_key_info, AccessKeyId="AKIA000000000000")[0] == "AccessDenied"


def test_aws_cli_with_a_profile_that_assumes(account, ann, role, tmp_path, client):
    created = role()
    key = client("iam").create_access_key(UserName="ann")["AccessKey"]
    config = tmp_path / "config"
    config.write_text(
        f"[profile base]\naws_access_key_id={key['AccessKeyId']}\naws_secret_access_key={key['SecretAccessKey']}\n"
        f"[profile work]\nrole_arn={created['Arn']}\nsource_profile=base\nrole_session_name=cli\n"
    )
    environment = {"AWS_CONFIG_FILE": str(config), "AWS_PROFILE": "work"}
    environment |= {"AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": ""}
    identity = account.cloud.aws("sts", "get-caller-identity", environment=environment)
    assert identity["Arn"] == f"arn:aws:sts::{account.id}:assumed-role/work/cli"
