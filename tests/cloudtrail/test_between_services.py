"""What services do for callers, and for each other, in the audit trail."""

import json

import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from botocore.exceptions import ClientError
from urllib import request as http
from urllib.error import HTTPError
from urllib.parse import urlsplit

LAMBDA = "lambda.amazonaws.com"


@pytest.fixture
def events(client, eventually):
    """`events("Decrypt", count)`: the details of that operation's events, once there are so many, the newest first."""
    trail = client("cloudtrail")

    def look(name, count=1):
        def found():
            attributes = [{"AttributeKey": "EventName", "AttributeValue": name}]
            rows = trail.lookup_events(LookupAttributes=attributes)["Events"]
            return [json.loads(row["CloudTrailEvent"]) for row in rows] if len(rows) >= count else None

        return eventually(found)

    return look


@pytest.fixture
def function(client, package, python_runtime, trust):
    """`function(**more)`: the ARN of a new function called `f` whose role is `fn`."""

    def make(**more):
        role = client("iam").create_role(RoleName="fn", AssumeRolePolicyDocument=trust(Service=LAMBDA))["Role"]
        made = client("lambda").create_function(
            FunctionName="f",
            Runtime=python_runtime,
            Role=role["Arn"],
            Handler="index.handler",
            Code={"ZipFile": package({"index.py": "def handler(event, context): return 1"})},
            **more,
        )
        waiter = client("lambda").get_waiter("function_active_v2")
        waiter.wait(FunctionName="f", WaiterConfig={"Delay": 0.1, "MaxAttempts": 100})
        return made["FunctionArn"]

    return make


def test_variables_of_functions(client, account, events, function):
    key = client("kms").create_key()["KeyMetadata"]["Arn"]
    arn = function(Environment={"Variables": {"SECRET": "very secret"}}, KMSKeyArn=key)
    client("lambda").invoke(FunctionName="f")
    [sealed] = events("Encrypt")
    assert sealed["eventSource"] == "kms.amazonaws.com"
    identity = sealed["userIdentity"]
    assert (identity["type"], identity["accountId"], identity["invokedBy"]) == ("Root", account.id, LAMBDA)
    assert (sealed["sourceIPAddress"], sealed["userAgent"]) == (LAMBDA, LAMBDA)
    assert sealed["requestParameters"] == {
        "keyId": key,
        "encryptionContext": {"aws:lambda:FunctionArn": arn},
        "encryptionAlgorithm": "SYMMETRIC_DEFAULT",
    }
    assert (sealed["eventType"], sealed["readOnly"], sealed["managementEvent"]) == ("AwsApiCall", True, True)
    assert {"accountId": account.id, "type": "AWS::KMS::Key", "ARN": key} in sealed["resources"]
    assert "very secret" not in json.dumps(sealed)
    [grant] = events("CreateGrant")
    assert grant["userIdentity"]["invokedBy"] == LAMBDA
    assert grant["requestParameters"]["granteePrincipal"].endswith(":role/fn")
    # The environment that was started opened them as the function's role.
    opened = events("Decrypt")[0]
    identity = opened["userIdentity"]
    assert (identity["type"], identity["invokedBy"]) == ("AssumedRole", LAMBDA)
    assert identity["sessionContext"]["sessionIssuer"]["userName"] == "fn"
    assert opened["requestParameters"]["encryptionContext"] == {"aws:lambda:FunctionArn": arn}
    # Each call is an event of its own beside that of the request that caused it.
    [created] = events("CreateFunction20150331")
    assert len({one["requestID"] for one in (created, sealed, grant, opened)}) == 4


def test_sessions_of_roles(client, account, events, function):
    function()
    client("lambda").invoke(FunctionName="f")
    session = events("AssumeRole")[0]
    assert session["userIdentity"] == {"type": "AWSService", "invokedBy": LAMBDA}
    assert (session["sourceIPAddress"], session["userAgent"]) == (LAMBDA, LAMBDA)
    assert session["eventSource"] == "sts.amazonaws.com"
    assert session["awsRegion"] == account.region
    role = f"arn:aws:iam::{account.id}:role/fn"
    assert session["requestParameters"] == {"roleArn": role, "roleSessionName": "f"}
    answer = session["responseElements"]
    assert answer["assumedRoleUser"]["arn"] == f"arn:aws:sts::{account.id}:assumed-role/fn/f"
    assert set(answer["credentials"]) == {"accessKeyId", "expiration"}
    assert {"accountId": account.id, "type": "AWS::IAM::Role", "ARN": role} in session["resources"]
    assert session["readOnly"] is True and session["recipientAccountId"] == account.id


def test_keys_of_log_groups(client, account, events):
    policy = {
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Allow", "Principal": {"AWS": account.id}, "Action": "kms:*", "Resource": "*"},
            {
                "Effect": "Allow",
                "Principal": {"Service": f"logs.{account.region}.amazonaws.com"},
                "Action": "kms:*",
                "Resource": "*",
            },
        ],
    }
    key = client("kms").create_key(Policy=json.dumps(policy))["KeyMetadata"]["Arn"]
    client("logs").create_log_group(logGroupName="g", kmsKeyId=key)
    [made] = events("GenerateDataKey")
    name = f"logs.{account.region}.amazonaws.com"
    assert made["userIdentity"] == {"type": "AWSService", "invokedBy": name}
    assert made["sourceIPAddress"] == name
    assert made["requestParameters"]["keySpec"] == "AES_256"


def test_denied_use_of_a_key(client, account, events, user, document, function):
    key = client("kms").create_key()["KeyMetadata"]["Arn"]
    function(Environment={"Variables": {"SECRET": "b"}}, KMSKeyArn=key)
    ann = user("ann", document("Allow", ["lambda:*", "iam:PassRole"], "*"))("lambda")
    shown = ann.get_function_configuration(FunctionName="f")["Environment"]
    assert shown["Error"]["ErrorCode"] == "AccessDeniedException"
    denied = next(event for event in events("Decrypt") if "errorCode" in event)
    assert denied["errorCode"] == "AccessDeniedException"
    assert (denied["userIdentity"]["userName"], denied["userIdentity"]["invokedBy"]) == ("ann", LAMBDA)
    explained = lambda request_id: json.loads(
        account.nuage("audit", "--why", request_id, "--output", "json").stdout
    )["explanation"]
    assert explained(denied["requestID"])["action"] == "kms:Decrypt"
    # Where it made the caller's own request fail, that is explained by it too.
    with pytest.raises(ClientError) as refused:
        ann.update_function_configuration(FunctionName="f", Environment={"Variables": {"SECRET": "c"}})
    request_id = refused.value.response["ResponseMetadata"]["RequestId"]
    assert explained(request_id)["action"].startswith("kms:")


def test_denied_invocations_by_services(client, account, function):
    """Calls on data are not shown, and what a denied one made fail is explained by it."""
    arn = function()
    client("logs").create_log_group(logGroupName="g")
    client("lambda").add_permission(
        FunctionName="f",
        StatementId="s",
        Action="lambda:InvokeFunction",
        Principal="logs.amazonaws.com",
        SourceArn=f"arn:aws:logs:{account.region}:{account.id}:log-group:another:*",
    )
    with pytest.raises(ClientError) as refused:
        client("logs").put_subscription_filter(
            logGroupName="g", filterName="f", filterPattern="", destinationArn=arn
        )
    request_id = refused.value.response["ResponseMetadata"]["RequestId"]
    found = json.loads(account.nuage("audit", "--why", request_id, "--output", "json").stdout)
    assert found["event"]["eventName"] == "PutSubscriptionFilter"
    explanation = found["explanation"]
    assert (explanation["action"], explanation["resource"]) == ("lambda:InvokeFunction", arn)
    assert explanation["principal"] == f"logs.{account.region}.amazonaws.com"
    [finding] = explanation["statements"]
    assert "SourceArn is not met" in finding["why"] and "log-group:g:*" in finding["why"]
    rows = client("cloudtrail").lookup_events()["Events"]
    assert "Invoke" not in {row["EventName"] for row in rows}


def test_denied_urls(client, account, user, document, function, cloud):
    function()
    url = client("lambda").create_function_url_config(FunctionName="f", AuthType="AWS_IAM")["FunctionUrl"]
    credentials = user("ann", document("Allow", "lambda:InvokeFunctionUrl", "*"))("lambda")
    credentials = credentials._request_signer._credentials
    asked = AWSRequest("GET", url)
    signer = SigV4Auth(Credentials(credentials.access_key, credentials.secret_key), "lambda", account.region)
    signer.add_auth(asked)
    parts = urlsplit(url)
    # Names below localhost are this machine's, whether its resolver knows or not.
    headers = {**dict(asked.headers), "Host": parts.netloc}
    with pytest.raises(HTTPError) as refused:
        http.urlopen(http.Request(f"http://127.0.0.1:{parts.port}/", headers=headers))
    assert refused.value.code == 403
    request_id = refused.value.headers["x-amzn-requestid"]
    found = json.loads(account.nuage("audit", "--why", request_id, "--output", "json").stdout)
    event = found["event"]
    assert (event["eventName"], event["errorCode"]) == ("InvokeFunctionUrl", "AccessDenied")
    assert event["userIdentity"]["userName"] == "ann"
    assert event["managementEvent"] is False
    assert event["requestParameters"]["functionName"].endswith(":function:f")
    assert found["explanation"]["action"] == "lambda:InvokeFunction"
    rows = client("cloudtrail").lookup_events()["Events"]
    assert "InvokeFunctionUrl" not in {row["EventName"] for row in rows}


def test_refused_signatures_are_not_recorded(client, account, cloud, user, document, events):
    """CloudTrail records what proven identities ask for: a wrong signature is nobody's."""
    key = user("ann", document("Allow", "iam:*", "*"))("iam")._request_signer._credentials.access_key
    liar = cloud.client("iam", access_key_id=key, secret="wrong")
    with pytest.raises(ClientError) as refused:
        liar.list_roles()
    assert refused.value.response["Error"]["Code"] == "SignatureDoesNotMatch"
    client("iam").list_groups()
    events("ListGroups")
    rows = client("cloudtrail").lookup_events()["Events"]
    assert "ListRoles" not in {row["EventName"] for row in rows}
