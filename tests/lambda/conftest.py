"""What tests of Lambda share: packages, a role, functions, and somebody who may do nothing."""

import itertools
import json

import pytest
from botocore.exceptions import ClientError

TRUST = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Principal": {"Service": "lambda.amazonaws.com"},
            "Action": "sts:AssumeRole",
        }
    ],
}
LOGS = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": "logs:*", "Resource": "*"}],
}
ECHO = "def handler(event, context):\n    return event\n"


@pytest.fixture
def lambda_(client):
    return client("lambda")


@pytest.fixture
def role(client):
    """The ARN of a role that Lambda may take on and that may write logs."""
    iam = client("iam")
    role = iam.create_role(RoleName="function", AssumeRolePolicyDocument=json.dumps(TRUST))["Role"]
    iam.put_role_policy(RoleName="function", PolicyName="logs", PolicyDocument=json.dumps(LOGS))
    return role["Arn"]


@pytest.fixture
def may_invoke(client, role):
    """Functions may invoke functions."""
    statement = {"Effect": "Allow", "Action": "lambda:InvokeFunction", "Resource": "*"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    name = role.rsplit("/", 1)[-1]
    client("iam").put_role_policy(RoleName=name, PolicyName="invoke", PolicyDocument=document)


@pytest.fixture
def create(lambda_, role, package, python_runtime):
    """`create()` makes a function that is active and answers with its name."""
    names = itertools.count(1)

    def make(source=ECHO, wait=True, **parameters):
        name = parameters.pop("FunctionName", f"f{next(names)}")
        files = source if isinstance(source, dict) else {"index.py": source}
        lambda_.create_function(
            **{
                "FunctionName": name,
                "Runtime": python_runtime,
                "Handler": "index.handler",
                "Role": role,
                "Code": {"ZipFile": package(files)},
                **parameters,
            }
        )
        if wait:
            lambda_.get_waiter("function_active_v2").wait(
                FunctionName=name, WaiterConfig={"Delay": 0.1, "MaxAttempts": 100}
            )
        return name

    return make


@pytest.fixture
def updated(lambda_):
    """Waits until an update of the function is done."""

    def wait(name):
        lambda_.get_waiter("function_updated_v2").wait(
            FunctionName=name, WaiterConfig={"Delay": 0.1, "MaxAttempts": 100}
        )

    return wait


@pytest.fixture
def versions(lambda_, create, updated):
    """A function with the versions 1 and 2."""
    name = create(Publish=True)
    lambda_.update_function_configuration(FunctionName=name, Description="second")
    updated(name)
    assert lambda_.publish_version(FunctionName=name)["Version"] == "2"
    return name


@pytest.fixture
def user(account, client):
    """`user({"Action": ...})` makes a user with these permissions and answers with a function that makes clients."""
    names = itertools.count(1)

    def make(*statements):
        iam, name = client("iam"), f"user{next(names)}"
        iam.create_user(UserName=name)
        if statements:
            document = {
                "Version": "2012-10-17",
                "Statement": [{"Effect": "Allow", "Resource": "*", **one} for one in statements],
            }
            iam.put_user_policy(
                UserName=name, PolicyName="p", PolicyDocument=json.dumps(document)
            )
        key = iam.create_access_key(UserName=name)["AccessKey"]
        return lambda service: account.cloud.client(
            service, access_key_id=key["AccessKeyId"], secret=key["SecretAccessKey"]
        )

    return make


@pytest.fixture
def nobody(user):
    """A client of Lambda whose user has no permission at all."""
    return user()("lambda")


@pytest.fixture(scope="session")
def fails():
    """`fails("Code", call, **parameters)`: the error that AWS would answer; answers with its message."""

    def check(code, call, /, **parameters):
        with pytest.raises(ClientError) as raised:
            call(**parameters)
        error = raised.value.response["Error"]
        assert error["Code"] == code, error
        return error["Message"] or ""

    return check


@pytest.fixture(scope="session")
def denied(fails):
    """`denied("lambda:Action", call, **parameters)`: the caller lacks exactly that permission."""

    def check(action, call, /, **parameters):
        message = fails("AccessDeniedException", call, **parameters)
        assert "is not authorized to perform: " + action in message, message

    return check
