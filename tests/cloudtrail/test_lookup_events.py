"""`LookupEvents`: what was called, by whom, and how it ended."""

import datetime
import json

import pytest


@pytest.fixture
def events(client, eventually):
    """`events("CreateRole", count)`: the events of that operation, the newest first, once there are so many."""
    trail = client("cloudtrail")

    def look(name, count=1):
        def found():
            attributes = [{"AttributeKey": "EventName", "AttributeValue": name}]
            rows = trail.lookup_events(LookupAttributes=attributes)["Events"]
            return rows if len(rows) >= count else None

        return eventually(found)

    return look


def detail(event):
    return json.loads(event["CloudTrailEvent"])


def test_an_event(client, account, events):
    answer = client("iam").create_user(UserName="ann", Tags=[{"Key": "a", "Value": "b"}])
    [row] = events("CreateUser")
    assert row["EventName"] == "CreateUser"
    assert row["EventSource"] == "iam.amazonaws.com"
    assert row["ReadOnly"] == "false"
    assert row["Username"] == "root"
    assert row["AccessKeyId"] == account.id
    assert {"ResourceType": "AWS::IAM::User", "ResourceName": "ann"} in row["Resources"]
    event = detail(row)
    assert event["eventID"] == row["EventId"]
    assert event["eventVersion"] == "1.11"
    assert event["requestID"] == answer["ResponseMetadata"]["RequestId"]
    assert event["userIdentity"] == {
        "type": "Root",
        "principalId": account.id,
        "arn": f"arn:aws:iam::{account.id}:root",
        "accountId": account.id,
        "accessKeyId": account.id,
    }
    assert event["awsRegion"] == "us-east-1"
    assert event["sourceIPAddress"] == "127.0.0.1"
    assert "Boto3" in event["userAgent"]
    assert event["requestParameters"] == {"userName": "ann", "tags": [{"key": "a", "value": "b"}]}
    assert event["responseElements"]["user"]["arn"] == answer["User"]["Arn"]
    assert (event["readOnly"], event["managementEvent"], event["eventCategory"]) == (False, True, "Management")
    assert event["recipientAccountId"] == account.id
    assert "errorCode" not in event
    now = datetime.datetime.now(datetime.timezone.utc)
    assert abs(now - row["EventTime"]) < datetime.timedelta(minutes=2)


def test_errors_and_denials(client, user, refused, events, document):
    refused(client("iam").get_user, UserName="nobody")
    event = detail(events("GetUser")[0])
    assert event["errorCode"] == "NoSuchEntity"
    assert "nobody" in event["errorMessage"]
    assert event["responseElements"] is None
    ann = user("ann", document("Allow", "iam:GetUser", "*"))
    refused(ann("iam").list_roles)
    event = detail(events("ListRoles")[0])
    assert event["errorCode"] == "AccessDenied"
    assert event["userIdentity"]["type"] == "IAMUser"
    assert event["userIdentity"]["userName"] == "ann"


def test_sessions(client, account, user, document, trust, cloud, events):
    ann = user("ann", document("Allow", "sts:*", "*"))
    role = client("iam").create_role(RoleName="work", AssumeRolePolicyDocument=trust(AWS=account.id))["Role"]
    client("iam").put_role_policy(RoleName="work", PolicyName="p", PolicyDocument=document("Allow", "iam:*", "*"))
    made = ann("sts").assume_role(RoleArn=role["Arn"], RoleSessionName="session")["Credentials"]
    session = cloud.client(
        "iam", access_key_id=made["AccessKeyId"], secret=made["SecretAccessKey"], token=made["SessionToken"])
    session.list_groups()
    identity = detail(events("ListGroups")[0])["userIdentity"]
    assert identity["type"] == "AssumedRole"
    assert identity["arn"] == f"arn:aws:sts::{account.id}:assumed-role/work/session"
    context = identity["sessionContext"]
    assert context["attributes"]["mfaAuthenticated"] == "false"
    assert context["sessionIssuer"] == {
        "type": "Role",
        "principalId": role["RoleId"],
        "arn": role["Arn"],
        "accountId": account.id,
        "userName": "work",
    }
    assumed = events("AssumeRole")[0]
    assert assumed["ReadOnly"] == "true"
    for secret in (made["SecretAccessKey"], made["SessionToken"]):
        assert secret not in assumed["CloudTrailEvent"]
    assert detail(assumed)["responseElements"]["credentials"]["accessKeyId"] == made["AccessKeyId"]


def test_secrets_are_hidden(client, events):
    key = client("kms").create_key()["KeyMetadata"]["KeyId"]
    client("kms").encrypt(KeyId=key, Plaintext=b"very secret")
    event = detail(events("Encrypt")[0])
    assert event["requestParameters"]["plaintext"] == "HIDDEN_DUE_TO_SECURITY_REASONS"
    client("iam").create_user(UserName="ann")
    made = client("iam").create_access_key(UserName="ann")["AccessKey"]
    row = events("CreateAccessKey")[0]
    assert made["SecretAccessKey"] not in row["CloudTrailEvent"]
    assert detail(row)["responseElements"]["accessKey"]["accessKeyId"] == made["AccessKeyId"]


def test_variables_of_functions_are_hidden(client, events, package, python_runtime, trust):
    role = client("iam").create_role(RoleName="fn", AssumeRolePolicyDocument=trust(Service="lambda.amazonaws.com"))
    client("lambda").create_function(
        FunctionName="f",
        Runtime=python_runtime,
        Role=role["Role"]["Arn"],
        Handler="index.handler",
        Code={"ZipFile": package({"index.py": "def handler(event, context): return 1"})},
        Environment={"Variables": {"PASSWORD": "hunter2-very-secret"}},
    )
    waiter = client("lambda").get_waiter("function_active_v2")
    waiter.wait(FunctionName="f", WaiterConfig={"Delay": 0.1, "MaxAttempts": 100})
    client("lambda").invoke(FunctionName="f", Payload=b"{}")
    row = events("CreateFunction20150331")[0]
    assert "hunter2" not in row["CloudTrailEvent"]
    assert {"ResourceType": "AWS::Lambda::Function", "ResourceName": "f"} in row["Resources"]
    client("lambda").get_function(FunctionName="f")
    row = events("GetFunction20150331v2")[0]
    event = detail(row)
    assert (event["eventName"], event["readOnly"]) == (row["EventName"], True)
    assert (event["managementEvent"], event["apiVersion"]) == (True, "2015-03-31")
    rows = client("cloudtrail").lookup_events()["Events"]
    assert "Invoke" not in {row["EventName"] for row in rows}, "an event on data"


def test_attributes_and_pages(client, account, user, document, events):
    iam, trail = client("iam"), client("cloudtrail")
    for number in range(7):
        iam.create_group(GroupName=f"g{number}")
    ann = user("ann", document("Allow", "iam:*", "*"))("iam")
    ann.list_groups()
    events("ListGroups")
    look = lambda key, value, **more: trail.lookup_events(
        LookupAttributes=[{"AttributeKey": key, "AttributeValue": value}], **more)
    names = lambda answer: [row["EventName"] for row in answer["Events"]]
    assert names(look("Username", "ann")) == ["ListGroups"]
    assert names(look("ResourceName", "g3")) == ["CreateGroup"]
    assert names(look("ResourceType", "AWS::IAM::Group")) == ["CreateGroup"] * 7
    assert "ListGroups" in names(look("ReadOnly", "true"))
    assert "ListGroups" not in names(look("ReadOnly", "false"))
    assert set(names(look("EventSource", "iam.amazonaws.com"))) >= {"CreateGroup", "ListGroups"}
    assert look("EventSource", "lambda.amazonaws.com")["Events"] == []
    key = ann.meta.client if hasattr(ann.meta, "client") else ann
    access_key = key._request_signer._credentials.access_key
    assert names(look("AccessKeyId", access_key)) == ["ListGroups"]
    [event] = look("Username", "ann")["Events"]
    assert names(look("EventId", event["EventId"])) == ["ListGroups"]
    page, seen = look("EventName", "CreateGroup", MaxResults=3), []
    while True:
        seen += [row["Resources"][0]["ResourceName"] for row in page["Events"]]
        if not page.get("NextToken"):
            break
        page = look("EventName", "CreateGroup", MaxResults=3, NextToken=page["NextToken"])
    assert seen == [f"g{number}" for number in reversed(range(7))]


def test_time_ranges_and_regions(account, client, events):
    client("iam").create_group(GroupName="g")
    events("CreateGroup")
    trail = client("cloudtrail")
    now = datetime.datetime.now(datetime.timezone.utc)
    hour = datetime.timedelta(hours=1)
    assert trail.lookup_events(StartTime=now - hour, EndTime=now + hour)["Events"]
    assert trail.lookup_events(StartTime=now - 2 * hour, EndTime=now - hour)["Events"] == []
    elsewhere = account.client("cloudtrail", region="eu-west-1")
    assert [row for row in elsewhere.lookup_events()["Events"] if row["EventName"] == "CreateGroup"] == []


def test_bad_input(client, refused):
    trail = client("cloudtrail")
    one = {"AttributeKey": "EventName", "AttributeValue": "x"}
    assert refused(trail.lookup_events, LookupAttributes=[one, one])[0] == "InvalidLookupAttributesException"
    now = datetime.datetime.now(datetime.timezone.utc)
    early = now - datetime.timedelta(hours=1)
    assert refused(trail.lookup_events, StartTime=now, EndTime=early)[0] == "InvalidTimeRangeException"
    assert refused(trail.lookup_events, NextToken="nonsense")[0] == "InvalidNextTokenException"
    assert refused(trail.lookup_events, EventCategory="insight")[2] == 501
    assert refused(trail.describe_trails)[2] == 501


def test_denied_by_iam(user, document, refused):
    ann = user("ann", document("Allow", "iam:*", "*"))
    code, message, _ = refused(ann("cloudtrail").lookup_events)
    assert code == "AccessDeniedException"
    assert message.endswith("because no identity-based policy allows the cloudtrail:LookupEvents action")


def test_accounts_do_not_see_each_other(client, cloud, events):
    client("iam").create_group(GroupName="secret-group")
    events("CreateGroup")
    rows = cloud.client("cloudtrail").lookup_events()["Events"]
    assert not any("secret-group" in row["CloudTrailEvent"] for row in rows)


def test_events_outlive_a_restart(own_cloud, tmp_path):
    cloud = own_cloud("--data-dir", tmp_path / "data")
    cloud.client("iam").create_group(GroupName="kept")
    cloud.terminate()
    cloud.start()
    rows = cloud.client("cloudtrail").lookup_events()["Events"]
    assert "CreateGroup" in {row["EventName"] for row in rows}
